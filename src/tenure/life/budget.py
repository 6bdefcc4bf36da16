"""The time that exits may take: one that hangs is named, and does not keep the others.

An async exit whose time is over is cancelled where it waits. If it goes on waiting all the same,
it is left alone after a second, shorter time. A worker thread cannot be cancelled: it is left
alone at once, and ends before it would begin another exit.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Generator
from contextlib import contextmanager
from time import monotonic
from typing import Any, Final, Protocol

import anyio

from tenure.errors import ExitTimeoutError
from tenure.life.protocol import took_too_long
from tenure.life.scope import Resource, Scope, Timed

__all__ = [
    "ExitBudget",
    "ThreadBudget",
    "deadline_of_shield",
    "exit_budget",
    "logger",
    "report_late",
]

logger: Final = logging.getLogger("tenure")

_SECOND_CHANCE: Final = 5.0
"""Seconds, at most, for an exit to end after it was cancelled."""


class Waiter(Protocol):
    """What a held awaitable waits in (``shield``)."""

    def interrupt(self) -> None:
        """Cancel what is waited for."""
        ...

    def wake(self) -> None:
        """Let the driver go on although what is waited for is not there."""
        ...


def report_late(resource: Timed, *, is_abandoned: bool = False) -> ExitTimeoutError:
    """Log that an exit was not over in time; the error that says so."""
    error = took_too_long(resource, is_abandoned=is_abandoned)
    logger.error("%s", error)
    return error


def exit_budget(resource: Resource) -> ExitBudget | None:
    """The time for an async exit that has just suspended, on asyncio."""
    return ExitBudget(resource) if resource.exit_timeout is not None else None


@contextmanager
def deadline_of_shield(scope: Scope | None, resource: Resource) -> Generator[None]:
    """The time on trio for an async exit that has no shelter (``life.shelter``).

    trio lets nobody else cancel a part of a task. The scope that shields the whole unit of work is
    cancelled, so what is still to be closed runs, but can wait for nothing.
    """
    shield = (scope.limit or scope.shield) if scope is not None else None
    if (
        scope is None
        or resource.exit_timeout is None
        or not isinstance(shield, anyio.CancelScope)
        or shield.cancel_called
    ):
        yield
        return
    shield.deadline = anyio.current_time() + resource.exit_timeout
    try:
        yield
    except anyio.get_cancelled_exc_class() as error:
        if not shield.cancel_called:
            raise
        scope.late = report_late(resource)
        raise scope.late from error
    finally:
        shield.deadline = math.inf
        if shield.cancel_called and scope.late is None:
            # The exit has made another error of it, or none at all.
            scope.late = report_late(resource)
    if scope.late is not None:
        raise scope.late


class ExitBudget:
    """The time for one async exit."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource
        self._waiter: Waiter | None = None
        self._is_cancelled = False
        self.is_over = False
        """Whether the exit is to be left alone."""
        seconds = resource.exit_timeout or 0.0
        self._timer = asyncio.get_running_loop().call_later(seconds, self._expire)

    def watch(self, waiter: Waiter) -> None:
        """Take what is waited in from now on."""
        self._waiter = waiter

    def _expire(self) -> None:
        waiter, resource = self._waiter, self._resource
        if waiter is None:
            return
        if self._is_cancelled:
            self.is_over = True
            waiter.wake()
            return
        self._is_cancelled = True
        report_late(resource)
        again = min(resource.exit_timeout or 0.0, _SECOND_CHANCE)
        self._timer = asyncio.get_running_loop().call_later(again, self._expire)
        waiter.interrupt()

    def close(self) -> None:
        """The exit is over, one way or the other."""
        self._timer.cancel()
        self._waiter = None

    def error(self, raised: BaseException | None) -> ExitTimeoutError | None:
        """What to raise in the place of what the exit has *raised*, if its time was over."""
        if not self._is_cancelled:
            return None
        if raised is not None and not isinstance(raised, asyncio.CancelledError):
            return None
        return took_too_long(self._resource, is_abandoned=self.is_over)


class ThreadBudget:
    """The time for the exits that run in one worker thread, one after another."""

    def __init__(self, scope: Scope, thread: Callable[[], int | None]) -> None:
        self._scope = scope
        self._thread = thread
        self._waiter: Waiter | None = None
        self._hangs: Timed | None = None
        self.is_over = False
        self._timer: Any = None

    def start(self, seconds: float) -> None:
        """Look after *seconds* whether an exit hangs."""
        self._timer = asyncio.get_running_loop().call_later(seconds, self._look)

    def watch(self, waiter: Waiter) -> None:
        """Take what is waited in from now on."""
        self._waiter = waiter

    def _look(self) -> None:
        leaving = self._scope.leaving
        if self._waiter is None:
            return
        if leaving is None:
            self.start(1.0)
            return
        resource, since = leaving
        if resource.exit_timeout is None:
            return
        left = since + resource.exit_timeout - monotonic()
        if left > 0:
            self.start(left)
            return
        self._hangs, self.is_over = resource, True
        thread = self._thread()
        if thread is not None:
            self._scope.abandoned.add(thread)
        if self._scope.context is not None:  # the thread is inside of it, and may stay there
            self._scope.context = self._scope.context.copy()
        report_late(resource, is_abandoned=True)
        self._waiter.interrupt()

    def close(self) -> None:
        """The thread is done, or left alone."""
        if self._timer is not None:
            self._timer.cancel()
        self._waiter = None

    def error(self, raised: BaseException | None) -> ExitTimeoutError | None:
        """What to raise, if an exit in the thread hangs."""
        if self._hangs is None:
            return None
        return took_too_long(self._hangs, is_abandoned=True)
