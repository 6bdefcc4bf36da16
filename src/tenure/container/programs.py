"""Checked graphs made runnable: the plan, bound to what keeps things alive."""

from __future__ import annotations

from asyncio import _get_running_loop
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from tenure.graph.nodes import Graph
from tenure.life import endings, exits, limits, plain, threads, together
from tenure.life.protocol import did_not_yield
from tenure.life.scope import Scope
from tenure.life.shelter import sheltered
from tenure.life.shield import exiting
from tenure.life.unit import cancel_scopes, needs_shield, run_sheltered, run_shielded
from tenure.observe.observers import Observers
from tenure.observe.units import begin_unit
from tenure.plan.emitter import emit
from tenure.plan.interpreter import Around, interpret, interpret_around, resume
from tenure.plan.loader import load
from tenure.plan.planner import Shape, make_plan
from tenure.plan.runtime import Hooks, PlanFunction
from tenure.plan.steps import Plan

__all__ = ["Program", "compile_graph", "run_around", "run_program"]


class _Life:
    """``tenure.life`` as the runtime of plans."""

    new_scope = Scope
    exiting = exiting
    generator_of = staticmethod(exits.generator_of)
    awaitable_of = staticmethod(exits.awaitable_of)
    cancel_scopes = cancel_scopes
    needs_shield = staticmethod(needs_shield)
    running_loop = staticmethod(_get_running_loop)
    run_shielded = staticmethod(run_shielded)
    run_sheltered = staticmethod(run_sheltered)
    sheltered = staticmethod(sheltered)
    run_together = staticmethod(together.run_together)
    open_together = staticmethod(together.open_together)
    ending_of = staticmethod(endings.ending_of)
    did_not_yield = staticmethod(did_not_yield)
    in_thread = staticmethod(threads.in_thread)
    take_slot = staticmethod(limits.take_slot)
    call_limited = staticmethod(limits.call_limited)
    open_here = staticmethod(plain.open_here)
    close_here = staticmethod(plain.close_here)
    finish_exit = staticmethod(exits.finish_exit)
    yielded_again = staticmethod(exits.yielded_again)
    unwind = staticmethod(exits.unwind)


_LIFE: Any = _Life()


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """A plan that is ready to run: compiled, or walked by the interpreter."""

    plan: Plan
    function: PlanFunction
    source: str
    """The generated source, as ``explain`` shows it."""
    hooks: Hooks
    graph: Graph


def compile_graph(
    graph: Graph,
    hooks: Hooks,
    shape: Shape | None = None,
    *,
    interpreted: bool = False,
    observers: Observers | None = None,
    lifetime: str | None = None,
) -> Program:
    """Make *graph* runnable. *interpreted* walks the steps instead of running the source.

    *observers* are told what happens, if there are any by now; *lifetime* is the scope of all
    that *graph* opens, where it is a part of what lasts longer than a unit of work.
    """
    plan = make_plan(graph, shape or Shape())
    if observers is not None and observers.is_active:
        begin = partial(begin_unit, observers, graph.root, did_not_yield, lifetime, hooks.accompany)
        hooks = replace(hooks, observe=begin)
    text, names = emit(plan, _LIFE, hooks, partial(resume, plan, _LIFE, hooks))
    if interpreted:
        return Program(plan, partial(_interpret_all, plan, hooks), text, hooks, graph)
    return Program(plan, load(text, plan.name, plan.origin, names), text, hooks, graph)


async def _interpret_all(plan: Plan, hooks: Hooks, scope: Any, source: Any) -> Any:
    if scope is None and needs_shield():
        return await run_shielded(partial(_interpret_all, plan, hooks), source)
    return await interpret(plan, _LIFE, hooks, scope, source)


def run_program(program: Program, source: Any) -> Coroutine[Any, Any, Any]:
    """Run one unit of work on the loop that is running."""
    return program.function(None, source)


async def run_around(program: Program, source: Any, around: Around, scope: Any = None) -> Any:
    """Run one unit of work with code of the user's *around* all but its exits."""
    if scope is None and needs_shield():
        return await run_shielded(partial(_shielded_around, program, around), source)
    return await interpret_around(program.plan, _LIFE, program.hooks, around, scope, source)


async def _shielded_around(program: Program, around: Around, scope: Any, source: Any) -> Any:
    return await run_around(program, source, around, scope)
