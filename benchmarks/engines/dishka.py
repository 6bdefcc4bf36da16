"""dishka through ``wrap_injection``, which its own integrations use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from dishka import FromDishka, Provider, Scope, make_async_container
from dishka.integrations.base import wrap_injection

from benchmarks.engines.keys import keys_of
from benchmarks.graphs import Graph
from benchmarks.harness import Batch

__all__ = ["batch_of"]


def batch_of(graph: Graph) -> Batch:
    keys = keys_of(graph)
    provider = Provider(scope=Scope.REQUEST)
    for node in graph.nodes[:-1]:
        returned = AsyncIterator[keys[node]] if node.kind == "async generator" else keys[node]
        needs = {name: keys[below] for name, below in node.needs.items()}
        provider.provide(node.copy(**needs, **{"return": returned}))
    container = make_async_container(provider)
    needs: Any = {name: FromDishka[keys[below]] for name, below in graph.root.needs.items()}
    handle = wrap_injection(
        func=graph.root.copy(**needs),
        container_getter=lambda _arguments, _keywords: container,
        is_async=True,
        manage_scope=True,
    )

    async def batch(count):
        for _ in range(count):
            result = await handle()
        return result

    return batch
