"""What is streamed belongs to its request: closed first, in its task, however the request ends."""

import asyncio
import threading
from collections.abc import AsyncIterable, Callable
from contextvars import ContextVar
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from starlette.concurrency import iterate_in_threadpool

from tenure.web import App, BackgroundTasks, Depends
from tenure.web.exceptions import ResponseValidationError
from tenure.web.reply import outlet
from tenure.web.responses import EventSourceResponse, StreamingResponse
from tenure.web.routing import APIRoute
from tests.web.apps.client import Client, get

ITEMS = 3
MESSAGES = ITEMS + 2  # the start, one for each item, the end


class Broken(Exception):  # noqa: N818 - what an item may be
    pass


class Record:
    """The words of one request, and the task that each was said in."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.tasks: set[int] = set()

    def __call__(self, word: str) -> None:
        self.words.append(word)
        if threading.current_thread() is threading.main_thread():
            self.tasks.add(anyio.get_current_task().id)

    def resource(self, name: str, *, is_async: bool = True) -> Callable[..., Any]:
        async def resource():
            self(f"+{name}")
            try:
                yield
            except BaseException as error:
                self(f"{name} sees {type(error).__name__}")
                raise
            finally:
                await anyio.lowlevel.checkpoint()
                self(f"-{name}")

        def plain_resource():
            self.words.append(f"+{name}")
            try:
                yield
            except BaseException as error:
                self.words.append(f"{name} sees {type(error).__name__}")
                raise
            finally:
                self.words.append(f"-{name}")

        return resource if is_async else plain_resource

    def before(self, one: str, other: str) -> bool:
        return self.words.index(one) < self.words.index(other)


def body_of(record: Record, breaks: str) -> Callable[[], Any]:
    async def body():
        record("+body")
        try:
            for number in range(ITEMS):
                if breaks == f"at {number}":
                    raise Broken
                yield str(number)
        finally:
            await anyio.lowlevel.checkpoint()
            record("-body")
            if breaks == "at the end":
                raise Broken

    return body


def plain_body_of(record: Record, breaks: str) -> Callable[[], Any]:
    def body():
        record.words.append("+body")
        try:
            for number in range(ITEMS):
                if breaks == f"at {number}":
                    raise Broken
                yield str(number)
        finally:
            record.words.append("-body")
            if breaks == "at the end":
                raise Broken

    return body


class Wrapping(APIRoute):
    """Puts an iterator of its own around what is streamed."""

    def get_route_handler(self):
        inner = super().get_route_handler()

        async def handle(request):
            response: Any = await inner(request)
            around = response.body_iterator

            async def wrapped():
                async for each in around:
                    yield each

            response.body_iterator = wrapped()
            return response

        return handle


def program(record: Record, kind: str, breaks: str = "") -> App:
    """One endpoint that streams, with a resource of each scope and a background task."""
    app = App()
    make = (plain_body_of if "plain" in kind else body_of)(record, breaks)
    on_the_loop = record.resource("loop")
    in_a_thread = record.resource("thread", is_async=False)
    narrow = record.resource("narrow")

    async def task(tasks: BackgroundTasks):
        tasks.add_task(record, "task")

    dependencies = [
        Depends(on_the_loop),
        Depends(in_a_thread),
        Depends(narrow, scope="function"),
        Depends(task),
    ]
    options: dict[str, Any] = {"dependencies": dependencies}
    if "wrapped" in kind:
        app.router.route_class = Wrapping
    if "events" in kind:
        options["response_class"] = EventSourceResponse
    if "chunks" in kind:
        options["response_class"] = StreamingResponse
    if "returned" in kind:

        @app.get("/", **options)
        async def endpoint():
            return StreamingResponse(make())
    else:
        app.get("/", **options)(make)
    return app


KINDS = [
    f"{plain}{how}"
    for plain in ("", "plain ")
    for how in ("lines", "events", "chunks", "returned", "wrapped lines", "wrapped events")
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("spec_version", ["2.3", "2.4"])
async def test_whoever_leaves_when_everything_is_closed_in_order(kind, spec_version):
    for leaves_after in [*range(1, MESSAGES + 1), None]:
        record = Record()
        client = Client(record, leaves_after=leaves_after, spec_version=spec_version)
        answer = await client.request(program(record, kind), "GET", "/")
        assert answer.error is None
        is_done = leaves_after is None or leaves_after >= MESSAGES
        saw = [] if is_done else ["thread sees ClientDisconnect"]
        saw_last = [] if is_done else ["loop sees ClientDisconnect"]
        assert record.words[:4] == ["+loop", "+thread", "+narrow", "-narrow"]
        expected = ["task", *saw, "-thread", *saw_last, "-loop"]
        assert record.words[-len(expected) :] == expected
        rest = record.words[4 : -len(expected)]
        assert rest[0] == "send 200"
        if is_done or "+body" in rest:
            assert (rest.count("+body"), rest.count("-body")) == (1, 1)
        assert len(record.tasks) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("spec_version", ["2.3", "2.4"])
@pytest.mark.parametrize("breaks", ["at 0", "at 1", "at the end"])
async def test_a_failure_comes_as_itself_and_what_was_before_it_is_sent(kind, spec_version, breaks):
    record = Record()
    client = Client(record, spec_version=spec_version)
    answer = await client.request(program(record, kind, breaks), "GET", "/")
    assert type(answer.error) is Broken
    sent = {"at 0": 0, "at 1": 1, "at the end": ITEMS}[breaks]
    assert record.words.count("send more") == sent
    assert record.words[-5:] == [
        "-body",
        "thread sees Broken",
        "-thread",
        "loop sees Broken",
        "-loop",
    ]
    assert "task" not in record.words
    assert len(record.tasks) == 1


@pytest.mark.parametrize("how", ["lines", "events", "chunks", "returned", "wrapped lines"])
async def test_what_cleans_up_after_a_client_has_left_may_await(how):
    record = Record()
    app = program(record, how)
    inside = anyio.Event()

    async def waits():
        record("+body")
        try:
            yield "one"
            inside.set()
            await anyio.sleep_forever()
        finally:
            for _ in range(3):
                await anyio.lowlevel.checkpoint()
            record("-body")

    if how == "returned":

        async def endpoint():
            return StreamingResponse(waits())
    else:
        endpoint = waits  # type: ignore[assignment]
    (route,) = (each for each in app.routes if isinstance(each, APIRoute))
    app.get("/waits", dependencies=route.dependencies, response_class=route.response_class)(
        endpoint
    )
    client = Client(record, leaves_at=inside, spec_version="2.3")
    answer = await client.request(app, "GET", "/waits")
    assert answer.error is None
    assert record.words[-6:] == [
        "-body",
        "task",
        "thread sees ClientDisconnect",
        "-thread",
        "loop sees ClientDisconnect",
        "-loop",
    ]


async def test_cancel_scopes_across_a_yield_nest_with_those_of_dependencies():
    record = Record()
    app = App()

    async def group():
        async with anyio.create_task_group() as tasks:
            record("+group")
            yield tasks
            tasks.cancel_scope.cancel()
        record("-group")

    @app.get("/", response_class=EventSourceResponse)
    async def endpoint(tasks: Any = Depends(group)):
        record("+body")
        with anyio.CancelScope():
            async with anyio.create_task_group() as own:
                own.start_soon(anyio.sleep_forever)
                tasks.start_soon(anyio.sleep_forever)
                try:
                    for number in range(ITEMS):
                        with anyio.move_on_after(60):
                            await anyio.lowlevel.checkpoint()
                            yield number
                finally:
                    record("-body")
                    own.cancel_scope.cancel()

    for spec_version in ("2.3", "2.4"):
        for leaves_after in (2, 3, None):
            record.words.clear()
            client = Client(record, leaves_after=leaves_after, spec_version=spec_version)
            answer = await client.request(app, "GET", "/")
            assert answer.error is None
            words = [word for word in record.words if not word.startswith("send")]
            assert words == ["+group", "+body", "-body", *["-group"] * (leaves_after is None)]


async def test_a_producer_does_not_start_before_function_scopes_are_closed():
    words: list[str] = []
    app = App()

    async def slow():
        yield
        for _ in range(5):
            await anyio.lowlevel.checkpoint()
        words.append("closed")

    @app.get(
        "/", response_class=EventSourceResponse, dependencies=[Depends(slow, scope="function")]
    )
    async def endpoint():
        words.append("begun")
        yield 1

    assert (await get(app, "/")).text == "data: 1\n\n"
    assert words == ["closed", "begun"]


async def test_an_unfit_item_closes_the_endpoint_before_what_it_uses():
    record = Record()
    app = App()

    @app.get("/", dependencies=[Depends(record.resource("r"))])
    async def endpoint() -> AsyncIterable[int]:
        try:
            yield "no number"  # type: ignore[misc]
        finally:
            record("-body")

    answer = await get(app, "/")
    assert isinstance(answer.error, ResponseValidationError)
    assert record.words == ["+r", "-body", "r sees ResponseValidationError", "-r"]


async def test_a_route_handler_that_answers_itself_leaves_nothing_open():
    record = Record()

    class Own(APIRoute):
        def get_route_handler(self):
            inner = super().get_route_handler()

            async def handle(request):
                response: Any = await inner(request)
                async for _ in response.body_iterator:
                    break
                if request.query_params:
                    raise Broken
                return EventSourceResponse(iter(["own"]))

            return handle

    app = App()
    app.router.route_class = Own

    @app.get("/", dependencies=[Depends(record.resource("r"))])
    async def endpoint():
        try:
            yield 1
            yield 2
        finally:
            await anyio.lowlevel.checkpoint()
            record("-body")

    assert (await get(app, "/")).text == "own"
    assert record.words == ["+r", "-body", "-r"]
    record.words.clear()
    assert isinstance((await get(app, "/?raise=1")).error, Broken)
    assert record.words == ["+r", "-body", "r sees Broken", "-r"]


@pytest.mark.asyncio_only("task.cancel() is asyncio's")
@pytest.mark.parametrize("kind", ["lines", "plain lines", "events", "plain returned"])
async def test_a_cancelled_request_closes_its_body_however_often_it_is_cancelled(kind):
    record = Record()
    app = program(record, kind)
    task: Any = None

    def again(word: str) -> None:
        record(word)
        if word in ("send more", "-body"):
            asyncio.get_running_loop().call_soon(task.cancel)

    client = Client(again)
    task = asyncio.ensure_future(client.request(app, "GET", "/"))
    with pytest.raises(asyncio.CancelledError):
        await task
    words = [word for word in record.words if word.startswith(("-", "+"))]
    assert words == ["+loop", "+thread", "+narrow", "-narrow", "+body", "-body", "-thread", "-loop"]


async def test_a_cancel_scope_around_the_request_lets_everything_be_closed():
    for kind in ("lines", "plain lines", "events", "returned", "plain returned"):
        record = Record()
        with anyio.CancelScope() as scope:

            def cancel(word: str, scope: Any = scope, record: Any = record) -> None:
                record(word)
                if word == "send more":
                    scope.cancel()

            await Client(cancel).request(program(record, kind), "GET", "/")
        words = [word for word in record.words if word.startswith(("-", "+"))]
        assert words[-3:] == ["-body", "-thread", "-loop"]


async def test_a_thread_that_makes_an_item_is_waited_for():
    """Closing a generator that runs is an error, and what it uses must not be closed either."""
    record = Record()
    app = App()
    entered, leave = threading.Event(), threading.Event()
    left = anyio.Event()

    @app.get("/", dependencies=[Depends(record.resource("r"))])
    def endpoint():
        try:
            yield 1
            entered.set()
            leave.wait(10)
            yield 2
        finally:
            record.words.append("-body")

    async def depart():
        await anyio.to_thread.run_sync(entered.wait, 10)
        left.set()
        for _ in range(5):
            await anyio.lowlevel.checkpoint()
        assert "-r" not in record.words
        leave.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(depart)
        answer = await Client(leaves_at=left, spec_version="2.3").request(app, "GET", "/")
    assert answer.error is None
    assert record.words == ["+r", "-body", "r sees ClientDisconnect", "-r"]


@pytest.mark.parametrize("spec_version", ["2.3", "2.4"])
@pytest.mark.parametrize("plain", [True, False])
async def test_silence_between_events_is_filled(monkeypatch, spec_version, plain):
    monkeypatch.setattr(outlet, "PING_INTERVAL", 0.001)
    record = Record()
    app = App()
    pings = anyio.Event()
    heard = threading.Event()

    def hear(word: str) -> None:
        record(word)
        if record.words.count("send more") > 3:
            pings.set()
            heard.set()

    dependencies = [Depends(record.resource("r"))]

    @app.get("/plain", response_class=EventSourceResponse, dependencies=dependencies)
    def plain_endpoint():
        yield 1
        heard.wait(10)
        yield 2

    @app.get("/", response_class=EventSourceResponse, dependencies=dependencies)
    async def endpoint():
        yield 1
        await pings.wait()
        yield 2

    client = Client(hear, spec_version=spec_version)
    answer = await client.request(app, "GET", "/plain" if plain else "/")
    assert answer.error is None
    assert answer.text.replace(": ping\n\n", "") == "data: 1\n\ndata: 2\n\n"
    assert answer.text.count(": ping\n\n") >= 3
    assert record.words[-2:] == ["send end", "-r"]


async def test_a_client_that_has_left_is_found_out_by_the_comment_in_silence(monkeypatch):
    monkeypatch.setattr(outlet, "PING_INTERVAL", 0.001)
    record = Record()
    app = App()

    @app.get("/", response_class=EventSourceResponse, dependencies=[Depends(record.resource("r"))])
    async def endpoint():
        try:
            yield 1
            await anyio.sleep_forever()
        finally:
            await anyio.lowlevel.checkpoint()
            record("-body")

    answer = await Client(leaves_after=2, spec_version="2.4").request(app, "GET", "/")
    assert answer.error is None
    assert record.words == ["+r", "-body", "r sees ClientDisconnect", "-r"]


async def test_a_server_that_fails_while_a_comment_is_sent_is_heard(monkeypatch):
    monkeypatch.setattr(outlet, "PING_INTERVAL", 0.001)
    app = App()
    words: list[str] = []

    @app.get("/", response_class=EventSourceResponse)
    async def endpoint():
        try:
            yield 1
            await anyio.sleep_forever()
        finally:
            words.append("-body")

    def fail(word: str) -> None:
        words.append(word)
        if words.count("send more") == 2:
            raise Broken

    answer = await Client(fail).request(app, "GET", "/")
    assert isinstance(answer.error, Broken)
    assert words == ["send 200", "send more", "send more", "-body"]


def test_a_stream_of_a_plain_iterable_is_known_by_what_starlette_makes_of_it():
    """``reply.streaming`` takes the iterable out of it, to close it in the right place."""
    made: Any = StreamingResponse(iter("abc")).body_iterator
    assert made.ag_code is iterate_in_threadpool.__code__
    assert next(made.ag_frame.f_locals["iterator"]) == "a"


async def test_items_of_plain_endpoints_see_the_context_of_the_request():
    variable: ContextVar[str] = ContextVar("variable", default="unset")
    app = App()

    def setter():
        variable.set("by a dependency")

    @app.get("/", dependencies=[Depends(setter)])
    def endpoint():
        yield variable.get()
        token = variable.set("by the endpoint")
        yield variable.get()
        variable.reset(token)
        yield variable.get()

    answer = await get(app, "/")
    assert answer.text == '"by a dependency"\n"by the endpoint"\n"by a dependency"\n'


async def test_a_plain_endpoint_may_be_iterated_without_threads():
    app = App()

    @app.get("/", in_thread=False)
    def endpoint():
        yield threading.current_thread() is threading.main_thread()

    assert (await get(app, "/")).text == "true\n"


@pytest.mark.parametrize("spec_version", ["2.3", "2.4"])
@pytest.mark.parametrize("in_thread", [True, False])
async def test_an_endless_plain_endpoint_ends_when_its_client_leaves(spec_version, in_thread):
    record = Record()
    app = App()

    @app.get("/", dependencies=[Depends(record.resource("r"))], in_thread=in_thread)
    def endpoint():
        try:
            while True:
                yield "item"
        finally:
            record.words.append("-body")

    client = Client(leaves_after=3, spec_version=spec_version)
    answer = await client.request(app, "GET", "/")
    assert answer.error is None
    assert record.words == ["+r", "-body", "r sees ClientDisconnect", "-r"]
