"""The errors of dependencies that break the protocol of ``yield``."""

from __future__ import annotations

from tenure.errors import (
    DidNotYieldError,
    ExitTimeoutError,
    SwallowedError,
    WrongKindError,
    YieldedTwiceError,
)
from tenure.life.scope import Resource, Timed

__all__ = [
    "did_not_yield",
    "not_awaitable",
    "swallowed",
    "took_too_long",
    "wrong_kind",
    "yielded_twice",
]


def did_not_yield(resource: Resource) -> DidNotYieldError:
    """A generator ended before its ``yield``."""
    return DidNotYieldError(
        f"{resource.name} ({resource.place}) ended without yielding. A dependency yields exactly "
        "once, on every way through its code."
    )


def yielded_twice(resource: Resource) -> YieldedTwiceError:
    """A generator yielded where it should have ended."""
    return YieldedTwiceError(
        f"{resource.name} ({resource.place}) yielded a second time. A dependency yields exactly "
        "once; what comes after the yield only closes."
    )


def swallowed(resource: Resource, delivered: BaseException) -> SwallowedError:
    """A generator swallowed what was delivered at its ``yield``."""
    error = SwallowedError(
        f"{resource.name} ({resource.place}) swallowed {type(delivered).__name__}, which was "
        "delivered at its yield, so there is no result. Raise it again at the end of the "
        "except block, or raise another exception in its place."
    )
    error.__cause__ = delivered
    return error


def took_too_long(resource: Timed, *, is_abandoned: bool) -> ExitTimeoutError:
    """An exit was not over in time; it was cancelled, or left alone where that did not help."""
    what = "was abandoned where it hangs" if is_abandoned else "was cancelled"
    return ExitTimeoutError(
        f"The exit of {resource.name} ({resource.place}) was not over within "
        f"{resource.exit_timeout:g} seconds and {what}. Give what it waits for a timeout of its "
        "own, or declare it with a longer exit_timeout."
    )


def wrong_kind(resource: Resource, returned: object) -> WrongKindError:
    """A wrapper promised a generator and returned something else."""
    kind = "an async generator" if resource.is_async else "a generator"
    return WrongKindError(
        f"{resource.name} ({resource.place}) says by functools.wraps that it is {kind}, but "
        f"returned {type(returned).__name__}. Let the wrapper return what it wraps, yield "
        "itself, or leave out functools.wraps."
    )


def not_awaitable(name: str, place: str, returned: object) -> WrongKindError:
    """A wrapper promised an async function and returned a value."""
    return WrongKindError(
        f"{name} ({place}) says by functools.wraps that it is an async function, but returned "
        f"{type(returned).__name__}. Let the wrapper return what it wraps, be async itself, or "
        "leave out functools.wraps."
    )
