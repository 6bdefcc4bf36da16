"""wireup through ``inject_from_container``, the way its documentation recommends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import wireup

from benchmarks.engines.keys import keys_of
from benchmarks.graphs import Graph
from benchmarks.harness import Batch

__all__ = ["batch_of"]


def batch_of(graph: Graph) -> Batch:
    keys = keys_of(graph)
    injectables = []
    for node in graph.nodes[:-1]:
        returned = AsyncIterator[keys[node]] if node.kind == "async generator" else keys[node]
        needs = {name: keys[below] for name, below in node.needs.items()}
        function = node.copy(**needs, **{"return": returned})
        injectables.append(wireup.injectable(lifetime="scoped")(function))
    container = wireup.create_async_container(injectables=injectables)
    needs: Any = {name: wireup.Injected[keys[below]] for name, below in graph.root.needs.items()}
    handle = wireup.inject_from_container(container)(graph.root.copy(**needs))

    async def batch(count):
        for _ in range(count):
            result = await handle()
        return result

    return batch
