"""The graph as data: nodes in solving order, joined by their arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tenure.graph.inputs import InputUse
from tenure.graph.markers import Depends
from tenure.graph.providers import Provider

__all__ = ["Argument", "Graph", "Node"]


@dataclass(frozen=True, slots=True)
class Argument:
    """What one parameter of a node is given."""

    name: str
    value: Node | InputUse


@dataclass(eq=False, slots=True)
class Node:
    """One call that a unit of work makes, once: a dependency in its place, or the root."""

    call: Callable[..., Any]
    provider: Provider
    marker: Depends | None
    """The declaration that first led here; None for the root."""
    scope: str | None
    """When a generator is closed; for others the declared scope, which nothing waits for."""
    labels: tuple[str, ...]
    word: str
    """The parameter it first feeds: a readable name for generated code."""
    arguments: tuple[Argument, ...] = ()
    required: tuple[Node, ...] = ()
    """Dependencies whose value nobody takes, solved before the arguments."""

    def dependencies(self) -> Iterator[Node]:
        """The nodes this one waits for, in declared order."""
        yield from self.required
        for argument in self.arguments:
            if isinstance(argument.value, Node):
                yield argument.value


@dataclass(frozen=True, slots=True)
class Graph:
    """A checked graph: every node once, in the order in which they are declared to be solved."""

    root: Node
    nodes: tuple[Node, ...]
    """All nodes, dependencies first, the root last."""
    inputs: tuple[InputUse, ...] = field(default=())
    """All inputs, in the order of their owners."""
