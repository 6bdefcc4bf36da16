"""Functions of a container as the jobs of a queue: what every adapter needs, whatever the queue.

An adapter says three things to a runner: the worker *starts*, here is a *message*, the worker
*stops*. Each message is one unit of work, and the application scope lasts as long as the worker::

    runner = JobRunner(container)
    await runner.start()  # the worker starts: the pool is opened
    await runner.run(pay_interest, account=7)  # a message: a session, the job, commit, close
    await runner.stop()  # the worker stops: the pool is closed

Queues that call a function per message are given ``runner.inject(pay_interest)``. Where the worker
has no event loop (Celery, Dramatiq, a cloud function), ``BlockingJobRunner`` has the same methods,
to be called from plain code. ``tenure.ext.taskiq`` is an adapter to look at.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import ExitStack, suppress
from functools import partial
from typing import Any, TypeVar, overload

from anyio import CancelScope, Event
from anyio.from_thread import BlockingPortal, start_blocking_portal
from anyio.lowlevel import checkpoint

from tenure.container import Container
from tenure.container.injection import ordinary_parameters, wrap_async, wrap_plain
from tenure.errors import TenureError
from tenure.graph.providers import provider_of

__all__ = ["BlockingJobRunner", "JobInterruptedError", "JobRunner"]

T = TypeVar("T")


class JobInterruptedError(TenureError):
    """The worker stopped while the job ran, or before it could begin.

    The job was cancelled and what it held was closed. It is to be done again: an adapter leaves its
    message unacknowledged.
    """


class JobRunner:
    """Runs jobs on the event loop of a worker, each as one unit of work of *container*.

    A job that fails raises: the exception has been delivered at each ``yield`` by then, so a queue
    that tries again does so after the roll-back. A cancellation, such as the queue's time limit,
    reaches the job; the exits after it are shielded.
    """

    def __init__(self, container: Container) -> None:
        self.container = container
        self._running: set[CancelScope] = set()
        self._is_started = False
        self._is_stopping = False
        self._last_has_left: Event | None = None

    async def start(self) -> None:
        """Open the application scope: what the injected functions need of it that is not lazy.

        Raises what setting it up raises, and ``TenureError`` when it was started already.
        """
        if self._is_started:
            raise TenureError(
                "This runner was started already.\n"
                "Hint: give each worker of a process a JobRunner of its own; runners on one event "
                "loop share the application scope of their container"
            )
        self._is_stopping = False
        await self.container.__aenter__()
        self._is_started = True

    async def stop(self) -> None:
        """Cancel the jobs that still run, wait until they have closed, close the application scope.

        Workers let jobs finish first; these are the ones that took too long. Their exits are not
        cut off, but a cancellation of ``stop`` itself (the worker's own time limit) ends the
        waiting, and the application scope is closed all the same. Without a ``start`` before it,
        it does nothing.
        """
        if not self._is_started:
            return
        self._is_started, self._is_stopping = False, True
        try:
            if self._running:
                self._last_has_left = Event()
                for cancel_scope in tuple(self._running):
                    cancel_scope.cancel()
                await self._last_has_left.wait()
        finally:
            await self.container.__aexit__(None, None, None)

    @overload
    async def run(self, function: Callable[..., Awaitable[T]], /, **arguments: Any) -> T: ...
    @overload
    async def run(self, function: Callable[..., T], /, **arguments: Any) -> T: ...
    async def run(self, function: Callable[..., Any], /, **arguments: Any) -> Any:
        """Run one job. Raises what ``Container.call`` raises, and ``JobInterruptedError``."""
        if not self._is_stopping:
            cancel_scope = CancelScope()
            self._running.add(cancel_scope)
            try:
                with cancel_scope:
                    return await self.container.call(function, **arguments)
            finally:
                self._running.discard(cancel_scope)
                if self._last_has_left is not None and not self._running:
                    self._last_has_left.set()
        provider = provider_of(function)
        raise JobInterruptedError(
            f"The job {provider.name} ({provider.place}) was interrupted: the worker is stopping.\n"
            "Hint: leave its message unacknowledged, so that another worker does it"
        )

    @overload
    def inject(
        self, function: Callable[..., Awaitable[T]], /
    ) -> Callable[..., Coroutine[Any, Any, T]]: ...
    @overload
    def inject(self, function: Callable[..., T], /) -> Callable[..., Coroutine[Any, Any, T]]: ...
    def inject(self, function: Callable[..., Any], /) -> Callable[..., Coroutine[Any, Any, Any]]:
        """What the queue calls: an async function of the ordinary parameters; a decorator.

        Plain functions are run in a worker thread, on this loop's application scope. Neither the
        signature nor the annotations show what dependencies fill, so a queue with injection of its
        own sees only its own. Raises ``GraphError`` at once for what is declared wrongly.
        """
        ordinary = ordinary_parameters(function)
        self.container.explain(function, *(each.name for each in ordinary))
        return wrap_async(function, ordinary, self.run)


class _Job:
    """A job that a thread waits for."""

    def __init__(self) -> None:
        self.is_over = False
        self._is_given_up = False
        self._running: tuple[CancelScope, Event] | None = None

    async def live(self, run: Callable[[], Awaitable[Any]]) -> Any:
        """Do *run* on the loop, unless it was given up."""
        if self._is_given_up:
            return None
        cancel_scope, closed = self._running = CancelScope(), Event()
        try:
            with cancel_scope:
                return await run()
        finally:
            self.is_over = True
            closed.set()

    async def give_up(self) -> None:
        """Cancel the job, and return when its exits are done, or when it is sure not to begin."""
        self._is_given_up = True
        await checkpoint()  # one that was started before this has begun then
        if self._running is not None:
            cancel_scope, closed = self._running
            cancel_scope.cancel()
            await closed.wait()


class BlockingJobRunner:
    """The same for workers without an event loop: jobs run on one that has its own thread.

    ``run`` may be called from several threads at the same time. *backend* and *backend_options* are
    anyio's. In a worker that forks, start it in the child.
    """

    def __init__(
        self,
        container: Container,
        *,
        backend: str = "asyncio",
        backend_options: Mapping[str, Any] | None = None,
    ) -> None:
        self._runner = JobRunner(container)
        self._open_portal = partial(
            start_blocking_portal, backend, dict(backend_options or {}), name="tenure-jobs"
        )
        self._portal: BlockingPortal | None = None
        self._stack = ExitStack()

    def start(self) -> None:
        """Start the loop and open the application scope on it; raises as ``JobRunner.start``."""
        if self._portal is not None:
            raise TenureError("This runner was started already.\nHint: stop it first")
        with ExitStack() as stack:
            portal = stack.enter_context(self._open_portal())
            portal.call(self._runner.start)
            stack.callback(portal.call, self._runner.stop)
            self._stack = stack.pop_all()
        self._portal = portal

    def stop(self) -> None:
        """Cancel what still runs, close the application scope, end the loop."""
        self._portal = None
        self._stack.close()

    @overload
    def run(self, function: Callable[..., Awaitable[T]], /, **arguments: Any) -> T: ...
    @overload
    def run(self, function: Callable[..., T], /, **arguments: Any) -> T: ...
    def run(self, function: Callable[..., Any], /, **arguments: Any) -> Any:
        """Run one job and wait for it; raises as ``JobRunner.run``.

        An exception that arrives in the waiting thread (Celery's soft time limit, an interrupt from
        the keyboard) cancels the job, and is raised when its exits are done.
        """
        if self._portal is None:
            raise TenureError(
                "This runner has no event loop yet, or not any more.\n"
                "Hint: call start() when the worker process starts, and stop() when it ends"
            )
        job = _Job()
        try:
            # What interrupts this thread may do so before it has a future to cancel.
            run = partial(self._runner.run, function, **arguments)
            return self._portal.start_task_soon(job.live, run).result()
        except BaseException:
            if not job.is_over:
                with suppress(RuntimeError):  # the loop has ended meanwhile
                    self._portal.call(job.give_up)
            raise

    @overload
    def inject(self, function: Callable[..., Awaitable[T]], /) -> Callable[..., T]: ...
    @overload
    def inject(self, function: Callable[..., T], /) -> Callable[..., T]: ...
    def inject(self, function: Callable[..., Any], /) -> Callable[..., Any]:
        """What the queue calls: a plain function of the ordinary parameters; a decorator."""
        ordinary = ordinary_parameters(function)
        self._runner.container.explain(function, *(each.name for each in ordinary))
        return wrap_plain(function, ordinary, self.run)
