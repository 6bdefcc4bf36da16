"""Graphs as plain data: what is drawn, and what the JSON says."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tenure.graph.nodes import Graph, InputUse, Node
from tenure.graph.providers import Kind
from tenure.text.names import name_of

__all__ = ["Entry", "View", "ViewEdge", "ViewInput", "ViewNode", "as_data", "view_of"]

_NO_OVERRIDES: Final[Mapping[Callable[..., Any], Callable[..., Any]]] = {}


@dataclass(frozen=True, slots=True)
class Entry:
    """A graph with the title of what it serves: ``GET /items/{item_id}``."""

    title: str
    graph: Graph


@dataclass(frozen=True, slots=True)
class ViewInput:
    """A parameter that is filled from outside."""

    name: str
    source: str | None
    """Where the value comes from, ``"query"``; None where nobody says."""


@dataclass(frozen=True, slots=True)
class ViewEdge:
    """That one node waits for another."""

    node: str
    """The other's ``id``."""
    parameter: str | None
    """The parameter it fills; None where nobody takes its value."""


@dataclass(frozen=True, slots=True)
class ViewNode:
    """One callable in its place: an entry point or a dependency."""

    id: str
    """A short word that is unique in the view."""
    title: str | None
    """What an entry point serves; None for a dependency."""
    name: str
    file: str
    """Where it is defined; ``module x`` where there is no source."""
    line: int | None
    kind: str
    """``"function"``, ``"coroutine"``, ``"generator"``, ``"async generator"`` or ``"class"``."""
    in_thread: bool
    """Whether it runs in a worker thread."""
    scope: str | None
    """When it is closed; for what leaves nothing open, the declared scope."""
    labels: tuple[str, ...]
    """The words that its declaration hands down (OAuth scopes)."""
    cached: bool
    """False where the declaration says ``use_cache=False``."""
    lazy: bool
    """Whether what is of scope "app" is set up at its first use only."""
    concurrent: bool
    """Whether it may be opened at the same time as its neighbours."""
    max_concurrency: int | None
    """How many may be alive at once; None is no limit."""
    replaces: str | None
    """The name of what it is called instead of, where an override is in place."""
    inputs: tuple[ViewInput, ...]
    edges: tuple[ViewEdge, ...]
    """What it waits for, in the order of the declaration."""


@dataclass(frozen=True, slots=True)
class View:
    """What is drawn: every node once, and where to begin."""

    roots: tuple[str, ...]
    """The ``id`` of each entry point, in the given order."""
    nodes: Mapping[str, ViewNode]


def view_of(
    entries: Sequence[Entry],
    *,
    overrides: Mapping[Callable[..., Any], Callable[..., Any]] = _NO_OVERRIDES,
    source_of: Callable[[Any], str | None] = lambda _input: None,
) -> View:
    """The graphs of *entries* as one view, in which they share what they have in common.

    A dependency that several entries declare alike is one node. *overrides* are those the graphs
    were built with; *source_of* says where an input comes from.
    """
    return _Builder(overrides, source_of).build(entries)


class _Builder:
    def __init__(
        self,
        overrides: Mapping[Callable[..., Any], Callable[..., Any]],
        source_of: Callable[[Any], str | None],
    ) -> None:
        self._originals = {replacement: each for each, replacement in overrides.items()}
        self._source_of = source_of
        self._nodes: dict[str, ViewNode] = {}
        self._ids: dict[Hashable, str] = {}

    def build(self, entries: Sequence[Entry]) -> View:
        roots = tuple(self._add(entry) for entry in entries)
        return View(roots, dict(self._nodes))

    def _add(self, entry: Entry) -> str:
        """The nodes of one entry, those that are new; answers the id of its root."""
        graph = entry.graph
        found: dict[Node, str] = {}
        seen: dict[Hashable, int] = {}
        for node in graph.nodes:  # dependencies come before what needs them
            key = self._key(node, seen) if node is not graph.root else object()
            known = self._ids.get(key)
            if known is None:
                known = self._ids[key] = f"n{len(self._ids) + 1}"
                title = entry.title if node is graph.root else None
                self._nodes[known] = self._node(known, title, node, found)
            found[node] = known
        return found[graph.root]

    @staticmethod
    def _key(node: Node, seen: dict[Hashable, int]) -> Hashable:
        marker = node.marker
        declared = (marker.labels, marker.use_cache, marker.limit) if marker is not None else ()
        key = (node.call, node.scope, declared)
        seen[key] = seen.get(key, 0) + 1
        return (key, seen[key])

    def _node(
        self, identity: str, title: str | None, node: Node, found: Mapping[Node, str]
    ) -> ViewNode:
        provider, marker = node.provider, node.marker
        file, line = _file_and_line(provider.place)
        is_plain = provider.kind in (Kind.FUNCTION, Kind.GENERATOR)
        edges = [ViewEdge(found[each], None) for each in node.required]
        inputs: list[ViewInput] = []
        for argument in node.arguments:
            if isinstance(argument.value, InputUse):
                inputs.append(ViewInput(argument.name, self._source_of(argument.value.input)))
            elif isinstance(argument.value, Node):
                edges.append(ViewEdge(found[argument.value], argument.name))
        return ViewNode(
            id=identity,
            title=title,
            name=provider.name,
            file=file,
            line=line,
            kind="class" if isinstance(node.call, type) else provider.kind.value,
            in_thread=node.in_thread and is_plain,
            scope=node.scope,
            labels=marker.labels if marker is not None else (),
            cached=marker.use_cache if marker is not None else True,
            lazy=marker.lazy if marker is not None else False,
            concurrent=node.concurrent,
            max_concurrency=marker.max_concurrency if marker is not None else None,
            replaces=self._replaced(node),
            inputs=tuple(inputs),
            edges=tuple(edges),
        )

    def _replaced(self, node: Node) -> str | None:
        marker = node.marker
        if marker is None or node.call == marker.dependency or not self._originals:
            return None
        original = marker.dependency or self._originals.get(node.call)
        return name_of(original) if original is not None else None


def _file_and_line(place: str) -> tuple[str, int | None]:
    file, _, line = place.rpartition(":")
    return (file, int(line)) if file and line.isdigit() else (place, None)


def as_data(view: View) -> dict[str, Any]:
    """The view as JSON has it: ``{"roots": [id, ...], "nodes": [{...}, ...]}``."""
    return {
        "roots": list(view.roots),
        "nodes": [_node_as_data(node) for node in view.nodes.values()],
    }


def _node_as_data(node: ViewNode) -> dict[str, Any]:
    return {
        "id": node.id,
        "title": node.title,
        "name": node.name,
        "file": node.file,
        "line": node.line,
        "kind": node.kind,
        "in_thread": node.in_thread,
        "scope": node.scope,
        "labels": list(node.labels),
        "cached": node.cached,
        "lazy": node.lazy,
        "concurrent": node.concurrent,
        "max_concurrency": node.max_concurrency,
        "replaces": node.replaces,
        "inputs": [{"name": each.name, "source": each.source} for each in node.inputs],
        "dependencies": [{"id": each.node, "parameter": each.parameter} for each in node.edges],
    }
