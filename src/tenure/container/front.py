"""Run a function with its dependencies, wherever there is no request."""

from __future__ import annotations

from asyncio import _get_running_loop
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import AbstractContextManager
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar, overload

import anyio
from anyio.lowlevel import current_token

from tenure.container.application import Applications
from tenure.container.calls import Calls
from tenure.container.injection import ordinary_parameters, wrap, wrap_plain
from tenure.container.overriding import Overriding
from tenure.container.pieces import Opening, compile_piece
from tenure.container.programs import run_program
from tenure.container.unit import UnitOfWork
from tenure.errors import TenureError
from tenure.graph.markers import check_exit_timeout
from tenure.graph.providers import Parameter
from tenure.observe.events import Observer
from tenure.observe.observers import Observation, Observers
from tenure.plan.planner import EXIT_TIMEOUT

__all__ = ["Container"]

T = TypeVar("T")


class Container:
    """Runs functions with their dependencies, wherever there is no request.

    ::

        async with Container() as container:
            report = await container.call(make_report, month=3)

    Each ``call`` is one unit of work: dependencies are opened in order, the function runs, and
    everything is closed in reverse order before the result is returned.

    The ``async with`` block is an application: what is declared with scope "app" is set up when
    the block is entered, for the functions that are known by then, or when it is first needed,
    and closed at the end of the block. A container that is entered again on the same event loop
    joins the application that runs there. Without anything of scope "app" no block is needed.

    *backend* and *backend_options* are anyio's, for the loops that ``run`` starts. *exit_timeout*
    is how many seconds the exit of a dependency may take whose declaration does not say; None is
    any time. *interpreted* walks the steps of each plan instead of running the generated source.
    """

    def __init__(
        self,
        *,
        backend: str = "asyncio",
        backend_options: Mapping[str, Any] | None = None,
        exit_timeout: float | None = EXIT_TIMEOUT,
        interpreted: bool = False,
    ) -> None:
        check_exit_timeout(exit_timeout)
        self.exit_timeout = exit_timeout
        self._backend = backend
        self._backend_options = dict(backend_options or {})
        self.observers = Observers()
        piece = partial(compile_piece, exit_timeout=exit_timeout, interpreted=interpreted)
        self.applications = Applications(
            partial(piece, observers=self.observers),
            "write `async with container:` around what uses it (a web application does so while "
            "its lifespan runs: `with TestClient(app)`), or use container.run",
        )
        self.overriding = Overriding()
        self._calls = Calls(
            self.applications,
            self.overriding,
            exit_timeout=exit_timeout,
            interpreted=interpreted,
            observers=self.observers,
        )
        self._quick = self._calls.quick

    async def __aenter__(self) -> Self:
        """Start the application scope; raises what setting it up raises."""
        await self.applications.enter(self._calls.eager())
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close what is of scope "app", in reverse order."""
        await self.applications.leave()

    @overload
    def call(
        self, function: Callable[..., Awaitable[T]], /, **arguments: Any
    ) -> Coroutine[Any, Any, T]: ...
    @overload
    def call(self, function: Callable[..., T], /, **arguments: Any) -> Coroutine[Any, Any, T]: ...
    def call(self, function: Callable[..., Any], /, **arguments: Any) -> Coroutine[Any, Any, Any]:
        """Run *function* as one unit of work and return what it returns.

        *arguments* fill its parameters by name; they win over a declared dependency's absence,
        never over its presence. Raises ``GraphError`` when something it needs is declared
        wrongly or missing, ``TypeError`` for an argument it does not take, and whatever the
        function or a dependency raises.
        """
        if not arguments:  # the usual case, without a detour
            try:
                run = self._quick[function]
            except (KeyError, TypeError):
                pass  # not known yet, or cannot be hashed
            else:
                return run(None, arguments)
        program = self._calls.program(function, frozenset(arguments))
        return run_program(program, arguments)

    @overload
    def run(self, function: Callable[..., Awaitable[T]], /, **arguments: Any) -> T: ...
    @overload
    def run(self, function: Callable[..., T], /, **arguments: Any) -> T: ...
    def run(self, function: Callable[..., Any], /, **arguments: Any) -> Any:
        """Run *function* where no event loop is running, on a loop of its own.

        Each run is an application as well: what is of scope "app" is set up for it and closed
        after it. Raises ``TenureError`` where a loop is running, and what ``call`` raises.
        """
        if _is_loop_running():
            raise TenureError(
                "container.run starts an event loop, and one is running here.\n"
                "Hint: write `await container.call(function)`; in a worker thread, "
                "`anyio.from_thread.run(container.call, function)`"
            )
        return anyio.run(
            partial(self._run, function, arguments),
            backend=self._backend,
            backend_options=self._backend_options,
        )

    async def _run(self, function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        await self.applications.enter(())
        try:
            return await self.call(function, **arguments)
        finally:
            await self.applications.leave()

    def scope(self) -> UnitOfWork:
        """A unit of work for several calls, open as long as its ``async with`` block.

        ::

            async with container.scope() as scope:
                await scope.call(import_file, path=path)
                session = await scope.get(get_session)  # the one that import_file had
        """
        return UnitOfWork(self._calls, self.applications.current, self.observers)

    @overload
    async def get(self, dependency: Opening[T], /) -> T: ...
    @overload
    async def get(self, dependency: Callable[..., T], /) -> T: ...
    async def get(self, dependency: Callable[..., Any], /) -> Any:
        """The value of *dependency* in scope "app": the one that everybody shares.

        Set up now if it was not before. Raises ``GraphError`` when it depends on something
        narrower than the application, ``ApplicationError`` where no application is running.
        """
        node = self._calls.shared_node(dependency)
        return await self.applications.current().provide(node)

    @overload
    def inject(
        self, function: Callable[..., Coroutine[Any, Any, T]], /
    ) -> Callable[..., Coroutine[Any, Any, T]]: ...
    @overload
    def inject(self, function: Callable[..., T], /) -> Callable[..., T]: ...
    def inject(self, function: Callable[..., Any], /) -> Callable[..., Any]:
        """Make *function* one that takes its ordinary parameters only; a decorator.

        For frameworks that look at signatures: the result has neither the parameters that
        dependencies fill nor their annotations. An async function is run by ``call``, another
        one by ``run``. Raises ``GraphError`` at once when something it needs is declared wrongly.
        """
        return wrap(function, self._ordinary(function), self.call, self.run)

    @overload
    def command(self, function: Callable[..., Awaitable[T]], /) -> Callable[..., T]: ...
    @overload
    def command(self, function: Callable[..., T], /) -> Callable[..., T]: ...
    def command(self, function: Callable[..., Any], /) -> Callable[..., Any]:
        """As ``inject``, for callers that await nothing, such as Typer and click; a decorator.

        ::

            @commands.command()
            @app.container.command
            async def reconcile(session: Session, month: str) -> None: ...

        ``run`` runs it, an async function too: each call starts an event loop and an application
        of its own. A plain one runs in a worker thread, which Ctrl-C does not interrupt, so a
        command that takes long is better async. Raises what ``inject`` and ``run`` raise.
        """
        return wrap_plain(function, self._ordinary(function), self.run)

    def _ordinary(self, function: Callable[..., Any]) -> list[Parameter]:
        """The parameters that no dependency fills, when everything else is declared well."""
        ordinary = ordinary_parameters(function)
        self._calls.program(function, frozenset(each.name for each in ordinary))
        return ordinary

    def override(
        self, overrides: Mapping[Callable[..., Any], Callable[..., Any]]
    ) -> AbstractContextManager[None]:
        """Call others in the place of dependencies, in this context only.

        ::

            with container.override({get_session: fake_session}):
                await container.call(make_report)

        Holds for what runs in the block and in the tasks it starts, invisible to all others; an
        inner block adds to an outer one. A replacement declares its own dependencies and may
        yield. A class stands for its instances too. Warns at the end of the block of what
        matched nothing. Raises ``GraphError`` for a replacement that cannot be called. An
        application's ``dependency_overrides`` hold as well, for what no block names.
        """
        return self.overriding.override(overrides)

    def check(self, function: Callable[..., Any], /, *arguments: str) -> None:
        """Raise what ``call`` would, before it runs anything, when *arguments* are passed by name.

        Raises ``GraphError`` with all faults there are, ``TypeError`` for an argument that
        *function* does not take.
        """
        self._calls.program(function, frozenset(arguments))

    def observe(self, observer: Observer) -> Observation:
        """Tell *observer* what happens to dependencies from now on: whatever takes an ``Event``.

        ::

            with container.observe(Recorder()) as observation:
                await container.call(make_report)

        Until the end of the block, or ``observation.stop()``. Units of work that have begun
        before go on unobserved, and so does what is of scope "app" and open already. Where the
        container is an application's (``app.container``), its requests are observed as well, and
        so are those of the applications mounted in it. Raises ``TypeError`` for an observer that
        cannot be called with an event, or would have to be awaited.
        """
        return self.observers.add(observer)

    def explain(self, function: Callable[..., Any], /, *arguments: str) -> str:
        """The source of the plan that runs *function* when *arguments* are passed by name."""
        return self._calls.program(function, frozenset(arguments)).source


def _is_loop_running() -> bool:
    if _get_running_loop() is not None:
        return True
    try:
        current_token()
    except RuntimeError:
        return False
    return True
