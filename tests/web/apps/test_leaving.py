"""``cancel_on_disconnect``: what runs for a client that has left is cancelled, and given back."""

import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from tenure import Outcome
from tenure.web import APIRouter, App, BackgroundTasks, Depends, HTTPException, Request
from tenure.web.responses import StreamingResponse
from tenure.web.routing import APIRoute
from tests.web.apps.client import Client, Message

VERSIONS = pytest.mark.parametrize("spec_version", ["2.3", "2.4"])


class Site:
    """What a program records, and the client that leaves it."""

    def __init__(self, spec_version: str = "2.4") -> None:
        self.words: list[str] = []
        self.left = anyio.Event()
        self.client = Client(self.words.append, leaves_at=self.left, spec_version=spec_version)

    async def wide(self) -> AsyncIterator[None]:
        self.words.append("+wide")
        try:
            yield
        except BaseException as error:
            self.words.append(f"wide sees {type(error).__name__}")
            raise
        finally:
            await anyio.lowlevel.checkpoint()
            self.words.append("-wide")

    def narrow(self) -> Iterator[None]:
        self.words.append("+narrow")
        try:
            yield
        finally:
            self.words.append("-narrow")

    async def leave(self) -> None:
        """Let the client go, and wait for what comes of it."""
        self.left.set()
        await anyio.sleep_forever()

    @property
    def given_back(self) -> bool:
        return all(
            self.words.count(f"+{name}") == self.words.count(f"-{name}")
            for name in ("wide", "narrow")
        )


def app_of(site: Site, *, where: str) -> App:
    """An application whose endpoint is left in the middle, with the option *where* it says."""
    on: dict[str, Any] = {"cancel_on_disconnect": True}
    app = App(**(on if where == "application" else {}))
    router = APIRouter(**(on if where == "router" else {}))

    @router.get(
        "/",
        dependencies=[Depends(site.wide), Depends(site.narrow, scope="function")],
        **(on if where == "route" else {}),
    )
    async def endpoint() -> None:
        try:
            await site.leave()
        finally:
            site.words.append("endpoint ends")

    app.include_router(router)
    return app


@VERSIONS
@pytest.mark.parametrize("where", ["application", "router", "route"])
async def test_the_endpoint_is_cancelled_and_nothing_is_sent(where: str, spec_version: str):
    site = Site(spec_version)
    answer = await site.client.request(app_of(site, where=where), "GET", "/")
    assert answer.error is None
    assert site.words[:3] == ["+wide", "+narrow", "endpoint ends"]
    assert site.words[3] == "-narrow"
    assert site.words[4].startswith("wide sees Cancel")
    assert site.words[5:] == ["-wide"]


async def test_the_inner_option_wins():
    site = Site()
    app = App(cancel_on_disconnect=True)

    @app.get("/", cancel_on_disconnect=False)
    async def endpoint() -> str:
        site.left.set()
        for _ in range(10):
            await anyio.lowlevel.checkpoint()
        return "done"

    assert (await site.client.request(app, "GET", "/")).json() == "done"


async def test_the_setup_of_a_dependency_is_cancelled_too():
    site = Site()
    app = App(cancel_on_disconnect=True)

    async def slow() -> AsyncIterator[None]:
        await site.leave()
        yield

    @app.get("/", dependencies=[Depends(site.wide), Depends(slow)])
    async def endpoint() -> None:
        site.words.append("endpoint")

    answer = await site.client.request(app, "GET", "/")
    assert answer.error is None
    assert "endpoint" not in site.words
    assert site.words[-1] == "-wide"


async def test_a_thread_is_waited_for():
    site = Site()
    app = App(cancel_on_disconnect=True)
    goes_on = threading.Event()

    async def leave_soon() -> AsyncIterator[None]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(let_go)
            yield

    async def let_go() -> None:
        site.left.set()
        try:
            await anyio.sleep_forever()
        finally:
            goes_on.set()

    @app.get("/", dependencies=[Depends(site.narrow), Depends(leave_soon)])
    def endpoint() -> None:
        assert goes_on.wait(10)
        site.words.append("thread ends")

    answer = await site.client.request(app, "GET", "/")
    assert answer.error is None
    assert site.words == ["+narrow", "thread ends", "-narrow"]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_client_that_stays_is_answered(method: str):
    site = Site()
    app = App(cancel_on_disconnect=True)

    @app.api_route("/", methods=[method])
    async def endpoint(tasks: BackgroundTasks) -> str:
        tasks.add_task(after)
        await anyio.lowlevel.checkpoint()
        return "done"

    async def after() -> None:
        await anyio.lowlevel.checkpoint()
        site.words.append("task")

    answer = await site.client.request(app, method, "/")
    assert (answer.json(), answer.error) == ("done", None)
    assert site.words == ["send 200", "send end", "task"]


class Wire:
    """A server that gives its messages one by one, the last again and again."""

    def __init__(self, *messages: Message) -> None:
        self.messages = list(messages)
        self.sent: list[Message] = []
        self.taken = 0

    async def receive(self) -> Message:
        await anyio.lowlevel.checkpoint()
        if not self.messages:
            await anyio.sleep_forever()
        self.taken += 1
        return self.messages.pop(0)

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    async def serve(self, app: App, method: str = "POST") -> None:
        asgi_scope = {
            "type": "http",
            "method": method,
            "path": "/",
            "query_string": b"",
            "headers": [(b"content-type", b"application/json")],
        }
        with anyio.fail_after(10):
            await app(asgi_scope, self.receive, self.send)

    @property
    def body(self) -> bytes:
        return b"".join(each.get("body", b"") for each in self.sent)


def part(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


GONE: Message = {"type": "http.disconnect"}


async def test_an_endpoint_that_reads_the_request_itself_gets_every_message():
    app = App(cancel_on_disconnect=True)

    async def first(request: Request) -> bytes:
        return (await request.receive())["body"]

    @app.post("/")
    async def endpoint(request: Request, start: bytes = Depends(first)) -> str:
        for _ in range(5):
            await anyio.lowlevel.checkpoint()
        rest = [(await request.receive())["body"] for _ in range(2)]
        return b"".join([start, *rest]).decode()

    wire = Wire(part(b"one "), part(b"two "), part(b"three", more=False))
    await wire.serve(app)
    assert wire.body == b'"one two three"'


async def test_a_body_is_read_before_the_client_is_watched():
    app = App(cancel_on_disconnect=True)

    @app.post("/")
    async def endpoint(item: dict[str, int]) -> Any:
        await anyio.sleep_forever()

    wire = Wire(part(b'{"a":'), part(b" 1}", more=False), GONE)
    await wire.serve(app)
    assert wire.sent == []


async def test_a_body_that_nobody_reads_is_not_taken_in_whole():
    app = App(cancel_on_disconnect=True)

    @app.post("/")
    async def endpoint() -> None:
        for _ in range(100):
            await anyio.lowlevel.checkpoint()

    wire = Wire(*[part(b"x" * 40_000) for _ in range(50)])
    await wire.serve(app)
    assert wire.taken == 2
    assert wire.body == b"null"


async def test_a_handler_of_exceptions_can_still_read_the_body():
    app = App(cancel_on_disconnect=True)

    @app.exception_handler(LookupError)
    async def handle(request: Request, error: Exception) -> Any:
        return StreamingResponse(iter([await request.body()]))

    @app.post("/")
    async def endpoint() -> None:
        raise LookupError

    wire = Wire(part(b"what was sent", more=False))
    await wire.serve(app)
    assert wire.body == b"what was sent"


class Own(APIRoute):
    def get_route_handler(self) -> Any:
        inner = super().get_route_handler()

        async def handle(request: Request) -> Any:
            await request.body()
            return await inner(request)

        return handle


async def test_a_route_handler_may_read_the_body_first():
    app = App(cancel_on_disconnect=True)
    app.router.route_class = Own

    @app.post("/")
    async def endpoint(item: dict[str, int]) -> Any:
        await anyio.sleep_forever()

    wire = Wire(part(b'{"a":'), part(b" 1}", more=False), GONE)
    await wire.serve(app)
    assert wire.sent == []


async def test_middleware_that_insists_on_a_response_gets_one():
    site = Site()
    app, seen = app_of(site, where="application"), []

    @app.middleware("http")
    async def watch(request: Request, call_next: Any) -> Any:
        response = await call_next(request)
        seen.append(response.status_code)
        return response

    answer = await site.client.request(app, "GET", "/")
    assert (answer.error, seen) == (None, [499])
    assert site.given_back


@pytest.mark.parametrize("error", [HTTPException(409), ValueError("of an exit")])
async def test_what_an_exit_raises_for_a_client_that_has_left_reaches_the_server(error: Exception):
    site = Site()
    app = App(cancel_on_disconnect=True)

    async def failing() -> AsyncIterator[None]:
        try:
            yield
        finally:
            raise error

    @app.get("/", dependencies=[Depends(site.wide), Depends(failing)])
    async def endpoint() -> None:
        await site.leave()

    answer = await site.client.request(app, "GET", "/")
    assert answer.error is error
    assert answer.status == 0
    assert site.words[-1] == "-wide"


@VERSIONS
@pytest.mark.parametrize("leaves_after", [1, 2, None])
async def test_a_stream_is_ended_as_without_the_option(spec_version: str, leaves_after: int | None):
    words = []
    for on in (False, True):
        site = Site(spec_version)
        site.client.leaves_at = None
        site.client.leaves_after = leaves_after
        app = App(cancel_on_disconnect=on)

        @app.get("/", dependencies=[Depends(site.wide)])
        async def endpoint() -> AsyncIterator[int]:
            yield 1
            yield 2

        answer = await site.client.request(app, "GET", "/")
        assert answer.error is None
        assert site.given_back
        words.append(site.words)
    assert words[0] == words[1]


@VERSIONS
async def test_exit_code_can_learn_that_the_client_has_left(spec_version: str):
    site, kinds = Site(spec_version), []

    async def asks(outcome: Outcome) -> AsyncIterator[None]:
        try:
            yield
        finally:
            kinds.append(outcome.kind)

    app = App(cancel_on_disconnect=True)

    @app.get("/", dependencies=[Depends(asks), Depends(asks, scope="function")])
    async def endpoint() -> None:
        await site.leave()

    await site.client.request(app, "GET", "/")
    assert kinds == ["disconnected", "disconnected"]
