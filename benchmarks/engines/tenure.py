"""Tenure through its public call: as it is, and where cancel scopes are about.

An exit has to be shielded from the cancel scopes of anyio. Whether any are around the call is
asked first; what the answer costs is shown by two contenders of their own.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import anyio

from benchmarks.graphs import Graph, Node
from benchmarks.harness import Batch
from benchmarks.results import LeftOut
from tenure import Container, Depends

__all__ = [
    "batch_beside_scope",
    "batch_in_place",
    "batch_inside_scope",
    "batch_of",
    "batch_of_plan",
]


def batch_of(graph: Graph, **options: Any) -> Batch:
    """``Container.call`` of the graph's root; *options* go to ``Depends`` of plain functions."""
    handle, container = _declare(graph, options), Container()

    async def batch(count):
        for _ in range(count):
            result = await container.call(handle)
        return result

    return batch


def batch_of_plan(graph: Graph) -> Batch:
    """The function that ``Container.call`` finds, without looking for it: what the call costs."""
    handle, container = _declare(graph, {}), Container()
    container.check(handle)
    run = container._calls.program(handle, frozenset()).function  # noqa: SLF001

    async def batch(count):
        for _ in range(count):
            result = await run(None, None)
        return result

    return batch


def _declare(graph: Graph, options: dict[str, Any]) -> Any:
    """The root of *graph*, below which everything is declared with ``Depends``."""
    made: dict[Node, Any] = {}
    for node in graph.nodes:
        needs = {
            name: Depends(made[below], **(options if below.kind == "function" else {}))
            for name, below in node.needs.items()
        }
        made[node] = node.copy(**{name: Annotated[object, needs[name]] for name in needs})
    return made[graph.root]


def batch_in_place(graph: Graph) -> Batch:
    """Plain functions on the event loop, where their author says that they do not block."""
    if "in_thread" not in inspect.signature(Depends).parameters:
        raise LeftOut("not there yet: Depends has no in_thread")
    return batch_of(graph, in_thread=False)


def batch_beside_scope(graph: Graph) -> Batch:
    """While another task of the process is inside a cancel scope."""
    call_all = batch_of(graph)

    async def batch(count):
        async with _task_in_scope():
            return await call_all(count)

    return batch


def batch_inside_scope(graph: Graph) -> Batch:
    """Inside a cancel scope, as under a timeout of anyio."""
    call_all = batch_of(graph)

    async def batch(count):
        with anyio.CancelScope():
            return await call_all(count)

    return batch


@asynccontextmanager
async def _task_in_scope() -> AsyncGenerator[None]:
    entered, leave = asyncio.Event(), asyncio.Event()

    async def stay():
        with anyio.CancelScope():
            entered.set()
            await leave.wait()

    task = asyncio.create_task(stay())
    await entered.wait()
    try:
        yield
    finally:
        leave.set()
        await task
