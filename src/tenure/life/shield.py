"""Exits that suspend are finished before a cancellation from outside is delivered.

The awaitable of an exit (or of a thread's work) is driven by hand, in the task it belongs to,
so that cancel scopes and context variables keep working.

*asyncio.* A task is cancelled through the future it waits for. So the driver hands the loop a
stand-in for the future that the exit code waits for. A cancellation from outside only reaches
the stand-in: it is noted, the exit goes on, and the cancellation is delivered when it is done.
A cancellation that the exit code itself caused is passed on to the real future; the context
variable ``exiting`` tells the two apart.

*trio, and anyio's cancel scopes on asyncio.* Such a scope is consulted, not only delivered: each
of anyio's own primitives asks the scopes around it. So where a unit of work runs inside one, a
scope of our own is entered before anything is opened, and is shielding while exits run
(``life.unit``). It has to lie outside of whatever the dependencies hold across their ``yield``.
"""

from __future__ import annotations

import asyncio
import math
import sys
import types
from collections.abc import Callable, Generator, Sequence
from contextvars import ContextVar, copy_context
from typing import Any, Final, NamedTuple

from anyio import CancelScope, current_effective_deadline
from anyio.lowlevel import checkpoint_if_cancelled

from tenure.life.budget import ExitBudget, ThreadBudget, logger
from tenure.life.scope import Scope

__all__ = [
    "ENDED",
    "Held",
    "cancel_again",
    "checkpoint_between_exits",
    "deliver",
    "exiting",
    "hold",
]

exiting: Final[ContextVar[Any]] = ContextVar("tenure_exiting", default=None)
"""The generator whose exit is running.

Set before an exit is driven, so that every timer, callback and task which it starts inherits it:
that tells a cancellation which the exit has brought on itself from one that comes from outside.
It is not reset, but for an exit of another unit of work around this one that goes on: an exit
that is over is never asked for, and the next one sets its own.
"""

ENDED: Final = object()
"""The outcome of an async generator that has ended."""


class Held(NamedTuple):
    """How a held awaitable came out."""

    value: Any
    """What it returned, or ``ENDED``."""
    interruptions: Sequence[Any]
    """The messages of cancellations that are still to be delivered."""


class _StandIn:
    """Waits in place of *waited_for* and keeps cancellations from outside away from it.

    It does what a task asks of the future it awaits (``asyncio.Future.__await__``), and wakes
    the task itself: going through a future's callbacks would cost another turn of the loop.
    """

    __slots__ = (
        "_asyncio_future_blocking",
        "_cancelled",
        "_context",
        "_generator",
        "_loop",
        "_noted",
        "_task",
        "_waited_for",
        "_wake",
    )

    def __init__(self, waited_for: Any, generator: Any, noted: list[_Noted]) -> None:
        self._loop = asyncio.get_running_loop()
        self._waited_for = waited_for
        self._generator = generator
        self._noted = noted
        self._task = asyncio.current_task()
        self._wake: Any = None
        self._context: Any = None
        self._cancelled: tuple[Any, ...] | None = None
        if waited_for is None:  # a bare yield: go on in the next turn of the loop
            self._loop.call_soon(self._release, None)
        else:
            waited_for._asyncio_future_blocking = False  # noqa: SLF001 - as a task does it
            waited_for.add_done_callback(self._release)
        self._asyncio_future_blocking = True

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self._loop

    def add_done_callback(self, wake: Any, *, context: Any = None) -> None:
        # A task's, or another stand-in's: that of an exit which runs a unit of work.
        self._wake, self._context = wake, context or copy_context()

    def done(self) -> bool:
        return self._wake is None

    def result(self) -> None:
        if self._cancelled is not None:
            raise asyncio.CancelledError(*self._cancelled)

    def interrupt(self) -> None:
        """Cancel what is waited for, as the exit's own doing."""
        if self._waited_for is None:
            self._cancelled = ()
        else:
            self._waited_for.cancel()

    def wake(self) -> None:
        """Let the driver go on although what is waited for is not there."""
        self._release(None)

    def _release(self, _: Any) -> None:
        wake, self._wake = self._wake, None
        if wake is None:
            return
        context, self._context, self._task = self._context, None, None
        try:
            context.run(wake, self)
        finally:
            # The traceback of what the task raises leads to this frame: it must not lead back.
            del wake, context, self

    def cancel(self, msg: Any | None = None) -> bool:
        caller = sys._getframe(1)
        if not (_is_own(msg, self._generator) or _is_closing_task_group(caller)):
            self._noted.append(_Noted(msg, _timeout_of(caller)))
            # Taken, to be delivered later; the task goes on waiting. Until then it does not
            # count: a timeout inside the exit tells its own cancellation by the count.
            if self._task is not None:
                self._task.uncancel()
            return True
        if self._waited_for is None:
            # The task wakes in the turn of the loop that it waits for.
            self._cancelled = () if msg is None else (msg,)
            return True
        return bool(self._waited_for.cancel(msg=msg))


class _Noted(NamedTuple):
    """A cancellation that was held back."""

    message: Any
    timeout: Any
    """The ``asyncio.Timeout`` that requested it, if one did."""

    def stands(self) -> bool:
        """Whether nobody has taken it back.

        A timeout that a dependency holds across its ``yield`` is over when its exit is.
        """
        state = getattr(self.timeout, "_state", None)
        return getattr(state, "value", None) not in ("expired", "finished")


def _timeout_of(caller: types.FrameType | None) -> Any:
    if caller is None or caller.f_code is not _TIMEOUT_IS_OVER:
        return None
    return caller.f_locals.get("self")


class _Delivery(asyncio.Future[None]):
    """What a task waits for while the cancellations that were held back are requested again."""

    def __init__(self, messages: Sequence[Any]) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self._outstanding = len(messages)
        self.get_loop().call_soon(self._request, asyncio.current_task(), messages)
        self._asyncio_future_blocking = True

    def _request(self, task: asyncio.Task[Any] | None, messages: Sequence[Any]) -> None:
        if task is not None:
            for message in messages:
                task.cancel(message)

    def cancel(self, msg: Any | None = None) -> bool:
        # Each counts, as it did when it was first requested; the last one wakes the task.
        self._outstanding -= 1
        return super().cancel(msg) if self._outstanding <= 0 else True


def _is_own(message: Any, generator: Any) -> bool:
    """Whether the exit of *generator*, which is suspended, has brought a cancellation on itself.

    Whoever cancels runs in the context of what started it. anyio's scopes outside the unit of
    work are kept off by its shield, so one that cancels is inside. What is driven without being
    an exit, a thread's work, has nothing of its own.
    """
    if generator is None:
        return False
    if exiting.get() is generator:
        return True
    return isinstance(message, str) and message.startswith(_ANYIO_MESSAGES)


_ANYIO_MESSAGES = ("Cancelled by cancel scope", "Cancelled via cancel scope")
_CHILD_IS_DONE: Any = vars(asyncio.TaskGroup)["_on_task_done"].__code__
_TIMEOUT_IS_OVER: Any = vars(asyncio.Timeout)["_on_timeout"].__code__


def _is_closing_task_group(caller: types.FrameType | None) -> bool:
    """Whether a task group cancels the task that waits in it for its children.

    It was opened before the exit began, perhaps, but the exit is where the task is now.
    """
    if caller is None or caller.f_code is not _CHILD_IS_DONE:
        return False
    group = caller.f_locals.get("self")
    return bool(getattr(group, "_exiting", False))


async def hold(
    awaitable: Any,
    waiting: Any,
    generator: Any = None,
    noted: list[Any] | None = None,
    budget: ExitBudget | ThreadBudget | None = None,
) -> Held:
    """Drive *awaitable*, which has already yielded *waiting*, to its end.

    *generator* is the one whose exit it is; None for a thread's work. *noted* is filled with the
    cancellations from outside as they arrive. What it raises comes out
    as it is. A cancellation that arrived meanwhile is returned, not raised: the caller knows
    what has to be noted first.
    """
    if waiting is None or hasattr(waiting, "_asyncio_future_blocking"):
        noted = noted if noted is not None else []
        if budget is None:
            return await _hold_on_asyncio(awaitable, waiting, generator, noted, None)
        return await _hold_in_time(awaitable, waiting, generator, noted, budget)
    value = await _hold_on_trio(awaitable, waiting)
    return Held(value, ())


async def _hold_in_time(
    awaitable: Any,
    waiting: Any,
    generator: Any,
    noted: list[Any],
    budget: ExitBudget | ThreadBudget,
) -> Held:
    try:
        held = await _hold_on_asyncio(awaitable, waiting, generator, noted, budget)
    except BaseException as error:
        late = budget.error(error)
        if late is None:
            raise
        raise late from error
    finally:
        budget.close()
    late = budget.error(None)
    if late is None:
        return held
    cancel_again(held.interruptions)
    raise late


@types.coroutine
def _hold_on_asyncio(
    awaitable: Any,
    waiting: Any,
    generator: Any,
    noted: list[_Noted],
    budget: ExitBudget | ThreadBudget | None,
) -> Generator[Any, None, Held]:
    # A thread's work may be part of an exit of another unit of work, which goes on after it.
    mark = generator if generator is not None else exiting.get()
    try:
        while True:
            # Only what runs as part of the exit carries the mark, not the loop's own turn: a
            # cancellation that was requested before must not pass for one of the exit's own.
            exiting.set(None)
            stand_in = _StandIn(waiting, generator, noted)
            if budget is not None:
                budget.watch(stand_in)
            try:
                yield stand_in
            except GeneratorExit:
                awaitable.close()
                raise
            except BaseException as error:
                # Thrown by the loop: what the exit code has brought on itself.
                exiting.set(mark)
                outcome = _step(awaitable.throw, error)
            else:
                exiting.set(mark)
                if budget is not None and budget.is_over:
                    _abandon(awaitable)
                    return Held(None, _outstanding(noted))
                outcome = _step(awaitable.send, None)
            if not isinstance(outcome, _Suspended):
                return Held(outcome.value, _outstanding(noted))
            waiting = outcome.waiting
    except BaseException:
        # The failure comes out; the cancellation follows at the next suspension.
        cancel_again(_outstanding(noted))
        raise


def _abandon(awaitable: Any) -> None:
    """Leave an exit alone that does not end: nobody drives it any more."""
    try:
        awaitable.close()
    except BaseException:  # it waits again, or fails: its error has been reported as the timeout
        logger.debug("an abandoned exit failed", exc_info=True)


def _outstanding(noted: list[_Noted]) -> Sequence[Any]:
    return [each.message for each in noted if each.stands()]


def cancel_again(messages: Sequence[Any]) -> None:
    """Deliver cancellations that were held back at the next suspension of the task."""
    task = asyncio.current_task() if messages else None
    if task is not None:
        for message in messages:
            task.cancel(message)


async def deliver(messages: Sequence[Any]) -> None:
    """Deliver cancellations that were held back, now: raises ``CancelledError`` if there are."""
    if messages:
        await _suspend(_Delivery(messages))


@types.coroutine
def _suspend(future: Any) -> Generator[Any, None, None]:
    yield future


@types.coroutine
def _hold_on_trio(awaitable: Any, waiting: Any) -> Generator[Any, Any, Any]:
    while True:
        try:
            answer = yield waiting
        except BaseException as error:
            outcome = _step(awaitable.throw, error)
        else:
            outcome = _step(awaitable.send, answer)
        if not isinstance(outcome, _Suspended):
            return outcome.value
        waiting = outcome.waiting


class _Suspended(NamedTuple):
    waiting: Any


class _Done(NamedTuple):
    value: Any


def _step(resume: Callable[[Any], Any], argument: Any) -> _Suspended | _Done:
    """Resume an awaitable once; it suspends again, returns a value, ends, or raises."""
    try:
        return _Suspended(resume(argument))
    except StopAsyncIteration:
        return _Done(ENDED)
    except StopIteration as stop:
        return _Done(stop.value)


def _is_cancelled() -> bool:
    return current_effective_deadline() == -math.inf


async def checkpoint_between_exits(scope: Scope | None) -> None:
    """Deliver a cancellation that the scope's shield has held back: between two exits, or hops."""
    shield = scope.shield if scope is not None else None
    if shield is None:
        return
    was_shielding = shield.shield
    if was_shielding and isinstance(shield, CancelScope) and _is_cancelled():
        return  # a scope that a dependency holds: its own exit sees to it
    shield.shield = False
    try:
        await checkpoint_if_cancelled()
    finally:
        shield.shield = was_shielding
