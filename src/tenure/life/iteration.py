"""Iterators that belong to a unit of work: run and closed in its task, before what they use.

Left to the garbage collector, a generator runs its ``finally`` in another task, when what it uses
is gone. So whoever runs one here also closes it, and closing it is shielded like an exit.
"""

from __future__ import annotations

import inspect
import math
import types
from asyncio import _get_running_loop, current_task
from collections.abc import AsyncIterator, Callable, Generator
from typing import Any, Final, Self

from anyio import (
    CancelScope,
    current_effective_deadline,
    current_time,
    get_cancelled_exc_class,
)
from anyio.lowlevel import checkpoint, checkpoint_if_cancelled

from tenure.errors import ExitTimeoutError
from tenure.life.budget import report_late
from tenure.life.scope import Scope, Timed
from tenure.life.shield import cancel_again, deliver, hold
from tenure.life.stand_in import StandIn, exiting, outstanding
from tenure.life.threads import hold_exit, in_thread

__all__ = ["Iteration"]

_ENDED: Final = object()


class _Closing:
    """Stands in ``exiting`` for an iterator that is being closed."""

    def __init__(self) -> None:
        self.ag_frame: object = self
        """As an async generator's: None when it is over."""


class Iteration(AsyncIterator[Any]):
    """What an iterable holds, one by one: ``def`` generators in worker threads, others here.

    *convert* is applied to each item where it was made. It can be iterated as it is; inside
    ``with iteration:`` it can also be stopped from another task, and a cancellation from outside
    reaches the iterator once only, so that its ``finally`` can await. ``close`` afterwards, still
    inside. *in_thread* False iterates plain iterables, too, without a thread. Raises
    ``TypeError`` for what cannot be iterated.

    A ``finally`` that takes longer than *ending* says is cancelled, and named by
    ``ExitTimeoutError``, which is raised at the end of ``with``, or by ``close`` without one.
    """

    ending: Callable[[], Timed] | None = None
    """Whose end it is and how long it may take; asked when the end has to wait."""

    def __init__(
        self,
        iterable: Any,
        convert: Callable[[Any], Any] | None = None,
        *,
        in_thread: bool = True,
    ) -> None:
        self._is_async = hasattr(iterable, "__aiter__")
        if not self._is_async and not hasattr(iterable, "__iter__"):
            msg = f"{type(iterable).__name__!r} object is not iterable"
            raise TypeError(msg)
        self._iterable = iterable
        self._iterator: Any = None
        """Made from the iterable by the first step."""
        self._convert = convert
        self._in_thread = in_thread
        self._scope = Scope()
        """Of the threads: what they set is seen by the task, and what it sets by them."""
        self._stopping: CancelScope | None = None
        """Around everything while it is entered: cancelled by ``stop``."""
        self._shield: CancelScope | None = None
        """Inside of that one, shielding while the iterator cleans up."""
        self._is_closed = False

    def __enter__(self) -> Self:
        self._stopping, self._shield = CancelScope(), CancelScope()
        self._stopping.__enter__()
        self._shield.__enter__()
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: types.TracebackType | None,
    ) -> bool:
        if self._stopping is None or self._shield is None:
            return False
        is_late = self._shield.cancel_called
        if self._shield.__exit__(exception_type, exception, traceback):
            exception_type = exception = traceback = None
        is_taken = self._stopping.__exit__(exception_type, exception, traceback)
        if is_late:
            raise self._late() from exception
        return bool(is_taken)

    def stop(self) -> None:
        """Cancel what the iteration waits for; what is inside of ``with`` ends without an error."""
        if self._stopping is not None:
            self._stopping.cancel()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        """The next item, converted."""
        if not self._is_async:
            item = await self._step_plain()
            if item is _ENDED:
                raise StopAsyncIteration
            return item
        if self._iterator is None:
            self._iterator = aiter(self._iterable)
        else:
            await checkpoint()  # one that never waits must not keep the others from running
        item = await self._step(self._iterator.__anext__())
        return item if self._convert is None else self._convert(item)

    async def _step_plain(self) -> Any:
        if self._in_thread:
            await checkpoint_if_cancelled()  # while the thread works nothing is cancelled
            return await in_thread(self._scope, self._next_plain, True)
        if self._iterator is not None:
            await checkpoint()
        return self._next_plain()

    def _next_plain(self) -> Any:
        if self._iterator is None:
            self._iterator = iter(self._iterable)
        item = next(self._iterator, _ENDED)
        return item if item is _ENDED or self._convert is None else self._convert(item)

    @types.coroutine
    def _step(self, awaitable: Any) -> Generator[Any, Any, Any]:
        """Await one item; once a cancellation is raised in it, ``_cut_off`` goes on."""
        running = awaitable.__await__()
        try:
            waiting = running.send(None)
            before = _cancelling()
            while True:
                try:
                    answer = yield waiting
                except GeneratorExit:
                    running.close()
                    raise
                except BaseException as error:
                    if isinstance(error, get_cancelled_exc_class()):
                        return (yield from self._cut_off(running, running.throw, error, before))
                    waiting = running.throw(error)
                else:
                    # On trio exceptions are sent, too: as an outcome that holds them.
                    if isinstance(getattr(answer, "error", None), get_cancelled_exc_class()):
                        return (yield from self._cut_off(running, running.send, answer, before))
                    waiting = running.send(answer)
        except StopIteration as stop:
            return stop.value

    def _cut_off(
        self, running: Any, resume: Callable[[Any], Any], argument: Any, before: int
    ) -> Generator[Any, Any, Any]:
        """Tell the iterator of a cancellation, and shield what it still awaits after that.

        It may be of a scope or a timeout of the iterator's own, which then is over; *before* is how
        often the task had been cancelled when the step began. While one from outside is
        outstanding, others are held back: by our scope, and by a stand-in on asyncio.
        """
        outer, mark = exiting.get(), _Closing()
        noted: list[Any] = []
        # Asked before the iterator is told: a scope of its own that is over as well must still
        # see the one outside, or it would take the cancellation for its. Asked again later, when
        # it has left the scope that trio waits in.
        is_cut_off = self._is_cut_off()
        try:
            while True:
                exiting.set(mark)
                waiting = resume(argument)
                exiting.set(None)  # the loop's own turn is not the iterator's doing
                is_cut_off = is_cut_off or self._is_cut_off()
                if is_cut_off and self._shield is not None:
                    self._shield.shield = True
                is_held = _cancelling() > before
                self._limit_time(self._shield, is_limited=is_cut_off or is_held)
                if is_held:
                    waiting = StandIn(waiting, mark, noted)
                elif noted:
                    cancel_again(outstanding(noted))
                    noted.clear()
                try:
                    argument = yield waiting
                    resume = running.send
                except GeneratorExit:
                    running.close()
                    raise
                except BaseException as error:
                    resume, argument = running.throw, error
        except StopIteration as stop:
            return stop.value
        finally:
            del argument  # whose traceback may lead here
            mark.ag_frame = None
            exiting.set(outer)
            self._limit_time(self._shield, is_limited=False)
            if is_cut_off and self._shield is not None:
                self._shield.shield = False
            cancel_again(outstanding(noted))

    def _is_cut_off(self) -> bool:
        """Whether a scope outside of this one is cancelled, and none inside."""
        shield = self._shield
        if shield is None or current_effective_deadline() != -math.inf:
            return False
        shield.shield = True
        is_from_outside = current_effective_deadline() != -math.inf
        shield.shield = False
        return is_from_outside

    async def close(self) -> None:
        """Run the iterator's ``finally``; cancellations are delivered when it is done.

        Async iterators are closed if they have an ``aclose``, plain ones if they are generators:
        a file, say, belongs to whoever opened it.
        """
        if self._is_closed:
            return
        self._is_closed = True
        if self._shield is None:
            with CancelScope(shield=True) as shield:
                await self._close(shield)
            if shield.cancel_called:
                raise self._late()
            return
        self._shield.shield = True
        try:
            await self._close(self._shield)
        finally:
            self._shield.shield = False

    async def _close(self, shield: CancelScope) -> None:
        iterator = self._iterable if self._iterator is None else self._iterator
        if self._is_async:
            if hasattr(iterator, "aclose"):
                await self._close_async(iterator, shield)
        elif isinstance(iterator, Generator):
            if _is_suspended(iterator) and self._in_thread:
                await self._close_in_thread(iterator)
            else:
                iterator.close()

    async def _close_in_thread(self, iterator: Any) -> None:
        ending = self.ending() if self.ending is not None else None

        def close() -> None:
            if ending is not None:
                self._scope.leaves(ending)
            iterator.close()

        seconds = ending.exit_timeout if ending is not None else None
        held = await hold_exit(self._scope, close, seconds)
        await deliver(held.interruptions)

    async def _close_async(self, iterator: Any, shield: CancelScope) -> None:
        outer, mark = exiting.get(), _Closing()
        exiting.set(mark)
        try:
            closing = _awaited(iterator)
            try:
                waiting = closing.send(None)
            except StopIteration:
                return
            self._limit_time(shield, is_limited=True)
            held = await hold(closing, waiting, mark)
            await deliver(held.interruptions)
        finally:
            mark.ag_frame = None
            exiting.set(outer)
            self._limit_time(shield, is_limited=False)

    def _limit_time(self, shield: CancelScope | None, *, is_limited: bool) -> None:
        """Let the time for the end begin, if it has not; or let it be over."""
        if shield is None or is_limited == (shield.deadline != math.inf):
            return
        if not is_limited:
            shield.deadline = math.inf
            return
        seconds = self.ending().exit_timeout if self.ending is not None else None
        if seconds is not None:
            shield.deadline = current_time() + seconds

    def _late(self) -> ExitTimeoutError:
        assert self.ending is not None, "otherwise the time is not limited"
        return report_late(self.ending())


def _cancelling() -> int:
    """How many cancellations of the task are outstanding; none on trio, which has scopes only."""
    loop = _get_running_loop()
    task = current_task(loop) if loop is not None else None
    return task.cancelling() if task is not None else 0


def _is_suspended(generator: Any) -> bool:
    """Whether closing *generator* runs code of its own, as far as that can be known."""
    if not isinstance(generator, types.GeneratorType):
        return True
    return inspect.getgeneratorstate(generator) == inspect.GEN_SUSPENDED


async def _awaited(iterator: Any) -> None:
    try:
        await iterator.aclose()
    except BaseExceptionGroup as group:
        # A task group around the yield wraps what only says that the iterator is closed.
        _, others = group.split(GeneratorExit)
        if others is not None:
            raise others from None
