"""What a plan is given at run time: how things are kept alive, and what surrounds the root."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Hashable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from tenure.errors import RejectedInputs
from tenure.graph.inputs import Reader
from tenure.graph.nodes import InputUse, Node
from tenure.plan.steps import Call, Open

__all__ = ["Application", "Hooks", "Observed", "PlanFunction", "Runtime", "no_application"]

PlanFunction = Callable[[Any, Any], Coroutine[Any, Any, Any]]
"""``function(scope, source)``: one unit of work; *scope* is None unless something is around it."""


class Observed(Protocol):
    """One unit of work that somebody observes."""

    def calling(self, node: Node) -> Callable[..., Any]:
        """What to call in the place of *node*'s call."""
        ...

    def application(self, application: Application) -> Application:
        """Where to take what is of scope "app" from."""
        ...

    async def in_thread(
        self, node: Node, run: Callable[..., Awaitable[Any]], scope: Any, hop: Any, *rest: Any
    ) -> Any:
        """Do ``run(scope, hop, *rest)``, which waits for a free thread; *node* is first in it."""
        ...


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

    async def run_sheltered(self, function: PlanFunction, source: Any) -> Any:
        """The same without that, where every exit that may wait has a shelter."""
        ...

    def sheltered(self, scope: Any, generator: Any, resource: Open, /) -> Any:
        """*generator*, which is about to be opened, with a cancel scope of its own around it.

        Itself, where no cancel scope could reach its exit.
        """
        ...

    async def run_together(self, function: PlanFunction, scope: Any, source: Any) -> Any:
        """Run a plan's function where tasks can be started beside it."""
        ...

    async def open_together(
        self, scope: Any, members: Sequence[tuple[Call | Open, Callable[[], Any]]]
    ) -> Sequence[Any]:
        """Call and open all *members* at the same time.

        Answers one object each: ``value`` is what it provides, and where it has to be closed,
        it is driven as an async generator.
        """
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

    async def in_thread(
        self, scope: Any, hop: Callable[[], Any], waits: bool, seconds: float | None = None, /
    ) -> Any:
        """Call *hop* in a worker thread, in the scope's context; *waits* for a free one.

        *seconds*: after which an exit in it may be found to hang, at the earliest.
        """
        ...

    async def take_slot(self, scope: Any, resource: Open, /) -> Any:
        """Wait until fewer are open than the limit allows; what gives the slot back at its exit.

        It is driven as an async generator that has been opened, or by ``give_back``.
        """
        ...

    async def call_limited(
        self, scope: Any, step: Call, call: Callable[[], Any], waits: bool, /
    ) -> Any:
        """Make the call of *step* when the limit allows, in a thread where it belongs in one."""
        ...

    def open_here(self, generator: Any, resource: Open) -> Any:
        """Run a plain generator to its ``yield``."""
        ...

    def close_here(self, generator: Any, resource: Open) -> None:
        """Run a plain generator to its end."""
        ...

    async def finish_exit(
        self, scope: Any, closing: Any, waiting: Any, generator: Any, resource: Open
    ) -> None:
        """Go on with the exit of an async generator that has suspended."""
        ...

    async def yielded_again(self, scope: Any, generator: Any, resource: Open) -> BaseException:
        """Close an async generator that yielded where it should have ended; the error for it."""
        ...

    def ending_of(self, source: Any, error: BaseException) -> tuple[str, None]:
        """The kind of outcome that *error* is."""
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
        tell: Callable[[BaseException | None], None] | None = None,
    ) -> None:
        """Deliver the failure in *failures* to all that is open, inmost first.

        What came out of it is left in *failures*; nothing, where it was swallowed and may be.
        *tell* is called where an exit has put another failure in its place, or None.
        *outer* is the token to set ``exiting`` back with, None if exits had not begun.
        """
        ...


class Application(Protocol):
    """Where what is of scope "app" is found."""

    @property
    def values(self) -> Mapping[Hashable, Any]:
        """What has been set up, by the ``shared_key`` of its node."""
        ...

    async def provide(self, node: Node) -> Any:
        """The value of *node*, which is set up if it was not before."""
        ...


def no_application(source: Any) -> Application:
    """The ``application`` of graphs that have nothing of scope "app"; never called."""
    raise RuntimeError(f"nothing of scope 'app' was declared for {source!r}")


@dataclass(frozen=True, slots=True)
class Hooks:
    """What surrounds the root of one plan."""

    reader: Callable[[Sequence[InputUse]], Reader]
    """Makes the function that reads the inputs of one node."""
    reject: Callable[[Any, Sequence[Any]], BaseException]
    """The exception to raise in the place of the root, from the faults of all inputs."""
    finish: Callable[[Any, Any], Any] | None = None
    deliver: Callable[[Any, Any], Awaitable[None]] | None = None
    status_of: Callable[[Any, Any], int | None] | None = None
    """The status of what was finished, for those who ask for the outcome."""
    ending_of: Callable[[Any, BaseException], tuple[str, int | None]] | None = None
    """What a failure makes of the outcome, and its status; None leaves it to the runtime."""
    application: Callable[[Any], Application] = no_application
    """From the source of a unit of work to the application that it is part of."""
    observe: Callable[[Any], Observed] | None = None
    """From the source of a unit of work to who is told what happens in it, if anybody is."""
    accompany: Callable[[Any], Callable[..., Any] | None] | None = None
    """Told, by its source, of each unit of work that is observed; answers, if anything, what calls
    its root: ``call_root(node, arguments, named)``."""


Resume = Callable[[Any, Any, dict[str, Any], RejectedInputs], Awaitable[Any]]
"""``resume(scope, source, names, rejected)``: go on with the interpreter where an input was
rejected; *names* are the local names of the generated function."""
