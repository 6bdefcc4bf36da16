"""What a plan is given at run time: how things are kept alive, and what surrounds the root."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from tenure.errors import RejectedInputs
from tenure.graph.inputs import InputUse, Reader
from tenure.plan.steps import Open

__all__ = ["Hooks", "PlanFunction", "Runtime"]

PlanFunction = Callable[[Any, Any], Coroutine[Any, Any, Any]]
"""``function(scope, source)``: one unit of work; *scope* is None unless something is around it."""


class Runtime(Protocol):
    """How generators are driven and functions run in threads (``tenure.life`` does it)."""

    exiting: ContextVar[Any]
    """To be set to the generator whose exit is driven (``life.shield``)."""

    def new_scope(self) -> Any:
        """The state that the steps of one unit of work share."""
        ...

    cancel_scopes: Any
    """Empty while no task of the process is inside a cancel scope."""

    def running_loop(self) -> Any:
        """Asyncio's running loop, None on trio."""
        ...

    def needs_shield(self) -> bool:
        """Whether a cancel scope is around the task, so that one of ours has to be, too."""
        ...

    async def run_shielded(self, function: PlanFunction, source: Any) -> Any:
        """Run a plan's function with a cancel scope of our own around everything."""
        ...

    def generator_of(self, returned: Any, resource: Open) -> Any:
        """The generator inside what an indirect call returned."""
        ...

    def awaitable_of(self, returned: Any, provider: Any) -> Any:
        """What an indirect coroutine function returned, if it can be awaited."""
        ...

    def did_not_yield(self, resource: Open) -> BaseException:
        """The error for a generator that ended before its ``yield``."""
        ...

    async def in_thread(self, scope: Any, function: Callable[..., Any], /, **arguments: Any) -> Any:
        """Call *function* in a worker thread, in the scope's context."""
        ...

    async def open_in_thread(self, scope: Any, generator: Any, resource: Open) -> Any:
        """Run a plain generator to its ``yield`` in a worker thread."""
        ...

    async def close_in_thread(self, scope: Any, generator: Any, resource: Open) -> None:
        """Run a plain generator to its end in a worker thread."""
        ...

    async def finish_exit(
        self, scope: Any, closing: Any, waiting: Any, generator: Any, resource: Open
    ) -> None:
        """Go on with the exit of an async generator that has suspended."""
        ...

    async def yielded_again(self, scope: Any, generator: Any, resource: Open) -> BaseException:
        """Close an async generator that yielded where it should have ended; the error for it."""
        ...

    async def unwind(
        self,
        scope: Any,
        failures: list[BaseException],
        stack: list[tuple[Any, Open]],
        opens: tuple[Open, ...],
        outer: Any,
        *,
        may_swallow: bool,
    ) -> None:
        """Deliver the failure in *failures* to all that is open, inmost first.

        What came out of it is left in *failures*; nothing, where it was swallowed and may be.
        *outer* is what ``exiting`` held before the exits began, None if they had not.
        """
        ...


@dataclass(frozen=True, slots=True)
class Hooks:
    """What surrounds the root of one plan."""

    reader: Callable[[Sequence[InputUse]], Reader]
    """Makes the function that reads the inputs of one node."""
    reject: Callable[[Any, Sequence[Any]], BaseException]
    """The exception to raise in the place of the root, from the faults of all inputs."""
    finish: Callable[[Any, Any], Any] | None = None
    deliver: Callable[[Any, Any], Awaitable[None]] | None = None


Resume = Callable[[Any, Any, dict[str, Any], RejectedInputs], Awaitable[Any]]
"""``resume(scope, source, names, rejected)``: go on with the interpreter where an input was
rejected; *names* are the local names of the generated function."""
