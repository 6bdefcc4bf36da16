"""What happens in which order during one request, on every event loop."""

import itertools

import anyio
import pytest

from tenure.web import App, BackgroundTasks, Depends, HTTPException
from tenure.web.responses import JSONResponse, StreamingResponse
from tests.web.apps.client import Client, get


@pytest.fixture
def words():
    return []


def named(words, name):
    """A dependency that says when it opens, what it sees, and when it is closed."""

    async def resource():
        words.append(f"+{name}")
        try:
            yield name
        except BaseException as error:
            words.append(f"{name} sees {type(error).__name__}")
            raise
        finally:
            words.append(f"-{name}")

    return resource


def in_thread(words, name):
    def resource():
        words.append(f"+{name}")
        try:
            yield name
        except BaseException as error:
            words.append(f"{name} sees {type(error).__name__}")
            raise
        finally:
            words.append(f"-{name}")

    return resource


@pytest.fixture
def app(words):
    """One resource of each scope, one of them driven in a thread, under several endpoints."""
    app = App()
    outer, inner = named(words, "request"), in_thread(words, "function")

    class TurnedAwayError(Exception):
        pass

    @app.exception_handler(TurnedAwayError)
    async def turned_away(request, error):
        words.append("handler")
        return JSONResponse("turned away", 409)

    @app.get("/{what}")
    async def endpoint(
        what: str,
        background: BackgroundTasks,
        first=Depends(inner, scope="function"),
        second=Depends(outer),
    ):
        words.append("endpoint")
        background.add_task(words.append, "background")
        if what == "refused":
            raise HTTPException(403)
        if what == "turned-away":
            raise TurnedAwayError
        if what == "broken":
            raise ValueError
        if what == "stream":
            return StreamingResponse(pieces())
        if what == "torn":
            return StreamingResponse(pieces(ValueError()))
        if what == "endless":
            return StreamingResponse(pieces(endless=True))
        return what

    async def pieces(error=None, *, endless=False):
        try:
            for piece in itertools.repeat("a") if endless else "ab":
                await anyio.lowlevel.checkpoint()
                yield piece
            if error:
                raise error
        finally:
            words.append("body closed")

    return app


async def test_a_success_closes_the_function_before_and_the_request_after_the_answer(app, words):
    answer = await Client(words.append).request(app, "GET", "/ok")
    assert answer.json() == "ok"
    assert words == [
        "+request",
        "+function",
        "endpoint",
        "-function",
        "send 200",
        "send end",
        "background",
        "-request",
    ]


@pytest.mark.parametrize(
    ("what", "status", "sees"),
    [("refused", 403, "HTTPException"), ("broken", 500, "ValueError")],
)
async def test_a_failure_closes_everything_before_the_answer(app, words, what, status, sees):
    answer = await Client(words.append).request(app, "GET", f"/{what}")
    assert answer.status == status
    assert words == [
        "+request",
        "+function",
        "endpoint",
        f"function sees {sees}",
        "-function",
        f"request sees {sees}",
        "-request",
        f"send {status}",
        "send end",
    ]


async def test_an_exception_handler_runs_when_all_is_closed(app, words):
    answer = await Client(words.append).request(app, "GET", "/turned-away")
    assert answer.json() == "turned away"
    assert words[-4:] == ["-request", "handler", "send 409", "send end"]
    assert "background" not in words


@pytest.mark.parametrize(
    "spec_version",
    [
        "2.3",
        "2.4",
    ],
)
async def test_a_stream_keeps_the_request_open_and_not_the_function(app, words, spec_version):
    client = Client(words.append, spec_version=spec_version)
    answer = await client.request(app, "GET", "/stream")
    assert answer.text == "ab"
    assert words == [
        "+request",
        "+function",
        "endpoint",
        "-function",
        "send 200",
        "send more",
        "send more",
        "body closed",
        "send end",
        "background",
        "-request",
    ]


async def test_a_stream_that_fails_is_seen_by_what_is_still_open(app, words):
    answer = await Client(words.append).request(app, "GET", "/torn")
    assert isinstance(answer.error, ValueError)
    assert words[-3:] == ["body closed", "request sees ValueError", "-request"]
    assert "background" not in words


@pytest.mark.parametrize("spec_version", ["2.3", "2.4"])
async def test_a_client_that_leaves_is_told_alike_on_every_server(app, words, spec_version):
    client = Client(words.append, leaves_after=2, spec_version=spec_version)
    answer = await client.request(app, "GET", "/endless")
    assert answer.error is None
    assert words[-4:] == ["body closed", "background", "request sees ClientDisconnect", "-request"]


async def test_a_cancelled_request_gives_everything_back(words):
    app = App()

    async def slow():
        words.append("+slow")
        try:
            yield
        finally:
            await anyio.lowlevel.checkpoint()
            words.append("-slow")

    started = anyio.Event()

    @app.get("/")
    async def endpoint(a=Depends(named(words, "a")), b=Depends(slow)):
        started.set()
        await anyio.sleep_forever()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(get, app, "/")
        await started.wait()
        tasks.cancel_scope.cancel()
    assert words[:3] == ["+a", "+slow", "-slow"]
    assert words[-1] == "-a"


async def test_requests_at_the_same_time_do_not_share_what_they_open():
    app = App()
    opened: list[object] = []
    met = anyio.Event()

    async def resource():
        mine = object()
        opened.append(mine)
        yield mine
        opened.remove(mine)

    @app.get("/")
    async def endpoint(one=Depends(resource), same=Depends(resource)):
        if len(opened) == 2:
            met.set()
        await met.wait()
        return one is same

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(get, app, "/")
        answer = await get(app, "/")
    assert answer.json() is True
    assert opened == []
