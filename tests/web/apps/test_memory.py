"""A request that is over leaves nothing for the garbage collector."""

import gc
import sys
from collections import Counter
from collections.abc import Awaitable
from typing import Annotated, Any

import pytest

from tenure.web import App, Body, Depends, HTTPException
from tenure.web.responses import EventSourceResponse, StreamingResponse
from tests.telling import Listener
from tests.web.apps.client import Client, request


class RefusedError(Exception):
    pass


@pytest.fixture
def app():
    app = App()

    async def on_the_loop():
        yield object()

    def in_a_thread():
        yield object()

    @app.post("/{what}")
    async def endpoint(
        what: str, body: bytes = Body(), one=Depends(on_the_loop), two=Depends(in_a_thread)
    ):
        if what == "refused":
            raise HTTPException(400)
        if what == "handled":
            raise RefusedError
        return len(body)

    @app.exception_handler(RefusedError)
    async def handle(request, error):
        raise HTTPException(409) from error

    return app


@pytest.fixture
def streaming():
    app = App()

    async def lines():
        yield 1
        yield 2

    def plain_lines():
        yield 1
        yield 2

    @app.get("/returned")
    def returned():
        return StreamingResponse(str(each) for each in plain_lines())

    app.get("/lines")(lines)
    app.get("/plain")(plain_lines)
    app.get("/events", response_class=EventSourceResponse)(lines)
    return app


@pytest.fixture
def anyio_backend():
    return "asyncio"  # what a loop leaves behind is its own matter


@pytest.mark.parametrize("what", ["ok", "refused", "handled"])
async def test_nothing_is_left_of_a_request(app, what):
    await request(app, "POST", f"/{what}", body=b"the first one compiles the plan")
    left = await left_by(request(app, "POST", f"/{what}", body=b"something to keep alive"))
    for name in ("HttpExchange", "Request", "frame", "traceback", "RefusedError"):
        assert not left[name], left


@pytest.mark.xfail(
    sys.version_info < (3, 12),
    reason="on Python 3.11 the collector frees some of a stream's objects",
    strict=False,
)
@pytest.mark.parametrize("spec_version", ["2.3", "2.4"])
@pytest.mark.parametrize("target", ["/lines", "/plain", "/events", "/returned"])
async def test_nothing_is_left_of_a_stream(streaming, target, spec_version):
    client = Client(spec_version=spec_version)
    await client.request(streaming, "GET", target)
    left = await left_by(client.request(streaming, "GET", target))
    for name in ("HttpExchange", "Iteration", "generator", "async_generator"):
        assert not left[name], left


@pytest.mark.parametrize("target", ["/", "/refused", "/nowhere"])
async def test_nothing_is_left_of_what_opentelemetry_is_told(target):
    # In no thread: an idle one keeps the context of what it has done last.
    app = App(telemetry=Listener().config(metrics=False, logs=False))

    async def value():
        yield object()

    @app.get("/")
    async def endpoint(value: Annotated[object, Depends(value)], limit: int = 1): ...

    @app.get("/refused")
    async def refused(value: Annotated[object, Depends(value)]):
        raise HTTPException(400)

    await request(app, "GET", target)
    left = await left_by(request(app, "GET", target))
    for name in ("Served", "HttpExchange", "Request", "Context", "_Span", "frame"):
        assert not left[name], left


async def left_by(serving: Awaitable[Any]) -> Counter[str]:
    """The kinds of the objects that only the garbage collector finds afterwards."""
    gc.collect()
    gc.freeze()  # what is there now is nobody's leftover, and is looked at no more
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        await serving
        gc.collect()
        return Counter(type(each).__name__ for each in gc.garbage)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
