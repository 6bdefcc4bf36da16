"""The steps of a plan: plain data, consumed by the emitter and by the interpreter alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tenure.graph.markers import Limit
from tenure.graph.nodes import InputUse, Node
from tenure.graph.providers import Kind
from tenure.graph.suspension import exit_may_suspend

__all__ = [
    "Call",
    "Close",
    "Deliver",
    "Finish",
    "Hop",
    "Open",
    "Plan",
    "Read",
    "Root",
    "Step",
    "Take",
    "Together",
    "flat",
]


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """Read the inputs of one node from the source into *targets*, right before it is called."""

    uses: tuple[InputUse, ...]
    targets: tuple[str, ...]


class _OfDependency:
    """Has the name and the place that errors at run time say of it."""

    __slots__ = ()
    node: Node

    @property
    def name(self) -> str:
        """The dependency's name."""
        return self.node.provider.name

    @property
    def place(self) -> str:
        """Where it is defined, ``file:line``."""
        return self.node.provider.place


@dataclass(frozen=True, slots=True)
class Call(_OfDependency):
    """Call a dependency that leaves nothing open."""

    node: Node
    target: str
    arguments: tuple[tuple[str, str], ...]
    """Parameter and variable, in the order of the signature."""
    waits: bool = True
    """Whether, called for itself in a worker thread, it may wait for a free one (see ``Hop``)."""

    @property
    def limit(self) -> Limit | None:
        """What it takes a slot of until it returns."""
        return self.node.limit

    @property
    def opens(self) -> bool:
        """Not a generator: nothing is left to close."""
        return False

    @property
    def exit_timeout(self) -> float | None:
        """There is no exit."""
        return None

    @property
    def indirect(self) -> bool:
        """Whether the call returns something that has to be looked at before it is awaited."""
        return self.node.provider.indirect

    @property
    def is_async(self) -> bool:
        """Whether what the call returns is awaited."""
        return self.node.provider.kind is not Kind.FUNCTION

    @property
    def in_thread(self) -> bool:
        """Whether it runs in a worker thread."""
        return self.node.in_thread and not self.is_async


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """Take the value of a dependency of scope "app", which is set up if it was not before."""

    node: Node
    target: str


@dataclass(frozen=True, slots=True, eq=False)
class Open(_OfDependency):
    """Run a generator up to its ``yield``; from then on it is open.

    ``name`` and ``place`` are what errors at run time say about it, ``is_async`` and
    ``in_thread`` how it is driven.
    """

    node: Node
    target: str
    generator: str
    """The variable that holds the generator itself."""
    arguments: tuple[tuple[str, str], ...]
    is_branch: bool = False
    """Opened in a task of its own, which is driven in the place of the generator."""
    exit_timeout: float | None = None
    """Seconds that its exit may take; None means any time."""
    is_slot: bool = False
    """Not the generator, but the slot that it takes before it is opened, and gives back after it
    is closed; driven as an async generator that provides nothing."""

    @property
    def opens(self) -> bool:
        """A generator: it has to be closed."""
        return True

    @property
    def is_plain(self) -> bool:
        """Whether a plain generator is open from then on, in whatever task or thread."""
        return not self.is_slot and self.node.provider.kind is Kind.GENERATOR

    @property
    def call(self) -> Callable[..., Any]:
        """The generator function."""
        return self.node.call

    @property
    def may_suspend(self) -> bool:
        """Whether its exit may wait for something, so that it has to be shielded then."""
        if self.is_branch or self.is_slot:
            return self.is_branch
        return self.is_async and (self.indirect or exit_may_suspend(self.call))

    @property
    def limit(self) -> Limit | None:
        """What the slot is one of."""
        return self.node.limit

    @property
    def is_async(self) -> bool:
        """Whether it is driven as an async generator."""
        if self.is_branch or self.is_slot:
            return True
        return self.node.provider.kind is Kind.ASYNC_GENERATOR

    @property
    def in_thread(self) -> bool:
        """Whether it is driven in a worker thread."""
        return self.node.in_thread and not self.is_async

    @property
    def indirect(self) -> bool:
        """Whether the call returns something that only contains the generator."""
        return self.node.provider.indirect and not self.is_slot


@dataclass(frozen=True, slots=True)
class Root:
    """Call what the unit of work is for."""

    node: Node
    arguments: tuple[tuple[str, str], ...]

    @property
    def is_async(self) -> bool:
        """Whether what the call returns is awaited; a generator is only made, and runs later."""
        return self.node.provider.kind is Kind.COROUTINE

    @property
    def in_thread(self) -> bool:
        """Whether it runs in a worker thread."""
        return self.node.in_thread and self.node.provider.kind is Kind.FUNCTION


@dataclass(frozen=True, slots=True)
class Finish:
    """Make the result from what the root returned, with everything still open."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close what was opened in one scope, in reverse order."""

    scope: str
    opened: tuple[Open, ...]
    """In the order of closing."""
    left_open: int
    """How many remain open afterwards."""

    @property
    def in_thread(self) -> bool:
        """Whether all of it runs in a worker thread."""
        return all(step.in_thread for step in self.opened)


@dataclass(frozen=True, slots=True)
class Deliver:
    """Hand the result to whoever asked for it; the scope "request" is still open."""


@dataclass(frozen=True, slots=True)
class Together:
    """Call and open neighbours at the same time, each in a task of its own."""

    steps: tuple[Call | Open, ...]
    """As they are run in their tasks."""
    opened: tuple[Open, ...]
    """The generators among them as they are driven from outside, through their tasks."""


@dataclass(frozen=True, slots=True)
class Hop:
    """Neighbouring steps that run in a worker thread, one after another, in one go.

    What is read from the source between them, and the result that is made from what the root
    returned, are made there too. A cancellation is delivered when the hop is over.
    """

    steps: tuple[Read | Call | Open | Root | Finish | Close, ...]
    waits: bool
    """Whether it may wait for a free thread. A unit of work that holds something a thread has
    opened does not: those that wait for it may have all the threads."""

    @property
    def first(self) -> Node:
        """What is called first in the thread."""
        return next(step.node for step in self.steps if isinstance(step, Call | Open | Root))


Step = Read | Take | Call | Open | Root | Finish | Close | Deliver | Hop | Together


def flat(
    steps: Iterable[Step],
) -> Iterator[Read | Take | Call | Open | Root | Finish | Close | Deliver]:
    """The same steps, those inside a hop one by one."""
    for step in steps:
        if isinstance(step, Hop | Together):
            yield from step.steps
        else:
            yield step


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one unit of work does, in order."""

    name: str
    """An identifier: ``solve_read_item``."""
    origin: str
    """Where the root is defined: ``file:line``."""
    steps: tuple[Step, ...]
    inputs: tuple[InputUse, ...]
    """All inputs, in the order of the declaration."""
    keeps: bool
    """Whether the unit of work goes on until what it delivers to lets it end."""
    uses_outcome: bool
    """Whether anything asks how the unit of work ended."""
    may_swallow: bool
    """Whether a dependency may swallow an exception, since no result is expected."""

    @property
    def reads(self) -> tuple[Read, ...]:
        """All reads, in the order of reading."""
        return tuple(step for step in flat(self.steps) if isinstance(step, Read))

    @property
    def uses_threads(self) -> bool:
        """Whether any step runs in a worker thread."""
        return any(
            step.in_thread for step in flat(self.steps) if isinstance(step, Open | Call | Root)
        )

    @property
    def needs_scope(self) -> bool:
        """Whether its steps share something that has to be there before the first."""
        return self.uses_threads or any(
            step.limit is not None for step in flat(self.steps) if isinstance(step, Open | Call)
        )

    @property
    def opens(self) -> tuple[Open, ...]:
        """All generators, in the order of opening."""
        found: list[Open] = []
        for step in self.steps:
            match step:
                case Open():
                    found.append(step)
                case Hop():
                    found.extend(part for part in step.steps if isinstance(part, Open))
                case Together():
                    found.extend(step.opened)
                case _:
                    pass
        return tuple(found)

    @property
    def starts_tasks(self) -> bool:
        """Whether anything is opened in a task of its own."""
        return any(isinstance(step, Together) for step in self.steps)
