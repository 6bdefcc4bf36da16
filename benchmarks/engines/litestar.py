"""Litestar's ``KwargsModel``, called as its routes call it: resolve, validate, clean up."""

from __future__ import annotations

from typing import Any

from litestar import Litestar, get
from litestar.connection import Request
from litestar.di import Provide

from benchmarks.graphs import Graph, Node
from benchmarks.harness import Batch

__all__ = ["batch_of"]


def batch_of(graph: Graph) -> Batch:
    made: dict[Node, Any] = {
        node: node.copy(**dict.fromkeys(node.needs, Any), **{"return": Any}) for node in graph.nodes
    }
    dependencies = {
        name: Provide(made[below], sync_to_thread=False if below.kind == "function" else None)
        for node in graph.nodes
        for name, below in node.needs.items()
    }
    app = Litestar([get("/", dependencies=dependencies)(made[graph.root])], openapi_config=None)
    route: Any = app.routes[0]
    handler, model = route.route_handler_map["GET"]
    request = Request[Any, Any, Any](_scope(app, handler))

    async def batch(count):
        for _ in range(count):
            values = await model.to_kwargs(connection=request)
            async with await model.resolve_dependencies(request, values):
                parsed = handler.signature_model.parse_values_from_connection_kwargs(
                    connection=request, kwargs=values
                )
                result = await handler.fn(**parsed)
        return result

    return batch


def _scope(app: Litestar, handler: Any) -> Any:
    return {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "headers": [],
        "path_params": {},
        "litestar_app": app,
        "app": app,
        "route_handler": handler,
        "state": {},
    }
