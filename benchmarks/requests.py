"""Whole requests: the same application in each framework, called through ASGI in process."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import fastapi

from benchmarks.apps import (
    blacksheep_app,
    by_hand,
    fastapi_style,
    hops_alone,
    litestar_app,
    pydantic_alone,
)
from benchmarks.apps.shared import Note, order_of
from benchmarks.asgi import Asked, Call
from benchmarks.harness import Batch, Contender, Effort, compare
from benchmarks.results import LeftOut, Work
from tenure import web

__all__ = [
    "CHAIN",
    "FRAMEWORKS",
    "HELLO",
    "LARGE_ORDER",
    "LIMIT",
    "PLAIN_CHAIN",
    "REFERENCE",
    "REQUESTS",
    "SMALL_ORDER",
    "TWO_HOPS",
    "Request",
    "batch_of",
    "check",
    "forget",
    "measure_requests",
    "started",
]

REFERENCE = "Starlette by hand"

LIMIT = "pydantic alone"
"""What is left when there is no framework, in requests with models."""

TWO_HOPS = "two bare hops of anyio"
"""What a program without a framework does, in requests whose steps are all ``def``."""

forget = deque[str](maxlen=0).append
"""Notes that are not kept: what is timed makes the same calls as what was checked."""

FRAMEWORKS: dict[str, Callable[[Note], Any]] = {
    REFERENCE: by_hand.make_app,
    "Tenure": lambda note: fastapi_style.make_app(web, note),
    "FastAPI": lambda note: fastapi_style.make_app(fastapi, note),
    "Litestar": litestar_app.make_app,
    "Litestar, msgspec": lambda note: litestar_app.make_app(note, with_structs=True),
    "BlackSheep": blacksheep_app.make_app,
    LIMIT: pydantic_alone.make_app,
    TWO_HOPS: hops_alone.make_app,
}

_CHAIN_EVENTS = (
    "open connection",
    "open session",
    "endpoint",
    "close session",
    "close connection",
)
_FOUND = {"item": 7, "user": "secret", "open": True}


@dataclass(frozen=True, slots=True)
class Request:
    """A request and what has to come of it."""

    name: str
    asked: Asked
    answer: Any
    events: Sequence[str] = ()
    without: dict[str, str] = field(default_factory=dict)
    """Contenders that do not take part, and why."""


_NOT_MEANT = "is there for other requests"
_NO_BODY = {"Litestar, msgspec": _NOT_MEANT, LIMIT: _NOT_MEANT}
_NO_HOPS = {TWO_HOPS: _NOT_MEANT}


def _order(name: str, lines: int) -> Request:
    order = order_of(lines)
    body = json.dumps(order, separators=(",", ":")).encode()
    answer = {"number": 1, "total": lines * 1.5, "order": order}
    return Request(name, Asked("POST", "/orders", body=body), answer, without=_NO_HOPS)


CHAIN = Request(
    "chain of 4, header, path",
    Asked("GET", "/items/7", {"x-token": "secret"}),
    _FOUND,
    _CHAIN_EVENTS,
    _NO_BODY | _NO_HOPS,
)
PLAIN_CHAIN = Request(
    "the same, all def",
    Asked("GET", "/plain-items/7", {"x-token": "secret"}),
    _FOUND,
    _CHAIN_EVENTS,
    {
        **_NO_BODY,
        "BlackSheep": "runs def endpoints on the event loop",
        "Litestar": "closes both at once, in threads: the order is a matter of luck",
    },
)
HELLO = Request(
    "async endpoint, dict",
    Asked("GET", "/hello"),
    {"hello": "world"},
    without=_NO_BODY | _NO_HOPS,
)

SMALL_ORDER = _order("JSON in and out, 300 bytes", 3)
LARGE_ORDER = _order("JSON in and out, 100 kB", 1315)
REQUESTS = (CHAIN, PLAIN_CHAIN, HELLO, SMALL_ORDER, LARGE_ORDER)


def measure_requests(effort: Effort) -> list[Work]:
    """Each request with everyone who can serve it."""
    return [asyncio.run(_measure(request, effort)) for request in REQUESTS]


async def _measure(request: Request, effort: Effort) -> Work:
    contenders: list[Contender] = []
    left_out: list[tuple[str, str]] = []
    for name, make_app in FRAMEWORKS.items():
        try:
            if name in request.without:
                raise LeftOut(request.without[name])
            # In a task of its own, with which everything goes that a contender leaves in it.
            await asyncio.create_task(check(request, make_app))
            app = await started(make_app(forget))
            contenders.append(Contender(name, batch_of(app, request.asked)))
        except LeftOut as error:
            if error.args[0] != _NOT_MEANT:
                left_out.append((name, str(error)))
    measured = await compare(contenders, effort)
    return Work.of("request", request.name, measured, left_out, waits=request is PLAIN_CHAIN)


async def started(app: Any) -> Any:
    """*app*, ready to be called without a server; BlackSheep insists on being told."""
    if hasattr(app, "start"):
        await app.start()
    return app


def batch_of(app: Any, asked: Asked) -> Batch:
    """Call *app* with *asked*, in a row."""

    async def batch(count: int) -> None:
        for _ in range(count):
            call = Call(asked)
            await app(asked.asgi_scope(), call.receive, call.send)

    return batch


async def check(request: Request, make_app: Callable[[Note], Any]) -> None:
    """Serve the request twice: the response, the order of exits, nothing left open."""
    events: list[str] = []
    app = await started(make_app(events.append))
    for _ in range(2):
        events.clear()
        tasks = asyncio.all_tasks()
        call = Call(request.asked)
        await app(request.asked.asgi_scope(), call.receive, call.send)
        if call.status != 200 or call.content != request.answer:
            raise LeftOut(f"answered {call.status} {str(call.content)[:200]}")
        if tuple(events) != tuple(request.events):
            raise LeftOut(f"noted {', '.join(events)} instead of {', '.join(request.events)}")
        if asyncio.all_tasks() - tasks:
            raise LeftOut("left a task running")
