"""Whether what was made from the routes of the process is still true of them."""

from __future__ import annotations

from typing import Final

__all__ = ["changes"]


class _Changes:
    """How often any list of routes of the process, or a route in one, has changed."""

    def __init__(self) -> None:
        self.count = 0


changes: Final = _Changes()
