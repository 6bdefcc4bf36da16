"""FastAPI's ``solve_dependencies``, called as its routes call it: with two exit stacks."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Annotated, Any

from fastapi import Depends
from fastapi.dependencies.utils import get_dependant, solve_dependencies
from starlette.requests import Request

from benchmarks.graphs import Graph, Node
from benchmarks.harness import Batch

__all__ = ["batch_of"]

_SCOPE = {
    "type": "http",
    "method": "GET",
    "path": "/",
    "query_string": b"",
    "headers": [],
    "path_params": {},
}


def batch_of(graph: Graph) -> Batch:
    made: dict[Node, Any] = {}
    for node in graph.nodes:
        made[node] = node.copy(
            **{name: Annotated[object, Depends(made[below])] for name, below in node.needs.items()}
        )
    handle = made[graph.root]
    dependant = get_dependant(path="/", call=handle)

    async def batch(count):
        for _ in range(count):
            scope = dict(_SCOPE)
            request = Request(scope)
            async with AsyncExitStack() as request_stack:
                scope["fastapi_inner_astack"] = request_stack
                async with AsyncExitStack() as function_stack:
                    scope["fastapi_function_astack"] = function_stack
                    solved = await solve_dependencies(
                        request=request,
                        dependant=dependant,
                        async_exit_stack=request_stack,
                        embed_body_fields=False,
                    )
                    result = await handle(**solved.values)
        return result

    return batch
