"""Closing what is open: on success one by one, on failure by delivering the exception."""

from __future__ import annotations

import inspect
from typing import Any

from tenure.errors import DependencyError
from tenure.life.protocol import did_not_yield, not_awaitable, swallowed, wrong_kind, yielded_twice
from tenure.life.scope import Resource, Scope
from tenure.life.shield import (
    ENDED,
    Held,
    cancel_again,
    checkpoint_between_exits,
    deliver,
    exiting,
    hold,
)
from tenure.life.threads import close_in_thread, throw_in_thread

__all__ = ["awaitable_of", "finish_exit", "generator_of", "unwind", "yielded_again"]


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
    held = await hold(closing, waiting, generator)
    if not held.interruptions:
        await checkpoint_between_exits(scope)
    await _conclude(scope, held, generator, resource)


async def yielded_again(
    scope: Scope | None, generator: Any, resource: Resource, cause: BaseException | None = None
) -> DependencyError:
    """Close an async generator that yielded where it should have ended; the error for it."""
    error = yielded_twice(resource)
    error.__cause__ = cause
    try:
        await _drive(scope, generator, generator.aclose())
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
) -> None:
    """Deliver the failure in *failures* to all that is open, inmost first.

    Each generator sees what came out of the one inside it. What came out of the last is left in
    *failures*, which is emptied only where a failure was swallowed and may be. It is handed
    over in a list so that no frame of the plan keeps the exception alive.
    """
    failure: BaseException | None = failures.pop()
    if _is_end(failure) and len(stack) < len(opens):
        failure = did_not_yield(opens[len(stack)])
    outer = outer if outer is not None else exiting.get()
    shield = scope.shield if scope is not None else None
    if shield is not None:
        shield.shield = True
    try:
        while stack:
            generator, resource = stack.pop()
            delivered = failure
            failure = await _leave(scope, generator, resource, delivered)
            if failure is None and delivered is not None and not may_swallow:
                failure = swallowed(resource, delivered)
            delivered = None
    finally:
        if shield is not None:
            shield.shield = False
        if outer is not None and outer.ag_frame is not None:
            exiting.set(outer)  # inside an exit of another unit of work, which goes on
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


async def _leave(
    scope: Scope | None, generator: Any, resource: Resource, failure: BaseException | None
) -> BaseException | None:
    """Close one generator, delivering *failure* if there is one; what came out of it."""
    if failure is None:
        try:
            await _close(scope, generator, resource)
        except BaseException as error:
            return error
        return None
    traceback = failure.__traceback__
    try:
        if resource.is_async:
            held = await _drive(scope, generator, generator.athrow(failure))
            if held.value is not ENDED:
                cancel_again(held.interruptions)
                return await yielded_again(scope, generator, resource, failure)
            await deliver(held.interruptions)
        else:
            await throw_in_thread(_of_threads(scope), generator, resource, failure)
    except BaseException as error:
        came_out = _unchanged(error, failure)
        if came_out is failure:
            failure.__traceback__ = traceback  # without the frames of the way through
        return came_out
    finally:
        # The failure's traceback may hold this frame, through the generator it was thrown into.
        del failure, traceback
    return None


def _of_threads(scope: Scope | None) -> Scope:
    # A plan with plain generators makes a scope before it opens the first.
    return scope if scope is not None else Scope()


async def _close(scope: Scope | None, generator: Any, resource: Resource) -> None:
    if not resource.is_async:
        await close_in_thread(_of_threads(scope), generator, resource)
        return
    held = await _drive(scope, generator, generator.__anext__())
    await _conclude(scope, held, generator, resource)


async def _conclude(scope: Scope | None, held: Held, generator: Any, resource: Resource) -> None:
    """Raise what a successful exit has come to, if it has."""
    if held.value is not ENDED:
        cancel_again(held.interruptions)
        raise await yielded_again(scope, generator, resource)
    await deliver(held.interruptions)


async def _drive(scope: Scope | None, generator: Any, awaitable: Any) -> Held:
    """Run an exit's awaitable, shielded from its first suspension on."""
    exiting.set(generator)
    try:
        waiting = awaitable.send(None)
    except StopAsyncIteration:
        return Held(ENDED, ())
    except StopIteration as stop:
        return Held(stop.value, ())
    held = await hold(awaitable, waiting, generator)
    if not held.interruptions:
        await checkpoint_between_exits(scope)
    return held


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
    # A task group around the yield wraps what was delivered; alone in it, it is itself.
    inner = error
    while isinstance(inner, BaseExceptionGroup) and len(inner.exceptions) == 1:
        inner = inner.exceptions[0]
    return delivered if inner is delivered else error
