"""What a unit of work is said to have come to when it fails."""

from __future__ import annotations

from typing import Any, Literal

import anyio

__all__ = ["alone_in_groups", "ending_of"]


def alone_in_groups(error: BaseException) -> BaseException:
    """What is in *error* where that is a group of one; else *error*.

    A task group wraps whatever leaves it: alone in there, it is what has failed.
    """
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def ending_of(_source: Any, error: BaseException) -> tuple[Literal["raised", "cancelled"], None]:
    """The kind of outcome that *error* is, and no status: there is none outside the web layer."""
    is_cancelled = isinstance(error, anyio.get_cancelled_exc_class())
    return "cancelled" if is_cancelled else "raised", None
