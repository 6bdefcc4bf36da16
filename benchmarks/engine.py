"""The engine's comparison: dependency graphs without HTTP around them."""

from __future__ import annotations

import asyncio
import inspect
from collections import deque
from collections.abc import Callable
from typing import Any

from benchmarks.engines import dishka, driven, fastapi, inlined, litestar, nested, tenure, wireup
from benchmarks.graphs import GRAPHS, Graph
from benchmarks.harness import Batch, Contender, Effort, compare, repeat
from benchmarks.results import LeftOut, Work
from tenure import Depends

__all__ = ["measure_engine"]

REFERENCE = "nested async with"


def measure_engine(effort: Effort) -> list[Work]:
    """Each graph with everyone who can run it."""
    return [asyncio.run(_measure(name, effort)) for name in GRAPHS]


async def _measure(name: str, effort: Effort) -> Work:
    contenders, left_out = [], []
    for title, build in _builders(name).items():
        try:
            await _check(name, title, build)
            contenders.append(Contender(title, build(GRAPHS[name](_forget))))
        except LeftOut as error:
            left_out.append((title, str(error)))
    return Work("engine", name, await compare(contenders, effort), REFERENCE, left_out)


_forget = deque[str](maxlen=0).append


def _builders(name: str) -> dict[str, Callable[[Graph], Batch]]:
    """Who takes part in the graph called *name*; the reference is first."""
    builders: dict[str, Callable[[Graph], Batch]] = {
        REFERENCE: lambda graph: repeat(nested.call_of(name, graph)),
        "inlined try/finally": lambda graph: repeat(inlined.call_of(name, graph)),
        "hand-driven generators": lambda graph: repeat(driven.call_of(name, graph)),
        "Tenure": tenure.batch_of,
        "FastAPI": fastapi.batch_of,
        "Litestar": litestar.batch_of,
        "wireup": wireup.batch_of,
        "dishka": dishka.batch_of,
    }
    if name == "chain of 4, one of them def":
        builders["nested async with, def in a thread"] = lambda graph: repeat(
            nested.chain_with_thread(graph)
        )
        builders["Tenure, in_thread=False"] = _in_place
    return builders


def _in_place(graph: Graph) -> Batch:
    if "in_thread" not in inspect.signature(Depends).parameters:
        raise LeftOut("not there yet: Depends has no in_thread")
    return tenure.batch_of(graph, in_thread=False)


async def _check(name: str, title: str, build: Callable[[Graph], Batch]) -> None:
    """Run the graph once and twice: the values, the order of exits, nothing left open."""
    events: list[str] = []
    graph = GRAPHS[name](events.append)
    if title in graph.unsolvable:
        raise LeftOut(graph.unsolvable[title])
    batch = build(graph)
    for _ in range(2):
        events.clear()
        result = await batch(1)
        wrong = _what_is_wrong(graph, result, events)
        if wrong:
            raise LeftOut(wrong)


def _what_is_wrong(graph: Graph, result: Any, events: list[str]) -> str:
    if result != graph.result:
        return f"returned {result!r} instead of {graph.result!r}"
    if tuple(events) != graph.events:
        return f"noted {', '.join(events)} instead of {', '.join(graph.events)}"
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        return f"left {len(others)} tasks running"
    return ""
