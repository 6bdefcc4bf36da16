"""The state of one unit of work that its steps share."""

from __future__ import annotations

from contextvars import Context, ContextVar, Token
from threading import get_ident
from time import monotonic
from typing import Any, Protocol

from anyio import CancelScope
from anyio.abc import TaskGroup

from tenure.errors import ExitTimeoutError
from tenure.life.waiting import Unit

__all__ = ["AbandonedThread", "NoShield", "Resource", "Scope", "Timed"]


class Timed(Protocol):
    """What errors say about code that has a limited time to end."""

    @property
    def name(self) -> str:
        """The function's name."""
        ...

    @property
    def place(self) -> str:
        """Where it is defined, ``file:line``."""
        ...

    @property
    def exit_timeout(self) -> float | None:
        """Seconds that its exit may take; None means any time."""
        ...


class Resource(Timed, Protocol):
    """What errors say about an open generator; a plan's ``Open`` step is one."""

    @property
    def is_async(self) -> bool:
        """Whether it is an async generator."""
        ...

    @property
    def in_thread(self) -> bool:
        """Whether it is driven in a worker thread; a plain generator may be driven in place."""
        ...

    @property
    def indirect(self) -> bool:
        """Whether the call returns something that only contains what is driven."""
        ...

    @property
    def limit(self) -> Any:
        """What its slots are counted by, where it is limited."""
        ...

    @property
    def opens(self) -> bool:
        """Whether it is a generator, so that there is an exit."""
        ...


class AbandonedThread(BaseException):
    """Ends a thread that nobody waits for any more."""


class NoShield:
    """In place of a cancel scope around all, where there is none or each exit has its own."""

    __slots__ = ("shield",)

    def __init__(self) -> None:
        self.shield = False


class Scope:
    """One unit of work while it is alive, for the plans that need to remember something of it."""

    __slots__ = (
        "abandoned",
        "carried",
        "context",
        "late",
        "leaving",
        "lent",
        "limit",
        "nests",
        "noted",
        "observed",
        "shield",
        "tasks",
        "unit",
    )

    def __init__(self) -> None:
        self.context: Context | None = None
        """The one context all steps in worker threads run in; made for the first of them."""
        self.carried: dict[ContextVar[Any], Token[Any]] = {}
        """Variables that a thread set and the task did not have: how to unset them again."""
        self.lent: dict[ContextVar[Any], Token[Any]] = {}
        """The other way round: variables that the task had set, and the threads did not have."""
        self.shield: CancelScope | NoShield | None = None
        """Inside an anyio cancel scope: one of ours around all, shielding while exits run."""
        self.nests = True
        """Whether all is opened and closed in one task, in the reverse order, and nothing of the
        user's ends in between: then a cancel scope can be around each generator (``shelter``)."""
        self.noted: list[Any] = []
        """The cancellations that were held back since the thread that works was started."""

        self.observed: Any = None
        """Who is told of what waits for its limit, where somebody observes."""
        self.tasks: TaskGroup | None = None
        """Where dependencies that are opened at the same time have their tasks (``together``)."""

        self.unit: Unit | None = None
        """Where something is limited: the unit of work as it takes slots (``life.limits``)."""

        self.leaving: tuple[Timed, float] | None = None
        """Whose exit runs in a worker thread, and since when (``time.monotonic``)."""
        self.abandoned: set[int] = set()
        """The threads that are no longer waited for: they must not go on to the next exit."""

        self.limit: CancelScope | None = None
        """On trio: what is cancelled when an exit without a shelter takes too long, if it is not
        the shield."""
        self.late: ExitTimeoutError | None = None
        """On trio: why the shield was cancelled."""

    def leaves(self, resource: Timed) -> None:
        """Note in a worker thread that the exit of *resource* begins."""
        if self.abandoned and get_ident() in self.abandoned:
            raise AbandonedThread
        self.leaving = (resource, monotonic())

    def unset(self, variable: ContextVar[Any]) -> None:
        """Take back what was set here for a thread or another task, which has unset it."""
        token = self.carried.pop(variable)
        try:
            variable.reset(token)
        except (ValueError, RuntimeError):
            # Set in another context than the one that is left now: nothing of ours to take back.
            return

    def take_back(self, variable: ContextVar[Any], context: Context) -> None:
        """Unset in *context*, that of the threads, what the task has unset meanwhile."""
        token = self.lent.pop(variable)
        try:
            context.run(variable.reset, token)
        except ValueError:
            return  # a thread was left alone inside of the context that it was set in

    def is_interrupted(self) -> bool:
        """Whether a thread has to let the task look for a cancellation before it runs exits.

        The exits are to see it. Inside a cancel scope only the task can tell.
        """
        return bool(self.noted) or self.shield is not None
