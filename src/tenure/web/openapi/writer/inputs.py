"""What a route takes from its requests, in the order in which documents list it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tenure.graph.nodes import Graph, InputUse, Node
from tenure.web.bind.binder import field_of
from tenure.web.bind.fields import Field
from tenure.web.bind.security import SecurityBase, schemes_of
from tenure.web.params import Location

__all__ = ["RouteInputs", "inputs_of"]


@dataclass(frozen=True, slots=True)
class RouteInputs:
    """The parameters, body fields and security schemes of an endpoint and its dependencies.

    Each one stands before those of the dependencies below it: outermost first, and there in the
    order of the signature.
    """

    parameters: list[Field] = field(default_factory=list)
    """Path, query, header and cookie, one group after the other."""
    bodies: list[Field] = field(default_factory=list)
    """Those of a dependency that is used twice stand here twice."""
    schemes: list[tuple[SecurityBase, tuple[str, ...]]] = field(default_factory=list)
    """Security schemes with the OAuth scopes asked of them."""


_GROUPS = (Location.path, Location.query, Location.header, Location.cookie)


def inputs_of(graph: Graph) -> RouteInputs:
    """Collect what the nodes of *graph* take."""
    inputs = RouteInputs()
    groups: dict[Location, list[Field]] = {location: [] for location in _GROUPS}
    for node in _each_once(graph):
        for each in _fields(node):
            if each.location in groups:
                groups[each.location].append(each)
    inputs.parameters.extend(each for group in groups.values() for each in group)
    inputs.bodies.extend(_bodies(graph))
    inputs.schemes.extend(schemes_of(graph))
    return inputs


def _each_once(graph: Graph) -> Iterator[Node]:
    """The nodes, but for those that are called again without the cache: they say nothing new."""
    seen: set[Any] = set()
    for node in graph.outermost_first():
        key = (node.call, node.scope, *sorted(set(node.labels)))
        if key not in seen:
            seen.add(key)
            yield node


def _bodies(graph: Graph) -> Iterator[Field]:
    holding: set[int] = set()
    for node in graph.nodes:  # dependencies come first
        if any(id(below) in holding for below in node.dependencies()) or any(_bodies_in(node)):
            holding.add(id(node))
    waiting = [graph.root]
    while waiting:
        node = waiting.pop()
        yield from _bodies_in(node)
        below = [each for each in node.dependencies() if id(each) in holding]
        waiting.extend(reversed(below))


def _bodies_in(node: Node) -> Iterator[Field]:
    return (each for each in _fields(node) if each.location is Location.body)


def _fields(node: Node) -> Iterator[Field]:
    for argument in node.arguments:
        if isinstance(argument.value, InputUse):
            found = field_of(argument.value)
            if found is not None:
                yield found
