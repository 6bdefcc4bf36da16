"""Starting a unit of work: what has to be around everything its dependencies open."""

from __future__ import annotations

import asyncio
from asyncio import _get_running_loop
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
from anyio._backends import _asyncio as anyio_on_asyncio

from tenure.life.scope import NoShield, Scope

__all__ = ["cancel_scopes", "leave_scopes", "needs_shield", "run_sheltered", "run_shielded"]

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


def leave_scopes(last: anyio.CancelScope) -> None:
    """On asyncio: leave all scopes that the task is inside of, up to *last*, if it is one of them.

    For code that is never run to its end, and would keep all scopes around it from ending.
    """
    state = _task_states.get(asyncio.current_task())
    inside: list[Any] = []
    scope = state.cancel_scope if state is not None else None
    while scope is not None:
        inside.append(scope)
        if scope is last:
            for each in inside:
                each.__exit__(None, None, None)
            return
        scope = scope._parent_scope  # noqa: SLF001


async def run_shielded(function: Callable[[Any, Any], Awaitable[Any]], source: Any) -> Any:
    """Run ``function(scope, source)`` with a cancel scope of our own around everything."""
    scope = Scope()
    with anyio.CancelScope() as scope.shield:
        return await function(scope, source)
    # Only the time of an exit without a shelter cancels this scope (``budget``).
    raise scope.late if scope.late is not None else RuntimeError("cancelled by nobody")


async def run_sheltered(function: Callable[[Any, Any], Awaitable[Any]], source: Any) -> Any:
    """The same without that scope: each exit that may wait has one of its own (``shelter``)."""
    scope = Scope()
    scope.shield = NoShield()
    return await function(scope, source)
