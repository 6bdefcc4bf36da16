"""A request that is over leaves nothing for the garbage collector."""

import gc
from collections import Counter

import pytest

from tenure.web import App, Body, Depends, HTTPException
from tests.web.apps.client import request


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
def anyio_backend():
    return "asyncio"  # what a loop leaves behind is its own matter


@pytest.mark.parametrize("what", ["ok", "refused", "handled"])
async def test_nothing_is_left_of_a_request(app, what):
    await request(app, "POST", f"/{what}", body=b"the first one compiles the plan")
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        await request(app, "POST", f"/{what}", body=b"something to keep alive")
        gc.collect()
        left = Counter(type(each).__name__ for each in gc.garbage)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    for name in ("HttpExchange", "Request", "frame", "traceback", "RefusedError"):
        assert not left[name], left
