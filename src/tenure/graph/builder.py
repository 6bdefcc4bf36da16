"""Second pass: declarations become nodes, each cached one once; then the lifetimes are checked."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tenure.errors import GraphError
from tenure.graph.declarations import Declaration, Edge, Survey
from tenure.graph.inputs import Binder, key_of_labels
from tenure.graph.markers import Depends
from tenure.graph.nodes import Argument, Graph, InputUse, Node
from tenure.graph.outcome import OUTCOME
from tenure.graph.scopes import scope_faults

__all__ = ["build_graph"]

_NO_OVERRIDES: Final[Mapping[Callable[..., Any], Callable[..., Any]]] = {}


def build_graph(
    root: Callable[..., Any],
    binder: Binder,
    *,
    required: Sequence[Depends] = (),
    overrides: Mapping[Callable[..., Any], Callable[..., Any]] = _NO_OVERRIDES,
) -> Graph:
    """Read and check everything below *root*.

    *required* are dependencies without a parameter, solved before those of the signature.
    *overrides* maps callables to what is called instead, wherever they stand.

    Raises ``GraphError`` with all faults at once (see ``GraphError.of``).
    """
    survey = Survey(binder, overrides)
    top = survey.run(root, required)
    faults = survey.faults
    if any(fault.kind == "cycle" for fault in faults):
        raise GraphError.of(faults)
    graph = _Assembly(survey).assemble(top)
    faults = [*faults, *scope_faults(graph)]
    if faults:
        raise GraphError.of(faults)
    return graph


def _joined(above: tuple[str, ...], own: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*above, *own))) if own else above


@dataclass(eq=False, slots=True)
class _Frame:
    """A node whose dependencies are being assembled."""

    node: Node
    declaration: Declaration
    remaining: Iterator[Edge]
    found: list[tuple[Edge, Node]]
    key: Hashable
    fills_cache: bool


class _Assembly:
    def __init__(self, survey: Survey) -> None:
        self._declarations = survey.declarations
        self._cache: dict[Hashable, Node] = {}
        self._nodes: list[Node] = []
        self._inputs: list[InputUse] = []
        self._eager: set[Node] = set()
        self._overridden: dict[Node, frozenset[tuple[Any, Any]]] = {}
        """What is called for what, in a node and, for those of scope "app", below it."""

    def assemble(self, top: Declaration) -> Graph:
        root = Node(top.call, top.provider, None, None, (), top.provider.word)
        stack = [_Frame(root, top, iter(top.edges), [], None, fills_cache=False)]
        while stack:
            frame = stack[-1]
            edge = next(frame.remaining, None)
            if edge is None:
                self._finish(stack.pop())
                continue
            below = self._declarations[edge.key]
            labels: tuple[str, ...] = ()
            key: Hashable = (edge.original, "app")
            if not edge.is_app:
                labels = _joined(frame.node.labels, edge.marker.labels)
                key = self._key(edge, below, labels)
            cached = self._cache.get(key) if edge.marker.use_cache else None
            if cached is not None:
                cached.in_thread = cached.in_thread and edge.marker.in_thread
                cached.concurrent = cached.concurrent and edge.marker.concurrent
                self._note(edge, cached)
                frame.found.append((edge, cached))
                continue
            node = self._node(edge, below, labels)
            self._note(edge, node)
            frame.found.append((edge, node))
            stack.append(_Frame(node, below, iter(below.edges), [], key, fills_cache=True))
        return Graph(
            root,
            tuple(self._nodes),
            tuple(self._inputs),
            tuple(node for node in self._nodes if node in self._eager),
            frozenset(original for pairs in self._overridden.values() for original, _ in pairs),
        )

    def _note(self, edge: Edge, node: Node) -> None:
        """Remember what is looked at when all is assembled."""
        if edge.marker.scope == "app" and not edge.marker.lazy:
            self._eager.add(node)
        if edge.call is not edge.original:
            self._overridden.setdefault(node, frozenset(((edge.original, edge.call),)))

    def _shared_key(self, node: Node, key: Hashable) -> Hashable:
        """What is the same in all graphs; an override in or below it makes it another instance."""
        if not self._overridden:
            return key
        below = (self._overridden.get(each, frozenset()) for each in node.dependencies())
        pairs = self._overridden.get(node, frozenset()).union(*below)
        if not pairs:
            return key
        self._overridden[node] = pairs
        return (key, pairs)

    @staticmethod
    def _node(edge: Edge, below: Declaration, labels: tuple[str, ...]) -> Node:
        scope = edge.marker.scope
        if edge.is_app:
            scope = "app"
        elif scope is None and below.provider.kind.opens:
            scope = "request"
        return Node(
            call=below.call,
            provider=below.provider,
            marker=edge.marker,
            scope=scope,
            labels=labels,
            word=edge.parameter or below.provider.word,
            in_thread=edge.marker.in_thread,
            concurrent=edge.marker.concurrent,
        )

    @staticmethod
    def _key(edge: Edge, below: Declaration, labels: tuple[str, ...]) -> Hashable:
        """What makes two declarations one instance within a unit of work.

        The scope counts as declared, also for plain functions; a generator without one is of
        scope "request". Labels count only where something below looks at them.
        """
        by_labels = below.uses_labels or bool(edge.marker.labels)
        scope = edge.marker.scope or ("request" if below.provider.kind.opens else "")
        return (edge.original, key_of_labels(labels) if by_labels else (), scope)

    def _finish(self, frame: _Frame) -> None:
        node, declaration = frame.node, frame.declaration
        values: dict[str, Any] = {}
        for edge, below in frame.found:
            if edge.parameter is not None:
                values[edge.parameter] = below
        for name, given in declaration.inputs:
            use = InputUse(given, name, node)
            values[name] = use
            self._inputs.append(use)
        if len(values) < len(frame.found) + len(declaration.inputs):
            required = [below for edge, below in frame.found if edge.parameter is None]
            node.required = tuple(required)
        for name in declaration.outcomes:
            values[name] = OUTCOME
        node.arguments = tuple([Argument(name, values[name]) for name in declaration.order])
        self._nodes.append(node)
        if node.scope == "app":
            node.shared_key = self._shared_key(node, frame.key)
        if frame.fills_cache:
            # An uncached declaration fills an empty entry, which later cached ones read.
            self._cache.setdefault(frame.key, node)
