"""The logger that FastAPI programs import."""

from __future__ import annotations

import logging

__all__ = ["logger"]

logger: logging.Logger = logging.getLogger("tenure.web")
