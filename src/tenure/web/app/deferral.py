"""Declaring routes although they are faulty, for tools that want to see all faults at once."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from tenure.errors import Fault, GraphError

__all__ = ["faults_collected", "is_collected"]

_collected: ContextVar[list[Fault] | None] = ContextVar("_collected", default=None)


@contextmanager
def faults_collected() -> Generator[list[Fault]]:
    """Within this a route with faults is declared all the same; the faults are in the list.

    Checking or serving such a route raises them. Without it a program's import ends with the
    first route that is declared wrongly, and nobody hears of the second.
    """
    faults: list[Fault] = []
    token = _collected.set(faults)
    try:
        yield faults
    finally:
        _collected.reset(token)


def is_collected(error: GraphError) -> bool:
    """Take the faults of a declaration, if somebody collects them: then it may go on."""
    faults = _collected.get()
    if faults is None:
        return False
    faults.extend(error.faults)
    return True
