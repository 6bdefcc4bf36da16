"""Writes indented source, block by block."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["Writer"]


class Writer:
    """Collects lines; ``block`` indents what is written inside it."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._depth = 0

    def line(self, text: str) -> None:
        """Add one line at the current depth."""
        self._lines.append("    " * self._depth + text)

    @contextmanager
    def block(self, head: str) -> Generator[None]:
        """Add *head* and indent what follows until the block is left."""
        self.line(head)
        self._depth += 1
        yield
        self._depth -= 1

    def text(self) -> str:
        """All that was written."""
        return "\n".join(self._lines) + "\n"
