"""The rules of lifetimes: nothing outlives what it depends on.

A generator of scope "request" is closed after the response, one of scope "function" before. So
the former must not hold a value of the latter, however many plain functions are in between.
"""

from __future__ import annotations

from tenure.errors import Fault
from tenure.graph.nodes import Graph, Node
from tenure.text.chains import draw_chain
from tenure.text.names import name_of

__all__ = ["scope_faults"]


def scope_faults(graph: Graph) -> list[Fault]:
    """Every generator of scope "request" that depends on something of scope "function"."""
    faults: list[Fault] = []
    ends_early: dict[Node, Node] = {}

    for node in graph.nodes:
        cause = next((each for each in node.dependencies() if each in ends_early), None)
        if node.provider.kind.opens and node.scope == "request" and cause is not None:
            faults.append(_fault(graph, node, cause, ends_early))
        elif node.scope == "function":
            ends_early[node] = node
        elif cause is not None and node is not graph.root:
            ends_early[node] = cause
    return faults


def _fault(graph: Graph, node: Node, cause: Node, ends_early: dict[Node, Node]) -> Fault:
    path = [node, cause]
    while ends_early[path[-1]] is not path[-1]:
        path.append(ends_early[path[-1]])
    return Fault(
        "scope",
        f'The dependency "{name_of(node.call)}" has a scope of "request", it cannot depend on '
        'dependencies with scope "function".',
        draw_chain([each.call for each in [*_above(graph, node), *path]]),
        f'declare {name_of(node.call)} with scope="function" too, or '
        f'{name_of(path[-1].call)} with scope="request"',
    )


def _above(graph: Graph, node: Node) -> list[Node]:
    """The way from the root to *node*, without it: the first that was declared."""
    user: dict[Node, Node] = {}
    for each in graph.nodes:
        for below in each.dependencies():
            user.setdefault(below, each)
    path: list[Node] = []
    while node in user:
        node = user[node]
        path.append(node)
    return path[::-1]
