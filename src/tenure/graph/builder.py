"""Second pass: declarations become nodes, each cached one once; then the lifetimes are checked."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tenure.errors import Fault, GraphError, ScopeError
from tenure.graph.declarations import Declaration, Edge, Survey
from tenure.graph.inputs import Binder, InputUse, key_of_labels
from tenure.graph.markers import Depends
from tenure.graph.nodes import Argument, Graph, Node
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

    Raises ``GraphError`` with all faults at once (``ScopeError`` when all are about scopes).
    """
    survey = Survey(binder, overrides)
    top = survey.run(root, required)
    faults = survey.faults
    if any(fault.kind == "cycle" for fault in faults):
        raise _error(faults)
    graph = _Assembly(survey).assemble(top)
    faults = [*faults, *scope_faults(graph)]
    if faults:
        raise _error(faults)
    return graph


def _error(faults: list[Fault]) -> GraphError:
    only_scopes = all(fault.kind == "scope" for fault in faults)
    return ScopeError(faults) if only_scopes else GraphError(faults)


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

    def assemble(self, top: Declaration) -> Graph:
        root = Node(top.call, top.provider, None, None, (), top.provider.word)
        stack = [_Frame(root, top, iter(top.edges), [], None, fills_cache=False)]
        while stack:
            frame = stack[-1]
            edge = next(frame.remaining, None)
            if edge is None:
                self._finish(stack.pop())
                continue
            below = self._declarations[edge.call]
            labels = tuple(dict.fromkeys((*frame.node.labels, *edge.marker.labels)))
            key = self._key(edge, below, labels)
            cached = self._cache.get(key) if edge.marker.use_cache else None
            if cached is not None:
                frame.found.append((edge, cached))
                continue
            node = self._node(edge, below, labels)
            frame.found.append((edge, node))
            stack.append(_Frame(node, below, iter(below.edges), [], key, fills_cache=True))
        return Graph(root, tuple(self._nodes), tuple(self._inputs))

    @staticmethod
    def _node(edge: Edge, below: Declaration, labels: tuple[str, ...]) -> Node:
        scope = edge.marker.scope
        if scope is None and below.provider.kind.opens:
            scope = "request"
        return Node(
            call=below.call,
            provider=below.provider,
            marker=edge.marker,
            scope=scope,
            labels=labels,
            word=edge.parameter or below.provider.word,
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
        values: dict[str, Node | InputUse] = {}
        for edge, below in frame.found:
            if edge.parameter is not None:
                values[edge.parameter] = below
        for name, given in declaration.inputs:
            use = InputUse(given, name, node)
            values[name] = use
            self._inputs.append(use)
        node.required = tuple(below for edge, below in frame.found if edge.parameter is None)
        node.arguments = tuple(Argument(name, values[name]) for name in declaration.order)
        self._nodes.append(node)
        if frame.fills_cache:
            # An uncached declaration fills an empty entry, which later cached ones read.
            self._cache.setdefault(frame.key, node)
