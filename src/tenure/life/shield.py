"""Exits that suspend are finished before a cancellation from outside is delivered.

The awaitable of an exit (or of a thread's work) is driven by hand, in the task it belongs to,
so that cancel scopes and context variables keep working.

*asyncio.* A task is cancelled through the future it waits for. So the driver hands the loop a
stand-in for the future that the exit code waits for. A cancellation from outside only reaches
the stand-in: it is noted, the exit goes on, and the cancellation is delivered when it is done.
A cancellation that the exit code itself caused is passed on to the real future; the context
variable ``exiting`` tells the two apart.

*trio, and anyio's cancel scopes on asyncio.* Such a scope is consulted, not only delivered: each
of anyio's own primitives asks the scopes around it. So where an exit could be inside one, a scope
of our own is entered before its generator is opened, and is shielding while it runs
(``life.shelter``, ``life.unit``).
"""

from __future__ import annotations

import asyncio
import math
import types
from collections.abc import Callable, Generator, Sequence
from typing import Any, Final, NamedTuple

from anyio import CancelScope, current_effective_deadline
from anyio.lowlevel import checkpoint_if_cancelled

from tenure.life.budget import ExitBudget, ThreadBudget, logger
from tenure.life.scope import Scope
from tenure.life.stand_in import StandIn, exiting, outstanding

__all__ = [
    "ENDED",
    "Held",
    "cancel_again",
    "checkpoint_between_exits",
    "deliver",
    "exiting",
    "hold",
]

ENDED: Final = object()
"""The outcome of an async generator that has ended."""


class Held(NamedTuple):
    """How a held awaitable came out."""

    value: Any
    """What it returned, or ``ENDED``."""
    interruptions: Sequence[Any]
    """The messages of cancellations that are still to be delivered."""


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
    noted: list[Any],
    budget: ExitBudget | ThreadBudget | None,
) -> Generator[Any, None, Held]:
    # A thread's work may be part of an exit of another unit of work, which goes on after it.
    mark = generator if generator is not None else exiting.get()
    try:
        while True:
            # Only what runs as part of the exit carries the mark, not the loop's own turn: a
            # cancellation that was requested before must not pass for one of the exit's own.
            exiting.set(None)
            stand_in = StandIn(waiting, generator, noted)
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
                    return Held(None, outstanding(noted))
                outcome = _step(awaitable.send, None)
            if not isinstance(outcome, _Suspended):
                return Held(outcome.value, outstanding(noted))
            waiting = outcome.waiting
    except BaseException:
        # The failure comes out; the cancellation follows at the next suspension.
        cancel_again(outstanding(noted))
        raise


def _abandon(awaitable: Any) -> None:
    """Leave an exit alone that does not end: nobody drives it any more."""
    try:
        awaitable.close()
    except BaseException:  # it waits again, or fails: its error has been reported as the timeout
        logger.debug("an abandoned exit failed", exc_info=True)


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
