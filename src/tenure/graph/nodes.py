"""The graph as data: nodes in solving order, joined by their arguments."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tenure.graph.markers import Depends, Limit
from tenure.graph.providers import Provider

__all__ = ["Argument", "Graph", "InputUse", "Node"]


class Argument(NamedTuple):
    """What one parameter of a node is given."""

    name: str
    value: Any
    """A ``Node``, an ``InputUse``, or ``OUTCOME``."""


@dataclass(eq=False, slots=True)
class Node:
    """One call that a unit of work makes, once: a dependency in its place, or the root."""

    call: Callable[..., Any]
    provider: Provider
    marker: Depends | None
    """The declaration that first led here; None for the root."""
    scope: str | None
    """When a generator is closed; for others the declared scope, which nothing waits for.

    "app" also for a plain function below one of scope "app", when it declares no scope.
    """
    labels: tuple[str, ...]
    word: str
    """The parameter it first feeds: a readable name for generated code."""
    in_thread: bool = True
    """Whether ``def`` code runs in a worker thread; False where any declaration says so."""
    concurrent: bool = False
    """Whether every declaration lets it be opened at the same time as its neighbours."""
    arguments: tuple[Argument, ...] = ()
    required: tuple[Node, ...] = ()
    """Dependencies whose value nobody takes, solved before the arguments."""
    shared_key: Hashable = None
    """What makes nodes of several graphs one instance of an application; scope "app" only."""

    @property
    def limit(self) -> Limit | None:
        """What it is counted by, where the declaration that led here limits it."""
        return self.marker.limit if self.marker is not None else None

    def dependencies(self) -> Iterator[Node]:
        """The nodes this one waits for, in declared order."""
        yield from self.required
        for argument in self.arguments:
            if isinstance(argument.value, Node):
                yield argument.value


@dataclass(eq=False, slots=True)
class InputUse:
    """One value from outside at one place of a graph."""

    input: Any
    """What the binder recognised; the engine only carries it."""
    name: str
    """The parameter it fills."""
    owner: Node
    """The node whose parameter that is; its ``labels`` are the ones handed down."""


@dataclass(frozen=True, slots=True)
class Graph:
    """A checked graph: every node once, in the order in which they are declared to be solved."""

    root: Node
    nodes: tuple[Node, ...]
    """All nodes, dependencies first, the root last."""
    inputs: tuple[InputUse, ...] = field(default=())
    """All inputs, in the order of their owners."""
    eager: tuple[Node, ...] = field(default=())
    """What is of scope "app" and to be set up before the first unit of work."""
    overridden: frozenset[Any] = field(default=frozenset())
    """The callables of the declaration that something else is called for."""

    def outermost_first(self) -> Iterator[Node]:
        """All nodes in the order in which a reader meets their declarations, the root first."""
        seen: set[int] = set()
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            if id(node) not in seen:
                seen.add(id(node))
                yield node
                waiting.extend(reversed(list(node.dependencies())))
