"""Running ``def`` code in worker threads, in one context, never abandoned.

All steps of a unit of work that run in threads share one ``contextvars.Context``, so a token
taken before ``yield`` can be used after it. What they set is carried back to the task, and what
the task sets is carried into them.

A task that is cancelled while its thread works waits for the thread: nothing is closed while a
thread uses it, and what a thread acquires is always paired with its release. Only the wait for
a free thread can be cancelled.
"""

from __future__ import annotations

import math
from asyncio import _get_running_loop
from collections.abc import Awaitable, Callable
from contextvars import Context, ContextVar, copy_context
from functools import partial
from threading import get_ident
from typing import Any, Final, NamedTuple

from anyio import CancelScope, CapacityLimiter, WouldBlock
from anyio._core._eventloop import set_current_async_library
from anyio.lowlevel import RunVar, checkpoint_if_cancelled
from anyio.to_thread import current_default_thread_limiter, run_sync

from tenure.life.budget import ThreadBudget, logger
from tenure.life.scope import Scope
from tenure.life.shield import Held, cancel_again, checkpoint_between_exits, deliver, exiting, hold
from tenure.life.unit import cancel_scopes, needs_shield
from tenure.life.workers import Work, pool_of

__all__ = ["Awaited", "awaited", "carry_out", "hold_exit", "hold_thread", "in_thread"]

_MISSING: Final = object()


class Awaited:
    """Something that those who have the threads may be waiting for, until it is over."""

    __slots__ = ("is_over",)

    def __init__(self) -> None:
        self.is_over = False


awaited: Final[ContextVar[Awaited | None]] = ContextVar("tenure_awaited", default=None)
"""What the code that is running is a part of, where a worker thread has started it on the loop.

Such code never waits for a free thread: all of them may be waiting in the same way.
"""


async def in_thread(
    scope: Scope, hop: Callable[[], Any], waits: bool, seconds: float | None = None, /
) -> Any:
    """Run *hop* in a worker thread; what it returned. *waits* for a free thread.

    *seconds*: after which an exit in it may be found to hang, at the earliest.

    A cancellation that arrives meanwhile is delivered when the thread is done: by then *hop*
    has noted what it has opened.
    """
    if scope.shield is not None:
        await checkpoint_if_cancelled()
    loop, borrower = _get_running_loop(), object()
    limiter = current_default_thread_limiter() if loop is None else pool_of(loop).limiter
    if waits:
        try:
            limiter.acquire_on_behalf_of_nowait(borrower)
        except WouldBlock:
            whole = awaited.get()
            waits = whole is None or whole.is_over
            if waits:
                await limiter.acquire_on_behalf_of(borrower)
    if not waits:
        held = await hold_thread(scope, hop, seconds)
    else:
        try:
            held = await hold_thread(scope, hop, seconds)
        finally:
            limiter.release_on_behalf_of(borrower)
    if held.interruptions:
        await deliver(held.interruptions)
    if scope.shield is not None:
        await checkpoint_between_exits(scope)
    return held.value


def _enter_thread(visit: Awaited) -> None:
    """Set, in the context of the threads, what holds in one of them."""
    awaited.set(visit)
    set_current_async_library(None)  # no event loop runs there, so one can be (``anyio.run``)


async def hold_thread(scope: Scope, call: Callable[[], Any], seconds: float | None = None) -> Held:
    """Run *call* in a worker thread, at once; cancellations are returned, not delivered."""
    loop, budget = _get_running_loop(), None
    if seconds is not None and loop is not None:
        budget, call = _within(scope, call)
    scope.noted = []
    context = _carry_in(scope)
    visit = Awaited()
    context.run(_enter_thread, visit)
    before = context.copy()
    call = partial(context.run, partial(_outcome, call))
    # From here on nothing is cancelled until the thread is done: what it acquires is known then.
    working: Any
    try:
        if loop is None:
            working = _to_the_end(partial(run_sync, call, limiter=_no_limit()))
        else:
            work = Work(call)
            pool_of(loop).start(work)
            if budget is not None and seconds is not None:
                budget.start(seconds)
            working = _to_the_end(work.wait) if cancel_scopes and needs_shield() else work
        held = await hold(working, working.send(None), noted=scope.noted, budget=budget)
    finally:
        visit.is_over = True
        carry_out(scope, before, context)
    if isinstance(held.value, _Stop):
        cancel_again(held.interruptions)
        raise held.value.error
    return held


async def hold_exit(scope: Scope, leave: Callable[[], None], seconds: float | None) -> Held:
    """As ``hold_thread``, for exits: where no thread can be started they run in the task.

    To block the event loop is better than to leave something open.
    """
    is_begun = False

    def begin() -> None:
        nonlocal is_begun
        is_begun = True
        leave()

    try:
        return await hold_thread(scope, begin, seconds)
    except RuntimeError:
        if is_begun:
            raise
    _run_here(scope, leave)
    return Held(None, ())


def _run_here(scope: Scope, call: Callable[[], None]) -> None:
    logger.warning("no thread could be started, so exits run in the event loop")
    context = _carry_in(scope)
    before = context.copy()
    try:
        context.run(call)
    finally:
        carry_out(scope, before, context)


def _within(scope: Scope, call: Callable[[], Any]) -> tuple[ThreadBudget, Callable[[], Any]]:
    """*call*, and what finds out that an exit in it hangs."""
    thread: int | None = None

    def known() -> Any:
        nonlocal thread
        thread = get_ident()
        try:
            return call()
        finally:
            scope.abandoned.discard(thread)
            thread = None

    scope.leaving = None
    return ThreadBudget(scope, lambda: thread), known


async def _to_the_end(wait: Callable[[], Awaitable[Any]]) -> Any:
    # Inside a cancel scope, one that a dependency holds for instance. anyio's primitives ask the
    # scopes around them whether to give up, and its scopes do not stop cancelling a task.
    with CancelScope(shield=True):
        return await wait()


_unlimited: RunVar[CapacityLimiter] = RunVar("tenure_unlimited")


def _no_limit() -> CapacityLimiter:
    """What anyio is told to wait for: nothing. Whether to wait was settled before."""
    try:
        return _unlimited.get()
    except LookupError:
        limiter = CapacityLimiter(math.inf)
        _unlimited.set(limiter)
        return limiter


class _Stop(NamedTuple):
    """An exception that cannot leave a thread or an awaitable as itself."""

    error: Exception


def _outcome(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except (StopIteration, StopAsyncIteration) as error:
        return _Stop(error)


def _carry_in(scope: Scope) -> Context:
    """The scope's context, with what the task has set since it was last used."""
    current = copy_context()
    if scope.context is None:
        scope.context = current
        return current
    context = scope.context
    for variable, value in current.items():
        known = context.get(variable, _MISSING)
        if known is not value:
            token = context.run(variable.set, value)
            if known is _MISSING:
                scope.lent[variable] = token
    for variable in [each for each in scope.lent if each not in current]:
        scope.take_back(variable, context)
    return context


def carry_out(scope: Scope, before: Context, after: Context) -> None:
    """Give this task what a thread or another task has set or reset meanwhile."""
    for variable, value in after.items():
        # The mark is whose exit runs in that task, not in this one.
        if variable is not exiting and before.get(variable, _MISSING) is not value:
            token = variable.set(value)
            if variable not in before:
                scope.carried.setdefault(variable, token)
    for variable in [each for each in before if each not in after and each in scope.carried]:
        scope.unset(variable)
