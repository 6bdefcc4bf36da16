"""The rules of lifetimes: nothing outlives what it depends on.

What is of scope "app" lives as long as the application, a generator of scope "request" is closed
after the response, one of scope "function" before. So the former must not hold a value of the
latter, however many plain functions are in between.
"""

from __future__ import annotations

from tenure.errors import Fault
from tenure.graph.markers import Depends
from tenure.graph.nodes import Graph, Node
from tenure.text.chains import draw_chain
from tenure.text.names import name_of

__all__ = ["has_sound_scope", "problem_of_app_scope", "problem_of_limit", "scope_faults"]


def has_sound_scope(marker: Depends) -> bool:
    """Whether the other options of a declaration go with its scope."""
    if marker.scope == "app":
        return marker.use_cache and marker.limit is None
    return not marker.lazy


def problem_of_app_scope(marker: Depends, where: str) -> tuple[str, str, str]:
    """What is wrong where they do not: kind of fault, sentence, hint."""
    if marker.scope != "app":
        return (
            "scope",
            f'lazy=True in {where} is for scope "app"; anything else is set up when it is needed.',
            'add scope="app", or leave out lazy=True',
        )
    if marker.use_cache:
        return problem_of_limit(where)
    return (
        "scope",
        f'use_cache=False in {where} contradicts scope "app": one instance for all.',
        "leave out use_cache=False, or the scope",
    )


def problem_of_limit(where: str) -> tuple[str, str, str]:
    """What is wrong with a limit on what there is one of in an application."""
    return (
        "scope",
        f'max_concurrency in {where} limits nothing: of scope "app" there is one for all.',
        "leave out max_concurrency here, or declare it in what is opened for each unit of work",
    )


def scope_faults(graph: Graph) -> list[Fault]:
    """Everything of a wide scope that depends on something of a narrower one."""
    faults: list[Fault] = []
    ends_early: dict[Node, Node] = {}

    for node in graph.nodes:
        if node.scope == "app":
            narrower = [below for below in node.dependencies() if below.scope != "app"]
            faults.extend(_fault(graph, [node, below]) for below in narrower)
            continue
        cause = next((each for each in node.dependencies() if each in ends_early), None)
        if node.provider.kind.opens and node.scope == "request" and cause is not None:
            path = [node, cause]
            while ends_early[path[-1]] is not path[-1]:
                path.append(ends_early[path[-1]])
            faults.append(_fault(graph, path))
        elif node.scope == "function":
            ends_early[node] = node
        elif cause is not None and node is not graph.root:
            ends_early[node] = cause
    return faults


def _fault(graph: Graph, path: list[Node]) -> Fault:
    node, narrow = path[0], path[-1]
    return Fault(
        "scope",
        f'The dependency "{name_of(node.call)}" has a scope of "{node.scope}", it cannot depend '
        f'on dependencies with scope "{narrow.scope}".',
        draw_chain([each.call for each in [*_above(graph, node), *path]]),
        f'declare {name_of(node.call)} with scope="{narrow.scope}" too, or '
        f'{name_of(narrow.call)} with scope="{node.scope}"',
        node.provider.place,
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
