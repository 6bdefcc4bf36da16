"""Exits that suspend are finished before a cancellation from outside is delivered.

The awaitable of an exit (or of a thread's work) is driven by hand, in the task it belongs to,
so that cancel scopes and context variables keep working.

*asyncio.* A task is cancelled through the future it waits for. So the driver hands the loop a
stand-in for the future that the exit code waits for. A cancellation from outside only reaches
the stand-in: it is noted, the exit goes on, and the cancellation is delivered when it is done.
A cancellation that the exit code itself caused is passed on to the real future (``_is_own``
says how the two are told apart).

*trio, and anyio's cancel scopes on asyncio.* Such a scope is consulted, not only delivered: each
of anyio's own primitives asks the scopes around it. So where a unit of work runs inside one, a
scope of our own is entered before anything is opened, and is shielding while exits run
(``life.unit``). It has to lie outside of whatever the dependencies hold across their ``yield``.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import types
from collections.abc import Callable, Generator, Iterator, Sequence
from contextvars import ContextVar
from typing import Any, Final, NamedTuple

from anyio.lowlevel import checkpoint_if_cancelled

from tenure.life.scope import Scope

__all__ = ["ENDED", "Held", "cancel_again", "checkpoint_between_exits", "deliver", "hold"]

_exiting: Final[ContextVar[object | None]] = ContextVar("tenure_exiting", default=None)
"""Marks what runs as part of an exit, from its first suspension on: the timers, callbacks and
tasks that it starts inherit the mark. Before that, most exits have ended, and go without."""

ENDED: Final = object()
"""The outcome of an async generator that has ended."""


class Held(NamedTuple):
    """How a held awaitable came out."""

    value: Any
    """What it returned, or ``ENDED``."""
    interruptions: Sequence[Any]
    """The messages of cancellations that are still to be delivered."""


class _StandIn(asyncio.Future[None]):
    """Waits in place of *waited_for* and keeps cancellations from outside away from it."""

    def __init__(self, waited_for: Any, exit_code: _ExitCode | None, noted: list[_Noted]) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self._waited_for = waited_for
        self._exit_code = exit_code
        self._noted = noted
        self._task = asyncio.current_task()
        if waited_for is None:  # a bare yield: go on in the next turn of the loop
            self.get_loop().call_soon(self._release, None)
        else:
            waited_for._asyncio_future_blocking = False  # noqa: SLF001 - as a task does it
            waited_for.add_done_callback(self._release)
        # The protocol between a task and the future it awaits (asyncio.Future.__await__).
        self._asyncio_future_blocking = True

    def _release(self, _: Any) -> None:
        if not self.done():
            self.set_result(None)

    def cancel(self, msg: Any | None = None) -> bool:
        if not _is_own(msg, self._exit_code, sys._getframe(1)):
            self._noted.append(_Noted(msg, _timeout_of(sys._getframe(1))))
            # Taken, to be delivered later; the task goes on waiting. Until then it does not
            # count: a timeout inside the exit tells its own cancellation by the count.
            if self._task is not None:
                self._task.uncancel()
            return True
        if self._waited_for is None:
            return super().cancel(msg)
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


class _ExitCode(NamedTuple):
    """An exit that is being driven."""

    mark: object
    """What ``_exiting`` holds while it runs."""
    awaitable: Any


def _is_own(message: Any, exit_code: _ExitCode | None, caller: types.FrameType | None) -> bool:
    """Whether the exit code that is suspended has brought a cancellation on itself.

    - Its timers and tasks carry its mark, if they were started after its first suspension.
    - A timeout or a task group that it has entered, and that cancels its task, is held by one
      of its frames.
    - anyio's scopes outside the unit of work are kept off by its shield, so one that cancels
      is inside.

    What is driven without being an exit, a thread's work, has nothing of its own.
    """
    if exit_code is None:
        return False
    if _exiting.get() is exit_code.mark:
        return True
    if isinstance(message, str) and message.startswith(_ANYIO_MESSAGES):
        return True
    manager = caller.f_locals.get("self") if caller is not None else None
    return manager is not None and any(
        _holds(frame, manager) for frame in _suspended_in(exit_code.awaitable)
    )


def _suspended_in(awaitable: Any) -> Iterator[Any]:
    """The generators and coroutines that *awaitable* is suspended in, from the outside in."""
    for generator in gc.get_referents(awaitable):  # an exit's awaitable refers to its generator
        inner = generator
        while hasattr(inner, "ag_await") or hasattr(inner, "cr_await"):
            yield inner
            inner = getattr(inner, "ag_await", None) or getattr(inner, "cr_await", None)


def _holds(suspended: Any, manager: Any) -> bool:
    # ``async with`` keeps the manager, or its bound ``__aexit__``, on the stack of the frame,
    # which nothing but the garbage collector lets us see.
    return any(
        each is manager or getattr(each, "__self__", None) is manager
        for each in gc.get_referents(suspended)
    )


_ANYIO_MESSAGES = ("Cancelled by cancel scope", "Cancelled via cancel scope")
_TIMEOUT_IS_OVER: Any = vars(asyncio.Timeout)["_on_timeout"].__code__


async def hold(awaitable: Any, waiting: Any, *, is_exit: bool) -> Held:
    """Drive *awaitable*, which has already yielded *waiting*, to its end.

    What it raises comes out as it is. A cancellation that arrived meanwhile is returned, not
    raised: the caller knows what has to be noted first.
    """
    if waiting is None or hasattr(waiting, "_asyncio_future_blocking"):
        exit_code = _ExitCode(object(), awaitable) if is_exit else None
        return await _hold_on_asyncio(awaitable, waiting, exit_code)
    value = await _hold_on_trio(awaitable, waiting)
    return Held(value, ())


@types.coroutine
def _hold_on_asyncio(
    awaitable: Any, waiting: Any, exit_code: _ExitCode | None
) -> Generator[Any, None, Held]:
    noted: list[_Noted] = []
    try:
        while True:
            try:
                yield _StandIn(waiting, exit_code, noted)
            except GeneratorExit:
                awaitable.close()
                raise
            except BaseException as error:
                # Thrown by the loop: what the exit code has brought on itself.
                outcome = _resumed(exit_code, awaitable.throw, error)
            else:
                outcome = _resumed(exit_code, awaitable.send, None)
            if not isinstance(outcome, _Suspended):
                return Held(outcome.value, _outstanding(noted))
            waiting = outcome.waiting
    except BaseException:
        # The failure comes out; the cancellation follows at the next suspension.
        cancel_again(_outstanding(noted))
        raise


def _resumed(
    exit_code: _ExitCode | None, resume: Callable[[Any], Any], argument: Any
) -> _Suspended | _Done:
    if exit_code is None:
        return _step(resume, argument)
    # Only what runs as part of the exit carries the mark, not the loop's own turn: a
    # cancellation that was requested before must not pass for one of the exit's own.
    token = _exiting.set(exit_code.mark)
    try:
        return _step(resume, argument)
    finally:
        _exiting.reset(token)


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


async def checkpoint_between_exits(scope: Scope | None) -> None:
    """Deliver a cancellation that the scope's shield has held back during one exit."""
    shield = scope.shield if scope is not None else None
    if shield is None:
        return
    shield.shield = False
    try:
        await checkpoint_if_cancelled()
    finally:
        shield.shield = True
