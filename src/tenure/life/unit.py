"""Starting a unit of work: what has to be around everything its dependencies open."""

from __future__ import annotations

import asyncio
from asyncio import _get_running_loop
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
from anyio._backends import _asyncio as anyio_on_asyncio

from tenure.life.scope import Scope

__all__ = ["start"]

# anyio has no public way to ask whether a task is inside a cancel scope, and entering one of
# ours for every unit of work would double its cost. A test tells when this name moves.
_task_states: Any = anyio_on_asyncio._task_states  # noqa: SLF001


def start(function: Callable[[Any, Any], Awaitable[Any]], source: Any) -> Awaitable[Any]:
    """Run ``function(scope, source)`` in a new scope, on the loop that is running."""
    if _get_running_loop() is not None and not (_task_states and _is_inside_cancel_scope()):
        return function(Scope(), source)
    return _start_shielded(function, source)


def _is_inside_cancel_scope() -> bool:
    state = _task_states.get(asyncio.current_task())
    return state is not None and state.cancel_scope is not None


async def _start_shielded(function: Callable[[Any, Any], Awaitable[Any]], source: Any) -> Any:
    scope = Scope()
    with anyio.CancelScope() as scope.shield:
        return await function(scope, source)
