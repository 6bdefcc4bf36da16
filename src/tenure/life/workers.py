"""Worker threads on asyncio: what a unit of work sends there costs two wake-ups and little else.

They are kept as anyio keeps its own, for the loop and as long as its first task runs, and are
threads of anyio's for whoever asks (``anyio.from_thread``). What differs is how work goes there
and back: a job waits in a ``SimpleQueue``, which locks nothing in Python, and its outcome wakes
the task in the turn of the loop in which it arrives, without a future and its callbacks.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import types
from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Callable, Generator
from contextlib import suppress
from contextvars import Context
from queue import SimpleQueue
from threading import Lock, Thread, local
from typing import Any, Final
from weakref import WeakSet

from anyio import CancelScope, CapacityLimiter
from anyio._backends._asyncio import AsyncIOBackend, find_root_task
from anyio._core._eventloop import claim_worker_thread, threadlocals
from anyio.to_thread import current_default_thread_limiter

from tenure.life.budget import logger

__all__ = ["Pool", "Work", "pool_of"]

# anyio has no public way to say that a thread is one from which the loop may be called, nor which
# task runs as long as the loop does. Tests tell when these names move.

_MOST_IDLE: Final = 10.0
"""Seconds that a thread waits for work before it may be ended, as anyio's do."""


class Work:
    """What a thread is to do: an awaitable that is driven by hand, and what it waits for.

    It is never cancelled but by whoever gives it up: the thread goes on, and what comes of it is
    dropped.
    """

    __slots__ = ("_asyncio_future_blocking", "_call", "_error", "_given_up", "_value", "_wake")

    def __init__(self, call: Callable[[], Any]) -> None:
        self._call: Callable[[], Any] | None = call
        self._value: Any = None
        self._error: BaseException | None = None
        self._given_up: tuple[Any, ...] | None = None
        self._wake: Callable[[Any], object] | None = None
        self._asyncio_future_blocking = True

    def run(self) -> None:
        """Do it, in the thread."""
        call, self._call = self._call, None
        try:
            if call is not None:
                self._value = call()
        except BaseException as error:  # raised where it is waited for
            self._error = error

    def done(self) -> None:
        """Let the one who waits go on; in the thread of the loop."""
        wake, self._wake = self._wake, None
        if wake is not None:
            wake(self)
        elif self._error is not None:  # given up: a timeout has been reported in its place
            logger.debug("what was left alone in a thread failed", exc_info=self._error)

    def add_done_callback(self, wake: Callable[[Any], object]) -> None:
        """Have *wake* called when the thread is done, or the work given up."""
        self._wake = wake

    def cancel(self, msg: Any = None) -> bool:
        """Give it up."""
        if self._given_up is not None or self._wake is None:
            return False
        self._given_up = () if msg is None else (msg,)
        asyncio.get_running_loop().call_soon(self.done)
        return True

    def send(self, _: None) -> Any:
        """The first time what is waited for, this; then the outcome, as ``StopIteration``."""
        if self._asyncio_future_blocking:
            return self
        if self._given_up is not None:
            raise asyncio.CancelledError(*self._given_up)
        # The thread may not have let go of this yet, so nothing is left in it.
        error, self._error = self._error, None
        value, self._value = self._value, None
        if error is not None:
            try:
                raise error
            finally:
                del error, self  # which its traceback leads to
        raise StopIteration(value)

    def throw(self, error: BaseException) -> Any:
        """What was thrown comes out; the thread is left alone."""
        raise error

    def close(self) -> None:
        """Nobody waits any more."""
        self._wake = None

    @types.coroutine
    def wait(self) -> Generator[Any, None, Any]:
        """The same as a coroutine."""
        yield self
        try:
            return self.send(None)
        except StopIteration as stop:
            return stop.value


class _Worker(Thread):
    """Does one job after another, until it is given none."""

    def __init__(self, pool: Pool) -> None:
        inherits_nothing: dict[str, Any] = {}
        if sys.version_info >= (3, 14):
            inherits_nothing["context"] = Context()
        super().__init__(name="Tenure worker thread", **inherits_nothing)
        self.jobs: SimpleQueue[Work | None] = SimpleQueue()
        self.idle_since = 0.0
        self._pool = pool
        self._context = Context()

    def run(self) -> None:
        pool, next_job = self._pool, self.jobs.get
        loop, is_done = pool.loop, pool.is_done
        with claim_worker_thread(AsyncIOBackend, loop):
            threadlocals.current_cancel_scope = pool.scope
            while True:
                job = next_job()
                if job is None:
                    return
                job.run()
                try:
                    loop.call_soon_threadsafe(is_done, self, job, context=self._context)
                except RuntimeError:
                    if not loop.is_closed():
                        raise
                    return
                del job


class Pool:
    """The worker threads of one event loop, as many as work at the same time."""

    def __init__(self, loop: AbstractEventLoop) -> None:
        self.loop = loop
        self.limiter: CapacityLimiter = current_default_thread_limiter()
        """How many threads may work for those who wait for one."""
        self.scope = CancelScope(shield=True)
        """Around what jobs call on the loop: it is not cancelled, for the jobs are waited for."""
        self._idle: deque[_Worker] = deque()
        self._workers: set[_Worker] = set()
        self.is_stopped = False
        find_root_task().add_done_callback(self._stop, context=Context())
        with _pools_lock:
            _pools.add(self)

    def start(self, work: Work) -> None:
        """Have *work* done by a thread that is free, or by a new one."""
        idle = self._idle
        if idle:
            worker = idle.pop()
            if idle and self.loop.time() - idle[0].idle_since > _MOST_IDLE:
                self._end(idle.popleft())
        else:
            worker = _Worker(self)
            worker.start()
            self._workers.add(worker)
        worker.jobs.put(work)

    def is_done(self, worker: _Worker, work: Work) -> None:
        """Take *worker* back; in the thread of the loop."""
        if not self.is_stopped:
            worker.idle_since = self.loop.time()
            self._idle.append(worker)
        work.done()

    def _end(self, worker: _Worker) -> None:
        self._workers.discard(worker)
        worker.jobs.put(None)

    def _stop(self, _: object) -> None:
        self.end()
        if getattr(_here, "pool", None) is self:
            del _here.pool

    def end(self) -> None:
        """Let all threads end, and start no others."""
        # Those that work still end when they are done.
        self.is_stopped = True
        self._idle.clear()
        for worker in list(self._workers):
            self._end(worker)


_pools: Final[WeakSet[Pool]] = WeakSet()
_pools_lock: Final = Lock()


def _end_with_the_interpreter() -> None:
    """End the threads of loops that were left in the middle, after a Ctrl-C for instance.

    Their first task is never done, and the interpreter waits for all threads.
    """
    with _pools_lock:
        pools = list(_pools)
    for pool in pools:
        if not pool.loop.is_running():  # one that runs in a thread will end by itself
            pool.end()


# What ``concurrent.futures`` uses: ``atexit`` has its turn only when all threads have ended.
with suppress(RuntimeError):  # the interpreter is about to end already
    vars(threading)["_register_atexit"](_end_with_the_interpreter)


class _Here(local):
    pool: Pool


_here = _Here()


def pool_of(loop: AbstractEventLoop) -> Pool:
    """The pool of *loop*, which runs in this thread."""
    pool = getattr(_here, "pool", None)
    if pool is None or pool.loop is not loop or pool.is_stopped:
        pool = _here.pool = Pool(loop)
    return pool
