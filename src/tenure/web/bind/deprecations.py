"""Warnings about what FastAPI has deprecated."""

from __future__ import annotations

import inspect
import warnings

from tenure.web.exceptions import FastAPIDeprecationWarning

__all__ = ["warn_deprecated"]

_PACKAGE = "tenure.web"


def warn_deprecated(message: str) -> None:
    """Warn at the first frame outside this package, which is where the user wrote it."""
    level = 1
    frame = inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").startswith(_PACKAGE):
        frame = frame.f_back
        level += 1
    warnings.warn(message, FastAPIDeprecationWarning, stacklevel=level)
