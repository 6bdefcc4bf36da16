"""Closing what is open: on success one by one, on failure by delivering the exception."""

from __future__ import annotations

import inspect
from asyncio import _get_running_loop
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tenure.errors import DependencyError, ExitTimeoutError
from tenure.life.budget import deadline_of_shield, exit_budget
from tenure.life.endings import alone_in_groups
from tenure.life.plain import close_here, throw_here
from tenure.life.protocol import did_not_yield, not_awaitable, swallowed, wrong_kind, yielded_twice
from tenure.life.scope import Resource, Scope
from tenure.life.shelter import leave_abandoned
from tenure.life.shield import (
    ENDED,
    Held,
    cancel_again,
    checkpoint_between_exits,
    deliver,
    exiting,
    hold,
)
from tenure.life.threads import hold_exit

__all__ = [
    "awaitable_of",
    "drive",
    "finish_exit",
    "generator_of",
    "leave",
    "unwind",
    "yielded_again",
]

Tell = Callable[[BaseException | None], None] | None
"""Is told what a failure has become, None where it was swallowed."""


def generator_of(returned: Any, resource: Resource) -> Any:
    """The generator inside what a wrapper or a context manager function returned.

    Raises ``WrongKindError`` when there is none: a wrapper consumed it.
    """
    inner = getattr(returned, "gen", returned)  # what contextlib's managers call it
    if hasattr(inner, "__anext__" if resource.is_async else "__next__") and hasattr(
        inner, "athrow" if resource.is_async else "throw"
    ):
        return inner
    raise wrong_kind(resource, returned)


def awaitable_of(returned: Any, provider: Any) -> Any:
    """What a wrapper around an async function returned, if it can be awaited.

    Raises ``WrongKindError`` when it cannot: the wrapper ran the function itself.
    """
    if inspect.isawaitable(returned):
        return returned
    raise not_awaitable(provider.name, provider.place, returned)


async def finish_exit(
    scope: Scope | None, closing: Any, waiting: Any, generator: Any, resource: Resource
) -> None:
    """Go on with a successful exit that has suspended, shielded, to its end."""
    held = await _hold_exit(scope, closing, waiting, generator, resource)
    await _conclude(scope, held, generator, resource)


async def _hold_exit(
    scope: Scope | None, awaitable: Any, waiting: Any, generator: Any, resource: Resource
) -> Held:
    """Hold an exit that has suspended to its end, or to the end of its time."""
    if _get_running_loop() is not None:
        budget = exit_budget(resource)
        try:
            held = await hold(awaitable, waiting, generator, budget=budget)
        finally:
            if budget is not None and budget.is_over:
                leave_abandoned(generator)
    elif scope is None or scope.nests:  # its shelter has the time
        held = await hold(awaitable, waiting, generator)
    else:
        with deadline_of_shield(scope, resource):
            held = await hold(awaitable, waiting, generator)
    # One that has yielded again is not over: it has to be closed before anything else happens.
    if held.value is ENDED and not held.interruptions:
        await checkpoint_between_exits(scope)
    return held


async def yielded_again(
    scope: Scope | None, generator: Any, resource: Resource, cause: BaseException | None = None
) -> DependencyError:
    """Close an async generator that yielded where it should have ended; the error for it."""
    error = yielded_twice(resource)
    error.__cause__ = cause
    try:
        await drive(scope, generator, generator.aclose(), resource)
    except BaseException as closing_error:
        # Both are kept: the dependency is at fault twice.
        error.__context__ = closing_error
        error.__cause__ = cause or closing_error
    # It may be raised where the second value was caught, which says nothing more.
    error.__suppress_context__ = True
    return error


async def unwind(
    scope: Scope | None,
    failures: list[BaseException],
    stack: list[tuple[Any, Resource]],
    opens: tuple[Resource, ...],
    outer: Any,
    *,
    may_swallow: bool,
    tell: Tell = None,
) -> None:
    """Deliver the failure in *failures* to all that is open, inmost first.

    Each generator sees what came out of the one inside it. What came out of the last is left in
    *failures*, which is emptied only where a failure was swallowed and may be. It is handed
    over in a list so that no frame of the plan keeps the exception alive. *tell* is told of each
    that takes its place, before the next exit runs.
    """
    failure: BaseException | None = failures.pop()
    if _is_end(failure) and len(stack) < len(opens):
        failure = did_not_yield(opens[len(stack)])
    outer = outer if outer is not None else exiting.set(exiting.get())
    shield = scope.shield if scope is not None else None
    if shield is not None:
        shield.shield = True
    try:
        while stack:
            if stack[-1][1].in_thread:
                threads = _last_of_threads(stack)
                failure = await _leave_in_thread(
                    scope, threads, failure, may_swallow=may_swallow, tell=tell
                )
                stack.extend(reversed(threads))  # those behind one that hangs
                continue
            generator, resource = stack.pop()
            delivered = failure
            failure = await leave(scope, generator, resource, delivered)
            if failure is None and delivered is not None and not may_swallow:
                failure = swallowed(resource, delivered)
            if tell is not None and failure is not delivered:
                tell(failure)
            delivered = None
    finally:
        if shield is not None:
            shield.shield = False
        # An exit of another unit of work may be around this one. One that was dropped in the middle
        # may be closed in another context, where there is nothing to take back.
        with suppress(ValueError):
            exiting.reset(outer)
    if failure is not None:
        failures.append(failure)
    failure = None


def _is_end(failure: BaseException | None) -> bool:
    """Whether *failure* is an async generator's end, seen by the plan in place of a value.

    It is raised by the plan's own ``await``, so no other frame is in its traceback; one that
    user code raises comes with the user's frame.
    """
    if type(failure) is not StopAsyncIteration:
        return False
    traceback = failure.__traceback__
    return traceback is not None and traceback.tb_next is None


def _last_of_threads(stack: list[tuple[Any, Resource]]) -> list[tuple[Any, Resource]]:
    """Take from *stack* the neighbours at its end that are driven in worker threads."""
    taken: list[tuple[Any, Resource]] = []
    while stack and stack[-1][1].in_thread:
        taken.append(stack.pop())
    return taken


def least_timeout(opened: list[tuple[Any, Resource]]) -> float | None:
    """After how many seconds, at the earliest, one of them hangs."""
    return min((each.exit_timeout for _, each in opened if each.exit_timeout), default=None)


async def _leave_in_thread(
    scope: Scope | None,
    opened: list[tuple[Any, Resource]],
    failure: BaseException | None,
    *,
    may_swallow: bool,
    tell: Tell = None,
) -> BaseException | None:
    """Close neighbours in one worker thread, delivering *failure*; what came out of the last.

    Those that are left in *opened* have not been closed: one before them hangs.
    """
    scope = scope if scope is not None else Scope()  # plans with steps in threads make one

    def leave() -> None:
        nonlocal failure
        while opened:
            generator, resource = opened[0]
            scope.leaves(resource)
            del opened[0]
            delivered = failure
            failure = _leave_here(generator, resource, delivered)
            if failure is None and delivered is not None and not may_swallow:
                failure = swallowed(resource, delivered)
            if tell is not None and failure is not delivered:
                tell(failure)
            delivered = None

    try:
        held = await hold_exit(scope, leave, least_timeout(opened))
        if failure is None:
            await deliver(held.interruptions)
            await checkpoint_between_exits(scope)
        else:  # comes out; the cancellation follows at the next suspension
            cancel_again(held.interruptions)
    except BaseException as error:
        return error
    else:
        return failure
    finally:
        # It is not returned from the thread either: the future of that would keep it, and its
        # traceback may lead to who waits for the future.
        failure = None


def _leave_here(
    generator: Any, resource: Resource, failure: BaseException | None
) -> BaseException | None:
    """As ``leave``, for a plain generator, in the thread that this is called in."""
    traceback = failure.__traceback__ if failure is not None else None
    try:
        if failure is None:
            close_here(generator, resource)
        else:
            throw_here(generator, resource, failure)
    except BaseException as error:
        if failure is None:
            return error
        came_out = _unchanged(error, failure)
        if came_out is failure:
            failure.__traceback__ = traceback
        return came_out
    finally:
        del failure, traceback
    return None


async def leave(
    scope: Scope | None, generator: Any, resource: Resource, failure: BaseException | None
) -> BaseException | None:
    """Close one generator, delivering *failure* if there is one; what came out of it."""
    if resource.in_thread:
        return await _leave_in_thread(scope, [(generator, resource)], failure, may_swallow=True)
    if failure is None:
        try:
            await _close(scope, generator, resource)
        except BaseException as error:
            return error
        return None
    traceback = failure.__traceback__
    try:
        if resource.is_async:
            if getattr(generator, "ag_frame", generator) is None:
                return failure  # closed already: its event loop has ended, and it was left open
            held = await drive(scope, generator, generator.athrow(failure), resource)
            if held.value is not ENDED:
                cancel_again(held.interruptions)
                return await yielded_again(scope, generator, resource, failure)
            await deliver(held.interruptions)
        else:
            throw_here(generator, resource, failure)
    except BaseException as error:
        came_out = _unchanged(error, failure)
        if came_out is failure:
            failure.__traceback__ = traceback  # without the frames of the way through
        elif isinstance(came_out, ExitTimeoutError):
            _keep_behind(came_out, failure)
        return came_out
    finally:
        # The failure's traceback may hold this frame, through the generator it was thrown into.
        del failure, traceback
    return None


async def _close(scope: Scope | None, generator: Any, resource: Resource) -> None:
    if not resource.is_async:
        close_here(generator, resource)
        return
    held = await drive(scope, generator, generator.__anext__(), resource)
    await _conclude(scope, held, generator, resource)


async def _conclude(scope: Scope | None, held: Held, generator: Any, resource: Resource) -> None:
    """Raise what a successful exit has come to, if it has."""
    if held.value is not ENDED:
        cancel_again(held.interruptions)
        raise await yielded_again(scope, generator, resource)
    await deliver(held.interruptions)


async def drive(scope: Scope | None, generator: Any, awaitable: Any, resource: Resource) -> Held:
    """Run an exit's awaitable, shielded from its first suspension on."""
    exiting.set(generator)
    try:
        waiting = awaitable.send(None)
    except StopAsyncIteration:
        return Held(ENDED, ())
    except StopIteration as stop:
        return Held(stop.value, ())
    return await _hold_exit(scope, awaitable, waiting, generator, resource)


def _keep_behind(late: ExitTimeoutError, failure: BaseException) -> None:
    """Keep *failure*, which was delivered to an exit that had no time to raise it again."""
    last: BaseException = late
    while last is not failure:
        behind = last.__cause__ if last.__cause__ is not None else last.__context__
        if behind is None:
            last.__context__ = behind = failure
        last = behind


def _unchanged(error: BaseException, delivered: BaseException) -> BaseException:
    """*delivered* itself, where *error* only says in other words that it came through."""
    if error is delivered:
        return delivered
    # Python turns a stop exception that leaves a generator into a RuntimeError.
    if (
        isinstance(delivered, StopIteration | StopAsyncIteration)
        and isinstance(error, RuntimeError)
        and error.__cause__ is delivered
    ):
        return delivered
    return delivered if alone_in_groups(error) is delivered else error
