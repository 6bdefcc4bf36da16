"""What it costs to find a route among many: the last of 10, 1,000 and 10,000 is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import fastapi
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from benchmarks.asgi import Asked, Call
from benchmarks.harness import Contender, Effort, compare
from benchmarks.requests import batch_of
from benchmarks.results import LeftOut, Work
from tenure import web

__all__ = ["COUNTS", "KINDS", "measure_routes", "title"]

COUNTS = (10, 1_000, 10_000)
MOST_OF_PEERS = 1_000  # they look through all of them, so more only takes longer
KINDS = ("static path", "path with a parameter")


def measure_routes(effort: Effort) -> list[Work]:
    """Both kinds of path; the reference is Tenure with the fewest routes."""
    return [asyncio.run(_measure(kind, effort)) for kind in KINDS]


def title(framework: str, count: int) -> str:
    """The name of a contender."""
    return f"{framework}, {count:,} routes"


async def _measure(kind: str, effort: Effort) -> Work:
    contenders: list[Contender] = []
    left_out: list[tuple[str, str]] = []
    for framework, make_app in _FRAMEWORKS.items():
        for count in COUNTS[:2] if effort.is_quick else COUNTS:
            if framework != "Tenure" and count > MOST_OF_PEERS:
                continue
            app = make_app([_path(kind, number) for number in range(count)])
            asked = Asked("GET", _path(kind, count - 1).replace("{name}", "ada"))
            try:
                await asyncio.create_task(_check(app, asked))
                contenders.append(Contender(title(framework, count), batch_of(app, asked)))
            except LeftOut as error:
                left_out.append((title(framework, count), str(error)))
    measured = await compare(contenders, effort)
    return Work.of("routes", f"last route, {kind}", measured, left_out)


def _path(kind: str, number: int) -> str:
    # A handful of resources with many paths each, as applications have.
    path = f"/area-{number % 25}/resource-{number}"
    return path if kind == "static path" else path + "/{name}"


async def _answer(name: str = "ada"):
    return {"name": name}


async def _answer_by_hand(request):
    return JSONResponse({"name": request.path_params.get("name", "ada")})


def _api(framework: Any, paths: list[str]) -> Any:
    app = framework.FastAPI()
    for path in paths:
        app.get(path)(_answer)
    return app


def _starlette(paths: list[str]) -> Any:
    return Starlette(routes=[Route(path, _answer_by_hand) for path in paths])


_FRAMEWORKS: dict[str, Callable[[list[str]], Any]] = {
    "Tenure": lambda paths: _api(web, paths),
    "Starlette": _starlette,
    "FastAPI": lambda paths: _api(fastapi, paths),
}


async def _check(app: Any, asked: Asked) -> None:
    call = Call(asked)
    await app(asked.asgi_scope(), call.receive, call.send)
    if call.status != 200 or call.content != {"name": "ada"}:
        raise LeftOut(f"answered {call.status} {call.content}")
