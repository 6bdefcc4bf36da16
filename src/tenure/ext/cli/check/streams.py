"""Resources of scope "function" under a body that is streamed: closed before its first byte."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any, get_origin

from starlette.responses import StreamingResponse

from tenure.ext.cli.check.findings import Finding, split_place
from tenure.ext.cli.check.uses import chain_to
from tenure.ext.cli.routes import Row
from tenure.graph.annotations import resolve, split_annotated
from tenure.graph.nodes import Graph, Node
from tenure.graph.providers import EMPTY, provider_of
from tenure.web.responses import FileResponse

__all__ = ["closed_early"]


def closed_early(graph: Graph, row: Row) -> Iterator[Finding]:
    """Every such resource whose value reaches the endpoint of *row*."""
    endpoint = row.route.endpoint
    yields = provider_of(endpoint).kind.opens
    reason = "it yields its body" if yields else _streams(row.route)
    if not reason:
        return
    for node in _reaching(graph):
        if node.provider.kind.opens and node.scope == "function":
            yield _finding(graph, node, row, reason, is_certain=yields)


def _reaching(graph: Graph) -> Iterator[Node]:
    """The dependencies whose values go into the endpoint's arguments, through others too."""
    seen: set[Node] = set()
    waiting = [graph.root]
    while waiting:
        for argument in waiting.pop().arguments:
            node = argument.value
            if isinstance(node, Node) and node not in seen:
                seen.add(node)
                waiting.append(node)
    yield from (node for node in graph.nodes if node in seen)


def _streams(route: Any) -> str:
    """Why the endpoint's response is taken for a stream; empty where it is not."""
    declared: Any = getattr(route, "response_class", None)
    if _is_stream(declared):
        return f"its response class is {declared.__name__}"
    returned = _return_annotation(route.endpoint)
    if _is_stream(returned):
        return f"it returns {returned.__name__}"
    function = inspect.unwrap(route.endpoint)
    code = getattr(function, "__code__", None)
    known = getattr(function, "__globals__", {})
    for name in getattr(code, "co_names", ()):
        if _is_stream(known.get(name)):
            return f"it uses {name}"
    return ""


def _return_annotation(endpoint: Any) -> Any:
    declared: Any = inspect.signature(endpoint).return_annotation
    if declared is EMPTY:
        return None
    resolution = resolve(declared, inspect.unwrap(endpoint))
    inner, _ = split_annotated(resolution.annotation)
    return get_origin(inner) or inner


def _is_stream(value: Any) -> bool:
    return (
        isinstance(value, type)
        and issubclass(value, StreamingResponse)
        and not issubclass(value, FileResponse)
    )


def _finding(graph: Graph, node: Node, row: Row, reason: str, *, is_certain: bool) -> Finding:
    provider, endpoint = node.provider, graph.root.provider
    file, line = split_place(endpoint.place)
    return Finding(
        rule="closed-early",
        level="error" if is_certain else "warning",
        message=(
            f'{provider.name} ({provider.place}) has scope "function", so it is closed before '
            f"the body of {endpoint.name} is streamed ({reason})."
        ),
        hint=(
            'declare it with scope="request", which lasts until the last byte, or read what the '
            "body needs before returning"
        ),
        chain=chain_to(graph, node),
        file=file,
        line=line,
        routes=(row.title,),
    )
