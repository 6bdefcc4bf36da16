"""Tasks that run after the response has been sent."""

from __future__ import annotations

import logging
import types
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final, ParamSpec

from starlette.background import BackgroundTask
from starlette.background import BackgroundTasks as StarletteBackgroundTasks

from tenure.container import Container, ordinary_parameters
from tenure.errors import TenureError
from tenure.graph.providers import provider_of
from tenure.text.names import name_of, place_of

__all__ = ["BackgroundTasks", "LateBackgroundTaskError"]

P = ParamSpec("P")

_logger: Final = logging.getLogger("tenure.web")


class LateBackgroundTaskError(TenureError):
    """A task was added to tasks that have run already, or never will."""


class BackgroundTasks(StarletteBackgroundTasks):
    """The tasks of one response, run one after the other once it has been sent.

    They run before request-scoped dependencies are closed, and may use what those hold. A task
    that fails is logged with its traceback and stops nobody: the next tasks run, and the exit
    code of dependencies takes its success path, for the client has its response. When all is
    over the server is told. A task may add further tasks. When all have run, adding one raises,
    as it could not run.
    """

    def __init__(self, tasks: Sequence[BackgroundTask] | None = None) -> None:
        super().__init__(tasks)
        self._sealed_because = ""
        self._failures: list[Exception] = []
        self._container: Container | None = None
        self._overrides: Mapping[Any, Any] | None = None
        self.around: Callable[[Callable[[], Awaitable[None]]], Awaitable[None]] | None = None
        """What runs each task, where that is to be told; None to run it as it is."""

    def add_task(self, func: Callable[P, Any], *args: P.args, **kwargs: P.kwargs) -> None:
        """Run ``func(*args, **kwargs)`` after the response; ``def`` in a worker thread.

        What *func* declares with ``Depends``, and is not passed, is solved for it alone: opened
        when the task starts, closed when it ends. Raises ``GraphError`` for what only a request
        could fill, ``TypeError`` for arguments that *func* does not take, and
        ``LateBackgroundTaskError`` when the tasks have run.
        """
        if self._sealed_because:
            raise LateBackgroundTaskError(
                f"{name_of(func)} ({place_of(func)}) cannot run in the background:"
                f" {self._sealed_because}; add it before the response is sent"
            )
        task = BackgroundTask(func, *args, **kwargs)
        arguments = _arguments_of(func, args, kwargs)
        if arguments is not None:
            task = _SolvedTask(self, func, arguments)
        self.tasks.append(task)

    def belongs_to(self, container: Container, overrides: Mapping[Any, Any] | None) -> None:
        """Solve the dependencies of tasks in *container*, with *overrides* in their place."""
        self._container, self._overrides = container, overrides

    def seal(self, reason: str) -> None:
        """Refuse further tasks from now on, for the *reason* that the error will give."""
        self._sealed_because = self._sealed_because or reason

    async def __call__(self) -> None:
        """Run the tasks in the order they were added, those they add themselves included."""
        self._failures = []
        try:
            await self._run(self.tasks)
        finally:
            self.seal("the background tasks of this response have run")

    async def _run(self, tasks: Iterable[Callable[[], Awaitable[None]]]) -> None:
        for task in tasks:
            if isinstance(task, StarletteBackgroundTasks):
                await self._run(task.tasks)
                continue
            try:
                await (task() if self.around is None else self.around(task))
            except Exception as error:
                function = getattr(task, "func", task)
                _logger.exception(
                    "Background task %s (%s) failed", name_of(function), place_of(function)
                )
                self._failures.append(error)

    def raise_failures(self) -> None:
        """Raise what the tasks have failed with; several as an ``ExceptionGroup``."""
        failures, self._failures = self._failures, []
        if len(failures) > 1:
            raise ExceptionGroup("several background tasks have failed", failures)
        if failures:
            try:
                raise failures.pop()
            finally:
                del failures

    async def solve(self, function: Callable[..., Any], arguments: dict[str, Any]) -> None:
        """Run *function* as a unit of work of its own."""
        container = self._container or Container()
        with container.overriding.holding(self._overrides):
            await container.call(function, **arguments)

    def check(self, function: Callable[..., Any], arguments: dict[str, Any]) -> None:
        """Raise what keeps *function* from being a unit of work."""
        container = self._container or Container()
        with container.overriding.holding(self._overrides):
            container.check(function, *arguments)


class _SolvedTask(BackgroundTask):
    """A task with dependencies of its own."""

    def __init__(
        self, tasks: BackgroundTasks, func: Callable[..., Any], arguments: dict[str, Any]
    ) -> None:
        tasks.check(func, arguments)
        super().__init__(func, **arguments)
        self._tasks = tasks

    async def __call__(self) -> None:
        await self._tasks.solve(self.func, self.kwargs)


def _declares_dependencies(function: Callable[..., Any]) -> bool:
    return len(ordinary_parameters(function)) < len(provider_of(function).parameters)


def _arguments_of(
    func: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> dict[str, Any] | None:
    """What is passed, by name; None where no dependency is left to be solved."""
    if isinstance(func, types.BuiltinFunctionType):
        return None  # nothing is declared in C
    of_class = func.__func__ if isinstance(func, types.MethodType) else func
    if not _declares_dependencies(of_class):
        return None
    parameters = provider_of(func).parameters
    ordinary = {each.name for each in ordinary_parameters(func)}
    by_position = [each.name for each in parameters if each.kind.name.startswith("POSITIONAL")]
    passed = {*by_position[: len(args)], *kwargs}
    if all(each.name in ordinary or each.name in passed for each in parameters):
        return None
    where = f"{name_of(func)} ({place_of(func)})"
    if len(args) > len(by_position):
        raise TypeError(f"{where} takes {len(by_position)} positional arguments, not {len(args)}")
    arguments = dict(zip(by_position, args, strict=False))
    twice = [name for name in kwargs if name in arguments]
    if twice:
        raise TypeError(f"{where} is passed {twice[0]!r} twice")
    return {**arguments, **kwargs}
