"""Tenure through its public call."""

from __future__ import annotations

from typing import Annotated, Any

from benchmarks.graphs import Graph, Node
from benchmarks.harness import Batch
from tenure import Container, Depends

__all__ = ["batch_of"]


def batch_of(graph: Graph, **options: Any) -> Batch:
    """``Container.call`` of the graph's root; *options* go to ``Depends`` of plain functions."""
    made: dict[Node, Any] = {}
    for node in graph.nodes:
        made[node] = node.copy(
            **{
                name: Annotated[
                    object, Depends(made[below], **(options if below.kind == "function" else {}))
                ]
                for name, below in node.needs.items()
            }
        )
    handle, container = made[graph.root], Container()

    async def batch(count):
        for _ in range(count):
            result = await container.call(handle)
        return result

    return batch
