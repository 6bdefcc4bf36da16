"""Types that stand for the nodes of a graph, for peers that know a dependency by its type."""

from __future__ import annotations

from typing import Any

from benchmarks.graphs import Graph, Node

__all__ = ["keys_of"]


def keys_of(graph: Graph) -> dict[Node, Any]:
    """A class of its own for each node."""
    return {node: type(f"Key_{node.name}", (), {}) for node in graph.nodes}
