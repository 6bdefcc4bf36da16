"""What a unit of work is said to have come to when it fails."""

from __future__ import annotations

from typing import Any, Literal

import anyio

__all__ = ["ending_of"]


def ending_of(_source: Any, error: BaseException) -> tuple[Literal["raised", "cancelled"], None]:
    """The kind of outcome that *error* is, and no status: there is none outside the web layer."""
    is_cancelled = isinstance(error, anyio.get_cancelled_exc_class())
    return "cancelled" if is_cancelled else "raised", None
