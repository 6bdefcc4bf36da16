"""Driving plain generators, in whatever thread this is called."""

from __future__ import annotations

from typing import Any, Final

from tenure.life.protocol import did_not_yield, yielded_twice
from tenure.life.scope import Resource

__all__ = ["close_here", "open_here", "throw_here"]

_ENDED: Final = object()


def open_here(generator: Any, resource: Resource) -> Any:
    """Run *generator* to its ``yield``; what it yielded."""
    value = next(generator, _ENDED)
    if value is _ENDED:
        raise did_not_yield(resource)
    return value


def close_here(generator: Any, resource: Resource) -> None:
    """Run *generator* from its ``yield`` to its end."""
    if next(generator, _ENDED) is not _ENDED:
        _refuse(generator, resource, None)


def throw_here(generator: Any, resource: Resource, failure: BaseException) -> None:
    """Deliver *failure* at the ``yield`` of *generator*; returns if it was swallowed."""
    try:
        generator.throw(failure)
    except StopIteration as stop:
        if stop is failure:  # cannot be told from an end by whoever called this
            raise RuntimeError("generator raised StopIteration") from failure
        return
    _refuse(generator, resource, failure)


def _refuse(generator: Any, resource: Resource, cause: BaseException | None) -> None:
    """Close a generator that yielded where it should have ended, and raise the error for it."""
    error = yielded_twice(resource)
    try:
        generator.close()
    except BaseException as closing_error:
        error.__context__ = closing_error
    raise error from cause
