"""Who uses what in a graph: the edges, seen from below."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tenure.graph.nodes import Graph, Node
from tenure.graph.providers import Parameter
from tenure.text.chains import draw_chain

__all__ = ["Use", "chain_to", "uses_of", "worded"]


class Use(NamedTuple):
    """A dependency in the place where a value is asked for."""

    user: Node
    parameter: Parameter | None
    """None where nobody takes the value."""
    node: Node


def uses_of(graph: Graph) -> Iterator[Use]:
    """Every edge of *graph*, in the order of its nodes."""
    for user in graph.nodes:
        for node in user.required:
            yield Use(user, None, node)
        parameters = {each.name: each for each in user.provider.parameters}
        for argument in user.arguments:
            if isinstance(argument.value, Node):
                yield Use(user, parameters[argument.name], argument.value)


def worded(use: Use) -> str:
    """Where a use stands: ``parameter 'session' of read_item``."""
    if use.parameter is None:
        return f"the dependencies of {use.user.provider.name}"
    return f"parameter {use.parameter.name!r} of {use.user.provider.name}"


def chain_to(graph: Graph, node: Node) -> str:
    """The first way that was declared from the root to *node*, drawn."""
    first: dict[Node, Node] = {}
    for use in uses_of(graph):
        first.setdefault(use.node, use.user)
    path = [node]
    while path[-1] in first:
        path.append(first[path[-1]])
    return draw_chain([each.call for each in reversed(path)])
