"""What a task waits for on asyncio while an exit runs, in place of what the exit waits for.

A task is cancelled through the future it waits for. A cancellation from outside only reaches the
stand-in, and is noted; one that the exit code itself has caused is passed on. The context variable
``exiting`` tells the two apart.
"""

from __future__ import annotations

import asyncio
import sys
import types
from collections.abc import Sequence
from contextvars import ContextVar, copy_context
from typing import Any, Final, NamedTuple

__all__ = ["StandIn", "exiting", "outstanding"]

exiting: Final[ContextVar[Any]] = ContextVar("tenure_exiting", default=None)
"""The generator whose exit is running.

Set before an exit is driven, so that every timer, callback and task which it starts inherits it:
that tells a cancellation which the exit has brought on itself from one that comes from outside.
It is set back when the exits of a scope are over, not after each: an exit that is over is never
asked for, and the next one sets its own.
"""


class StandIn:
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
        """The loop that is running."""
        return self._loop

    def add_done_callback(self, wake: Any, *, context: Any = None) -> None:
        """Take what wakes the task."""
        # A task's, or another stand-in's: that of an exit which runs a unit of work.
        self._wake, self._context = wake, context or copy_context()

    def done(self) -> bool:
        """Whether the task was woken."""
        return self._wake is None

    def result(self) -> None:
        """What the task is woken with."""
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
        """Note a cancellation from outside; pass on one of the exit's own."""
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


def outstanding(noted: list[Any]) -> Sequence[Any]:
    """The messages of the cancellations in *noted*, what a stand-in has held back, that stand."""
    return [each.message for each in noted if each.stands()]
