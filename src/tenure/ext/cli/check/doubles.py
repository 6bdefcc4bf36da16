"""The same resource, opened twice in one unit of work."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterator, Sequence
from typing import Any

from tenure.ext.cli.check.findings import Finding, split_place
from tenure.ext.cli.check.uses import Use, chain_to, uses_of, worded
from tenure.graph.nodes import Graph, Node

__all__ = ["opened_twice"]


def opened_twice(graph: Graph, route: str) -> Iterator[Finding]:
    """Every generator function that several nodes of *graph* open, with the reason."""
    groups: dict[Hashable, list[Node]] = {}
    for node in graph.nodes:
        if node.provider.kind.opens and node is not graph.root:
            groups.setdefault(_resource(node.call), []).append(node)
    first: dict[Node, Use] = {}
    for use in uses_of(graph):
        first.setdefault(use.node, use)
    for nodes in groups.values():
        if len(nodes) > 1:
            yield _finding(graph, [first[node] for node in nodes], route)


def _resource(call: Any) -> Hashable:
    """What two callables have in common that open the same thing.

    Two partials are never equal, but the same function with the same arguments is one resource.
    """
    if isinstance(call, functools.partial):
        keywords = tuple(sorted(call.keywords.items()))
        key = (_resource(call.func), call.args, keywords)
        try:
            hash(key)
        except TypeError:
            return id(call)  # arguments that cannot be compared by their hash
        return key
    resource: Hashable = call  # the graph has refused what cannot be hashed
    return resource


def _finding(graph: Graph, uses: Sequence[Use], route: str) -> Finding:
    nodes = [use.node for use in uses]
    provider = nodes[0].provider
    reason, hint = _reason(nodes)
    places = " and for ".join(worded(use) for use in uses)
    where = "in one request"
    if "app" in {node.scope for node in nodes}:
        where = "for the application and for each request"
    file, line = split_place(provider.place)
    return Finding(
        rule="opened-twice",
        level="warning",
        message=(
            f"{provider.name} is opened {_times(len(nodes))} {where}: for {places}; {reason}."
        ),
        hint=hint,
        chain="\n".join(chain_to(graph, node) for node in nodes),
        file=file,
        line=line,
        routes=(route,),
    )


def _reason(nodes: Sequence[Node]) -> tuple[str, str]:
    markers = [node.marker for node in nodes if node.marker is not None]
    if not all(marker.use_cache for marker in markers):
        return (
            "a declaration says use_cache=False",
            "leave use_cache=False out, unless two of them are what is meant",
        )
    scopes = sorted({node.scope or "request" for node in nodes})
    if len(scopes) > 1:
        named = " and ".join(f'"{scope}"' for scope in scopes)
        return (
            f"the declarations differ in scope, {named}",
            "declare it with one scope everywhere: share one Annotated type",
        )
    if len({node.call for node in nodes}) > 1:
        return (
            "they are different partials, which are never equal",
            "make the partial once, and name it in both declarations",
        )
    return (
        "the declarations hand down different scopes of OAuth (labels)",
        "let what opens it depend on no scopes: ask for those beside it, not above it",
    )


def _times(number: int) -> str:
    return "twice" if number == 2 else f"{number} times"
