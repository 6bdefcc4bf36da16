"""Starting a unit of work: what has to be around everything its dependencies open."""

from __future__ import annotations

import asyncio
from asyncio import _get_running_loop
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
from anyio._backends import _asyncio as anyio_on_asyncio

from tenure.life.scope import Scope

__all__ = ["cancel_scopes", "needs_shield", "run_shielded"]

# anyio has no public way to ask whether a task is inside a cancel scope, and entering one of
# ours for every unit of work would double its cost. A test tells when this name moves.
_task_states: Any = anyio_on_asyncio._task_states  # noqa: SLF001


cancel_scopes: Any = _task_states.data
"""Empty while no task of the process has entered a cancel scope: the quickest question."""


def needs_shield() -> bool:
    """Whether anyio's cancellation could reach the exits of the task that is running."""
    if _get_running_loop() is None:
        return True  # trio
    state = _task_states.get(asyncio.current_task())
    return state is not None and state.cancel_scope is not None


async def run_shielded(function: Callable[[Any, Any], Awaitable[Any]], source: Any) -> Any:
    """Run ``function(scope, source)`` with a cancel scope of our own around everything."""
    scope = Scope()
    with anyio.CancelScope() as scope.shield:
        return await function(scope, source)
    # Only the time of an exit cancels this scope (``budget``).
    raise scope.late if scope.late is not None else RuntimeError("cancelled by nobody")
