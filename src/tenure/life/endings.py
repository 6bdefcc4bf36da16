"""What a unit of work is said to have come to when it fails."""

from __future__ import annotations

import sys
from asyncio import CancelledError
from typing import Any, Literal

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
    return "cancelled" if _is_cancellation(error) else "raised", None


def _is_cancellation(error: BaseException) -> bool:
    """Also in worker threads, where nobody can be asked which event loop is running."""
    trio = sys.modules.get("trio")
    return isinstance(error, CancelledError) or (
        trio is not None and isinstance(error, trio.Cancelled)
    )
