"""The engine's comparison: dependency graphs without HTTP around them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from benchmarks.engines import dishka, driven, fastapi, inlined, litestar, nested, tenure, wireup
from benchmarks.graphs import GRAPHS, Graph
from benchmarks.harness import Batch, Contender, Effort, compare, repeat
from benchmarks.results import LeftOut, Work

__all__ = ["BY_HAND", "IN_PLACE", "REFERENCE", "WITH_FUNCTION", "builders", "measure_engine"]

REFERENCE = "nested async with"
BY_HAND = "hand-driven generators"
WITH_FUNCTION = "chain of 4, one of them def"
IN_PLACE = "Tenure, in_thread=False"

_forget = deque[str](maxlen=0).append


def measure_engine(effort: Effort) -> list[Work]:
    """Each graph with everyone who can run it."""
    return [asyncio.run(_measure(name, effort)) for name in GRAPHS]


async def _measure(name: str, effort: Effort) -> Work:
    contenders, left_out = [], []
    for title, build in builders(name).items():
        try:
            # In a task of its own, with which everything goes that a contender leaves in it.
            await asyncio.create_task(_check(name, title, build))
            contenders.append(Contender(title, build(GRAPHS[name](_forget))))
        except LeftOut as error:
            left_out.append((title, str(error)))
    measured = await compare(contenders, effort)
    return Work.of("engine", name, measured, left_out, waits=name == WITH_FUNCTION)


def builders(name: str) -> dict[str, Callable[[Graph], Batch]]:
    """Who takes part in the graph called *name*; the reference is first."""
    found: dict[str, Callable[[Graph], Batch]] = {
        REFERENCE: lambda graph: repeat(nested.call_of(name, graph)),
        "inlined try/finally": lambda graph: repeat(inlined.call_of(name, graph)),
        BY_HAND: lambda graph: repeat(driven.call_of(name, graph)),
        "Tenure": tenure.batch_of,
        "FastAPI": fastapi.batch_of,
        "Litestar": litestar.batch_of,
        "wireup": wireup.batch_of,
        "dishka": dishka.batch_of,
    }
    if name == WITH_FUNCTION:
        found["nested, def in a thread"] = lambda graph: repeat(nested.chain_with_thread(graph))
        found[IN_PLACE] = tenure.batch_in_place
    if name != WITH_FUNCTION:
        found["Tenure, the plan alone"] = tenure.batch_of_plan
    if name in ("one async generator", "chain of 4"):
        found["Tenure beside cancel scope"] = tenure.batch_beside_scope
        found["Tenure inside cancel scope"] = tenure.batch_inside_scope
    return found


async def _check(name: str, title: str, build: Callable[[Graph], Batch]) -> None:
    """Run the graph once and twice: the values, the order of exits, nothing left open."""
    events: list[str] = []
    graph = GRAPHS[name](events.append)
    if title in graph.unsolvable:
        raise LeftOut(graph.unsolvable[title])
    batch = build(graph)
    for _ in range(2):
        events.clear()
        tasks = asyncio.all_tasks()
        result = await batch(1)
        wrong = _what_is_wrong(graph, result, events)
        if asyncio.all_tasks() - tasks:
            wrong = "left a task running"
        if wrong:
            raise LeftOut(wrong)


def _what_is_wrong(graph: Graph, result: Any, events: list[str]) -> str:
    if result != graph.result:
        return f"returned {result!r} instead of {graph.result!r}"
    if tuple(events) != graph.events:
        return f"noted {', '.join(events)} instead of {', '.join(graph.events)}"
    return ""
