"""Jobs of Taskiq with dependencies: each message is one unit of work.

::

    broker = PullBasedJetStreamBroker("nats://localhost")
    jobs = TaskiqJobs(broker, app.container)
    Work = Annotated[UnitOfWork, Depends(open_work)]


    @jobs.task(retry_on_error=True)
    async def pay_interest(
        account: int, work: Annotated[UnitOfWork, Depends(open_work)]
    ) -> None: ...


    await pay_interest.kiq(account=7)  # in the web application
    #  taskiq worker module:broker       in the worker

The worker's start and end open and close the application scope, one pool for each worker process.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol, TypeVar, overload

from taskiq import AsyncBroker, TaskiqEvents, TaskiqMessage, TaskiqMiddleware, TaskiqResult
from taskiq.decor import AsyncTaskiqDecoratedTask

from tenure.container import Container
from tenure.errors import TenureError
from tenure.ext.jobs import JobInterruptedError, JobRunner
from tenure.graph.providers import provider_of

__all__ = ["MakesTask", "TaskiqJobs"]

T = TypeVar("T")


class MakesTask(Protocol):
    """A decorator: of a function, async or not, it makes a task with the same result."""

    @overload
    def __call__(
        self, function: Callable[..., Awaitable[T]], /
    ) -> AsyncTaskiqDecoratedTask[..., Coroutine[Any, Any, T]]: ...
    @overload
    def __call__(
        self, function: Callable[..., T], /
    ) -> AsyncTaskiqDecoratedTask[..., Coroutine[Any, Any, T]]: ...


class TaskiqJobs:
    """Connects *broker* with *container*.

    Where the broker works (a worker process, ``InMemoryBroker``), its start opens the application
    scope of the container and its shutdown closes it; where it only sends, neither happens.
    Parameters that Taskiq fills (``TaskiqDepends``) stay Taskiq's.

    A job that the shutdown interrupts is not acknowledged, so a broker that keeps what is not
    acknowledged gives it to another worker.
    """

    def __init__(self, broker: AsyncBroker, container: Container) -> None:
        self.broker = broker
        self._runner = JobRunner(container)
        broker.add_event_handler(TaskiqEvents.WORKER_STARTUP, self._start)
        broker.add_event_handler(TaskiqEvents.WORKER_SHUTDOWN, self._stop)

    @overload
    def inject(
        self, function: Callable[..., Awaitable[T]], /
    ) -> Callable[..., Coroutine[Any, Any, T]]: ...
    @overload
    def inject(self, function: Callable[..., T], /) -> Callable[..., Coroutine[Any, Any, T]]: ...
    def inject(self, function: Callable[..., Any], /) -> Callable[..., Coroutine[Any, Any, Any]]:
        """*function* as Taskiq is to see it; a decorator, below ``@broker.task``.

        Raises ``GraphError`` at once when something it needs is declared wrongly.
        """
        if isinstance(function, AsyncTaskiqDecoratedTask):
            provider = provider_of(function.original_func)
            raise TenureError(
                f"{provider.name} ({provider.place}) is a task already, so Taskiq has seen the "
                "parameters that dependencies fill.\n"
                "Hint: write @broker.task above @jobs.inject, or @jobs.task alone"
            )
        return self._runner.inject(function)

    def task(self, task_name: str | None = None, **labels: Any) -> MakesTask:
        """Make a function with dependencies a task of the broker; as ``@broker.task(...)``."""

        def make(function: Callable[..., Any], /) -> AsyncTaskiqDecoratedTask[..., Any]:
            return self.broker.task(task_name, **labels)(self.inject(function))

        return make

    async def _start(self, _state: object) -> None:
        if not any(isinstance(each, _KeepInterrupted) for each in self.broker.middlewares):
            # The last is asked first: before one that would send the job again, and have it twice.
            self.broker.add_middlewares(_KeepInterrupted())
        await self._runner.start()

    async def _stop(self, _state: object) -> None:
        await self._runner.stop()


class _KeepInterrupted(TaskiqMiddleware):
    """Keeps interrupted jobs from being acknowledged and counted as done."""

    def on_error(
        self, message: TaskiqMessage, result: TaskiqResult[Any], exception: BaseException
    ) -> None:
        """Raise where Taskiq would go on to acknowledge."""
        if isinstance(exception, JobInterruptedError):
            raise exception
