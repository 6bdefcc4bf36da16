"""What an observer is told."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final, Literal, Protocol

__all__ = ["Event", "EventKind", "Observer", "Phase", "Unit", "new_unit", "numbers"]

EventKind = Literal[
    "opening", "opened", "reused", "waiting", "waited", "closing", "closed", "failed"
]
"""What has happened to a dependency.

``opening`` and ``opened`` are the beginning and the end of its call, up to the ``yield`` of one
that yields; ``closing`` and ``closed`` those of its exit. ``waiting`` is told where no thread is
free for it or its limit is reached, ``waited`` when that is over. ``failed`` stands in the place
of ``opened``, ``waited`` or ``closed``.
"""

Phase = Literal["waiting", "opening", "closing"]

numbers: Final = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Unit:
    """The identity of a unit of work: of a request, a call, a `container.scope()`.

    All dependencies of scope "app" that one application has set up share a unit, too.
    """

    number: int
    """Unique in this process."""
    name: str
    """What it is for: the name of the endpoint or function, ``application``, ``scope``."""
    place: str
    """Where that is defined, ``file:line``."""


def new_unit(name: str, place: str = "") -> Unit:
    """A unit that differs from all others."""
    return Unit(next(numbers), name, place)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that has happened to one dependency."""

    kind: EventKind
    name: str
    """The dependency's name."""
    place: str
    """Where it is defined, ``file:line``."""
    scope: str
    """"request", "function" or "app"; empty for what leaves nothing open and declares none."""
    unit: Unit
    number: int
    """Which opening of it this is about, unique in this process; zero before there is one."""
    stays_open: bool
    """Whether it yields, so that a ``closed`` or a failure follows on ``opened``."""
    phase: Phase
    """What it was about to do, where it waits or fails."""
    seconds: float = 0.0
    """How long what is over has taken; zero where something begins, and for ``reused``."""
    error: BaseException | None = None
    """Of ``failed``: what it has raised itself. Of ``closing`` and ``closed``: what was delivered
    at its ``yield``. None where the exit runs after success."""


class Observer(Protocol):
    """Whatever is called with each event: a function, or an object with ``__call__``.

    It is called where the event happens, in worker threads too, while the unit of work waits. It
    had better be quick. What it raises is logged, and disturbs nobody.
    """

    def __call__(self, event: Event, /) -> object:
        """Take note of *event*."""
        ...
