"""Running ``def`` code in worker threads, in one context, never abandoned.

All steps of a unit of work that run in threads share one ``contextvars.Context``, so a token
taken before ``yield`` can be used after it. What they set is carried back to the task, and what
the task sets is carried into them.

A task that is cancelled while its thread works waits for the thread: nothing is closed while a
thread uses it, and what a thread acquires is always paired with its release. Only the wait for
a free thread can be cancelled.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context
from functools import partial
from typing import Any, Final, NamedTuple

from anyio import CancelScope, CapacityLimiter
from anyio.to_thread import current_default_thread_limiter, run_sync

from tenure.errors import YieldedTwiceError
from tenure.life.protocol import did_not_yield, yielded_twice
from tenure.life.scope import Resource, Scope
from tenure.life.shield import Held, cancel_again, deliver, hold

__all__ = ["close_in_thread", "in_thread", "open_in_thread", "throw_in_thread"]

_MISSING: Final = object()
_ENDED: Final = object()


async def in_thread(scope: Scope, function: Callable[..., Any], /, **arguments: Any) -> Any:
    """Call *function* in a worker thread."""
    held = await _run(scope, partial(function, **arguments), waits=True)
    await deliver(held.interruptions)
    return held.value


async def open_in_thread(scope: Scope, generator: Any, resource: Resource) -> Any:
    """Run a plain generator to its ``yield``; what it yielded.

    A cancellation that arrives meanwhile is delivered at the next suspension: the caller first
    notes that the generator is open.
    """
    held = await _run(scope, partial(next, generator, _ENDED), waits=True)
    cancel_again(held.interruptions)
    if held.value is _ENDED:
        raise did_not_yield(resource)
    return held.value


async def close_in_thread(scope: Scope, generator: Any, resource: Resource) -> None:
    """Run a plain generator from its ``yield`` to its end. Never waits for a free thread."""
    held = await _run(scope, partial(next, generator, _ENDED), waits=False)
    if held.value is not _ENDED:
        cancel_again(held.interruptions)
        raise await _closed(scope, generator, resource)
    await deliver(held.interruptions)


async def throw_in_thread(
    scope: Scope, generator: Any, resource: Resource, failure: BaseException
) -> None:
    """Deliver *failure* at the ``yield`` of a plain generator; returns if it was swallowed."""
    held = await _run(scope, partial(_throw, generator, failure), waits=False)
    if held.value is not _ENDED:
        cancel_again(held.interruptions)
        raise await _closed(scope, generator, resource) from failure
    await deliver(held.interruptions)


async def _closed(scope: Scope, generator: Any, resource: Resource) -> YieldedTwiceError:
    """Close a generator that yielded where it should have ended; the error for it."""
    error = yielded_twice(resource)
    try:
        await _run(scope, generator.close, waits=False)
    except BaseException as closing_error:
        error.__context__ = closing_error
    return error


def _throw(generator: Any, failure: BaseException) -> Any:
    try:
        return generator.throw(failure)
    except StopIteration as stop:
        if stop is failure:  # cannot leave the thread as itself
            raise RuntimeError("generator raised StopIteration") from failure
        return _ENDED


async def _run(scope: Scope, call: Callable[[], Any], *, waits: bool) -> Held:
    """Run *call* in a worker thread."""
    own = CapacityLimiter(1)
    if not waits:
        return await _work(scope, call, own)
    shared, borrower = current_default_thread_limiter(), object()
    await shared.acquire_on_behalf_of(borrower)
    try:
        return await _work(scope, call, own)
    finally:
        shared.release_on_behalf_of(borrower)


async def _work(scope: Scope, call: Callable[[], Any], limiter: CapacityLimiter) -> Held:
    context = _carry_in(scope)
    before = context.copy()
    call = partial(_outcome, call)
    # From here on nothing is cancelled until the thread is done: what it acquires is known then.
    working = _to_the_end(partial(context.run, call), limiter)
    try:
        waiting = working.send(None)
    except StopIteration as stop:  # pragma: no cover - anyio always suspends here
        return Held(stop.value, ())
    try:
        held = await hold(working, waiting)
    finally:
        _carry_out(scope, context, before)
    if isinstance(held.value, _Stop):
        cancel_again(held.interruptions)
        raise held.value.error
    return held


async def _to_the_end(call: Callable[[], Any], limiter: CapacityLimiter) -> Any:
    # anyio's own primitives, this one too, ask the scopes around them whether to give up.
    with CancelScope(shield=True):
        return await run_sync(call, limiter=limiter)


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
        if context.get(variable, _MISSING) is not value:
            context.run(variable.set, value)
    return context


def _carry_out(scope: Scope, context: Context, before: Context) -> None:
    """Give the task what a thread has set or reset."""
    for variable, value in context.items():
        if before.get(variable, _MISSING) is not value:
            token = variable.set(value)
            if variable not in before:
                scope.carried.setdefault(variable, token)
    for variable in [each for each in scope.carried if each not in context]:
        _unset(scope, variable)


def _unset(scope: Scope, variable: ContextVar[Any]) -> None:
    token = scope.carried.pop(variable)
    try:
        variable.reset(token)
    except (ValueError, RuntimeError):
        # Set in another context than the one that is left now: nothing of ours to take back.
        return
