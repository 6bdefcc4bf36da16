"""The spans of single dependencies and exits, on every event loop."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import anyio
import pytest
from opentelemetry import context as contexts
from opentelemetry import trace

from tenure.observe import Event, Recorder
from tenure.web import APIRouter, App, BackgroundTasks, Depends, HTTPException, Request, WebSocket
from tenure.web.routing import APIRoute
from tenure.web.testclient import TestClient
from tests.telling import Listener
from tests.web.apps.client import Client, get, running


@pytest.fixture
def listener() -> Listener:
    return Listener()


def spans_named(listener: Listener, *names: str) -> list[tuple[str, str]]:
    """The span and what it is of, for all of these names, in the order of their ends."""
    return [
        (span.name.removeprefix("tenure."), str((span.attributes or {})["code.function.name"]))
        for span in listener.spans()
        if span.name in (names or ("tenure.dependency", "tenure.exit"))
    ]


def as_events_say(events: list[Event]) -> list[tuple[str, str]]:
    """The spans there should be, by another observer."""
    return [
        ("exit" if event.phase == "closing" else "dependency", event.name)
        for event in events
        if event.kind in ("opened", "closed", "failed") and event.phase != "waiting"
    ]


async def get_base() -> AsyncIterator[str]:
    yield "base"


def get_plain(base: Annotated[str, Depends(get_base)]) -> Iterator[str]:
    yield f"plain on {base}"


async def get_value(plain: Annotated[str, Depends(get_plain)]) -> str:
    return f"value of {plain}"


def get_word(limit: int = 1) -> str:
    return "word" * limit


async def get_narrow(word: Annotated[str, Depends(get_word)]) -> AsyncIterator[str]:
    yield word


class Service:
    def __init__(self, value: Annotated[str, Depends(get_value)]) -> None:
        self.value = value


def get_in_place() -> Iterator[str]:
    yield "here"


async def get_beside() -> AsyncIterator[str]:
    await anyio.lowlevel.checkpoint()
    yield "beside"


def get_beside_too() -> Iterator[str]:
    yield "beside, too"


async def fail() -> str:
    raise ValueError("opening")


async def fail_at_exit() -> AsyncIterator[str]:
    yield "open"
    raise ValueError("closing")


async def swallow() -> AsyncIterator[str]:
    try:
        yield "open"
    except ValueError as error:
        raise KeyError("another") from error


async def refuse() -> str:
    raise HTTPException(403)


def make_app(listener: Listener, **options: Any) -> App:
    app = App(telemetry=listener.config(**options))

    @app.get("/many")
    async def many(
        service: Annotated[Service, Depends()],
        narrow: Annotated[str, Depends(get_narrow, scope="function")],
        here: Annotated[str, Depends(get_in_place, in_thread=False)],
        again: Annotated[str, Depends(get_base)],
        fresh: Annotated[str, Depends(get_base, use_cache=False)],
    ) -> str:
        return service.value

    @app.get("/threads")
    def threads(
        service: Annotated[Service, Depends()],
        narrow: Annotated[str, Depends(get_narrow, scope="function")],
    ) -> str:
        return service.value

    @app.get("/together")
    async def together(
        base: Annotated[str, Depends(get_base)],
        beside: Annotated[str, Depends(get_beside, concurrent=True)],
        too: Annotated[str, Depends(get_beside_too, concurrent=True)],
    ) -> str:
        return beside

    @app.get("/limited")
    async def limited(
        base: Annotated[str, Depends(get_base, max_concurrency=1)],
        word: Annotated[str, Depends(get_word, max_concurrency=1)],
    ) -> str:
        return word

    @app.get("/fails")
    async def fails(
        base: Annotated[str, Depends(get_base)], failing: Annotated[str, Depends(fail)]
    ) -> None: ...

    @app.get("/refuses")
    async def refuses(
        base: Annotated[str, Depends(get_base)], refused: Annotated[str, Depends(refuse)]
    ) -> None: ...

    @app.get("/endpoint-fails")
    def endpoint_fails(
        plain: Annotated[str, Depends(get_plain)], swallowed: Annotated[str, Depends(swallow)]
    ) -> None:
        raise ValueError("endpoint")

    @app.get("/exit-fails")
    async def exit_fails(
        base: Annotated[str, Depends(get_base)],
        failing: Annotated[str, Depends(fail_at_exit)],
        plain: Annotated[str, Depends(get_plain)],
    ) -> str:
        return plain

    @app.get("/stream")
    async def stream(
        plain: Annotated[str, Depends(get_plain)],
        narrow: Annotated[str, Depends(get_narrow, scope="function")],
    ) -> AsyncIterator[str]:
        yield plain
        yield narrow

    class Route(APIRoute):
        def get_route_handler(self) -> Any:
            inner = super().get_route_handler()

            async def handle(request: Request) -> Any:
                return await inner(request)

            return handle

    router = APIRouter(route_class=Route)

    @router.get("/wrapped")
    async def wrapped(plain: Annotated[str, Depends(get_plain)]) -> str:
        return plain

    app.include_router(router, prefix="/included")
    return app


TARGETS = (
    "/many",
    "/many?limit=x",
    "/threads",
    "/threads?limit=x",
    "/limited",
    "/fails",
    "/refuses",
    "/endpoint-fails",
    "/exit-fails",
    "/stream",
    "/included/wrapped",
)


@pytest.mark.parametrize("target", TARGETS)
async def test_each_opening_and_each_exit_has_a_span(listener: Listener, target: str) -> None:
    app = make_app(listener)
    recorder = Recorder()
    app.container.observe(recorder)
    await get(app, target)
    assert spans_named(listener) == as_events_say(recorder.events)
    assert spans_named(listener)
    # Again, when everything is compiled.
    recorder.clear()
    before = len(spans_named(listener))
    await get(app, target)
    assert spans_named(listener)[before:] == as_events_say(recorder.events)


@pytest.mark.parametrize("target", [*TARGETS, "/together"])
async def test_every_span_ends_and_has_its_parent(listener: Listener, target: str) -> None:
    app = make_app(listener)
    await get(app, target)
    for line in listener.tree():
        name, _, parent = line.partition(" < ")
        route = f"GET {target.partition('?')[0]}"
        expected = {"tenure.dependency": "fastapi.dependencies", route: "nothing"}
        assert parent == expected.get(name, route), listener.tree()
    starts = [span.start_time or 0 for span in listener.spans()]
    ends = [span.end_time or 0 for span in listener.spans()]
    assert all(start <= end for start, end in zip(starts, ends, strict=True))


async def test_those_opened_at_the_same_time_have_spans(listener: Listener) -> None:
    app = make_app(listener)
    await get(app, "/together")
    spans = spans_named(listener)
    assert sorted(spans) == sorted(
        (part, name)
        for part in ("dependency", "exit")
        for name in ("get_base", "get_beside", "get_beside_too")
    )
    assert spans[-3:] == [("exit", n) for n in ("get_beside_too", "get_beside", "get_base")]


def errors_of(listener: Listener) -> list[tuple[str, Any, str]]:
    return [
        (
            str((span.attributes or {}).get("code.function.name", span.name)).rpartition(".")[2],
            (span.attributes or {}).get("error.type"),
            span.status.status_code.name,
        )
        for span in listener.spans()
    ]


async def test_a_failure_is_that_of_who_has_raised_it(listener: Listener) -> None:
    app = make_app(listener)
    await get(app, "/fails")
    assert errors_of(listener) == [
        ("get_base", None, "UNSET"),
        ("fail", "ValueError", "ERROR"),
        ("fails", "ValueError", "ERROR"),  # the dependencies as a whole
        ("get_base", None, "UNSET"),
        ("GET /fails", "ValueError", "ERROR"),
    ]


async def test_a_refusal_is_no_failure(listener: Listener) -> None:
    app = make_app(listener)
    await get(app, "/refuses")
    assert {error for _, error, _ in errors_of(listener)} == {None}


async def test_an_exit_that_fails_or_hands_on_what_it_is_given(listener: Listener) -> None:
    app = make_app(listener)
    await get(app, "/endpoint-fails")
    assert errors_of(listener)[-4:] == [
        ("swallow", "KeyError", "ERROR"),
        ("get_plain", None, "UNSET"),
        ("get_base", None, "UNSET"),
        ("GET /endpoint-fails", "KeyError", "ERROR"),
    ]
    again = Listener()
    await get(make_app(again), "/exit-fails")
    assert ("fail_at_exit", "ValueError", "ERROR") in errors_of(again)


async def test_a_span_says_what_it_is_of(listener: Listener) -> None:
    app = make_app(listener)
    await get(app, "/threads")
    first = listener.spans()[0]
    line = get_base.__code__.co_firstlineno
    assert dict(first.attributes or {}) == {
        "code.function.name": "get_base",
        "code.file.path": __file__,
        "code.line.number": line,
        "tenure.scope": "request",
    }


async def test_without_operation_spans_there_are_none(listener: Listener) -> None:
    for option in ("operation_spans", "tracing"):
        app = make_app(listener, **{option: False})
        await get(app, "/many")
        assert spans_named(listener) == []


def name_of_current() -> str:
    return getattr(trace.get_current_span(), "name", "none")


async def test_the_span_is_current_where_the_code_of_the_dependency_runs() -> None:
    listener, seen = Listener(), list[str]()
    app = App(telemetry=listener.config())

    def see(where: str) -> None:
        seen.append(f"{where} in {name_of_current()}")

    async def outer() -> AsyncIterator[None]:
        see("opens")
        yield
        see("closes")

    def inner(outer: Annotated[None, Depends(outer)]) -> Iterator[None]:
        see("opens in a thread")
        yield
        see("closes in a thread")

    async def value(inner: Annotated[None, Depends(inner)]) -> None:
        see("awaits")
        await anyio.lowlevel.checkpoint()
        see("has awaited")

    @app.get("/")
    def endpoint(value: Annotated[None, Depends(value)]) -> None:
        see("endpoint")

    await get(app, "/")
    assert seen == [
        "opens in tenure.dependency",
        "opens in a thread in tenure.dependency",
        "awaits in tenure.dependency",
        "has awaited in tenure.dependency",
        "endpoint in fastapi.endpoint",
        "closes in a thread in tenure.exit",
        "closes in tenure.exit",
    ]
    assert name_of_current() == "none"


@pytest.mark.parametrize("kind", ["async", "plain"])
async def test_a_span_held_open_is_around_what_comes_later(listener: Listener, kind: str) -> None:
    app = App(telemetry=listener.config())
    tracer = trace.get_tracer("mine", tracer_provider=listener.tracers)

    async def hold() -> AsyncIterator[None]:
        with tracer.start_as_current_span("held"):
            yield

    def hold_plainly() -> Iterator[None]:
        with tracer.start_as_current_span("held"):
            yield

    held = hold if kind == "async" else hold_plainly

    async def before() -> AsyncIterator[None]:
        yield

    async def later() -> AsyncIterator[None]:
        yield

    @app.get("/")
    async def endpoint(
        first: Annotated[None, Depends(before)],
        held: Annotated[None, Depends(held)],
        later: Annotated[None, Depends(later)],
    ) -> None: ...

    seen: list[str] = []

    async def around(asgi_scope: Any, receive: Any, send: Any) -> None:
        await app(asgi_scope, receive, send)
        seen.append(name_of_current())

    for _ in range(2):
        await get(around, "/")
    tree = listener.tree()
    assert tree[: len(tree) // 2] == tree[len(tree) // 2 :]
    assert tree[: len(tree) // 2] == [
        "tenure.dependency < fastapi.dependencies",
        "tenure.dependency < fastapi.dependencies",
        "tenure.dependency < held",
        "fastapi.dependencies < GET /",
        "fastapi.endpoint < GET /",
        "fastapi.serialization < GET /",
        "GET / < nothing",
        "tenure.exit < held",
        "held < tenure.dependency",
        "tenure.exit < GET /",
        "tenure.exit < GET /",
    ]
    assert seen == ["none", "none"]


async def test_dependencies_of_a_background_task_belong_to_it(listener: Listener) -> None:
    app = App(telemetry=listener.config())

    async def task(base: Annotated[str, Depends(get_base)]) -> None: ...

    @app.get("/")
    async def endpoint(tasks: BackgroundTasks) -> None:
        tasks.add_task(task)  # type: ignore[call-arg] # which is solved

    await get(app, "/")
    assert listener.tree()[-3:] == [
        "tenure.dependency < fastapi.background_task",
        "tenure.exit < fastapi.background_task",
        "fastapi.background_task < GET /",
    ]


def test_dependencies_of_a_websocket(listener: Listener) -> None:
    app = App(telemetry=listener.config())

    @app.websocket("/")
    async def endpoint(websocket: WebSocket, plain: Annotated[str, Depends(get_plain)]) -> None:
        await websocket.accept()
        await websocket.close()

    with TestClient(app).websocket_connect("/"):
        pass
    assert listener.tree() == [
        "tenure.dependency < fastapi.dependencies",
        "tenure.dependency < fastapi.dependencies",
        "fastapi.dependencies < WS /",
        "fastapi.endpoint < WS /",
        "tenure.exit < WS /",
        "tenure.exit < WS /",
        "WS / < nothing",
    ]


def make_pools(listener: Listener, *, lazy: bool) -> App:
    app = App(telemetry=listener.config())

    async def get_pool() -> AsyncIterator[str]:
        yield "pool"

    @app.get("/")
    async def endpoint(
        pool: Annotated[str, Depends(get_pool, scope="app", lazy=lazy)],
        base: Annotated[str, Depends(get_base)],
    ) -> str:
        return pool

    return app


async def test_what_is_of_scope_app_has_spans_without_a_request(listener: Listener) -> None:
    async with running(make_pools(listener, lazy=False)) as client:
        assert listener.tree() == ["tenure.dependency < nothing"]
        await client.request(make_pools(listener, lazy=False), "GET", "/nowhere")
    assert listener.tree()[-1] == "tenure.exit < nothing"
    assert spans_named(listener) == [
        ("dependency", "get_pool"),
        ("exit", "get_pool"),
    ]


async def test_what_is_of_scope_app_and_lazy_belongs_to_no_request(listener: Listener) -> None:
    app = make_pools(listener, lazy=True)
    async with running(app) as client:
        for _ in range(2):
            await client.request(app, "GET", "/")
    assert [name for name, of in spans_named(listener) if of == "get_pool"] == [
        "dependency",
        "exit",
    ]
    tree = listener.tree()
    assert (tree[0], tree[-1]) == ("tenure.dependency < nothing", "tenure.exit < nothing")


async def test_a_mounted_application_is_told_of_once(listener: Listener) -> None:
    outer, inner = App(telemetry=listener.config()), App()

    @inner.get("/item")
    async def endpoint(base: Annotated[str, Depends(get_base)]) -> str:
        return base

    outer.mount("/inner", inner)
    for _ in range(2):
        await get(outer, "/inner/item")
    expected = [("dependency", "get_base"), ("exit", "get_base")]
    assert spans_named(listener) == expected * 2


async def test_what_is_excluded_has_no_spans(listener: Listener) -> None:
    app = make_app(listener, exclude=lambda scope: scope["path"] == "/many")
    await get(app, "/threads")  # by now everything is compiled to tell
    before = len(listener.spans())
    await get(app, "/many")
    assert len(listener.spans()) == before


async def test_work_outside_of_requests_has_no_spans(listener: Listener) -> None:
    app = make_app(listener)
    await get(app, "/many")
    before = len(listener.spans())

    async def job(base: Annotated[str, Depends(get_base)]) -> str:
        return base

    assert await app.container.call(job) == "base"
    assert len(listener.spans()) == before


async def test_requests_at_the_same_time_are_kept_apart(listener: Listener) -> None:
    app = make_app(listener)
    async with anyio.create_task_group() as group:
        for _ in range(10):
            group.start_soon(get, app, "/threads")
            group.start_soon(get, app, "/together")
    for span in listener.spans():
        assert span.context is not None
        assert span.parent is None or span.parent.trace_id == span.context.trace_id
    traces = {span.context.trace_id for span in listener.spans() if span.context}
    assert len(traces) == 20
    counts = {
        len([span for span in listener.spans() if span.context and span.context.trace_id == each])
        for each in traces
    }
    # Four dependencies with two or three exits, or three with three, and four spans beside them.
    assert counts <= {10, 11, 12, 13, 14}


async def test_a_client_that_leaves(listener: Listener) -> None:
    app = App(telemetry=listener.config())
    reached = anyio.Event()

    @app.get("/", cancel_on_disconnect=True)
    async def endpoint(base: Annotated[str, Depends(get_base)]) -> None:
        reached.set()
        await anyio.sleep_forever()

    left = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(Client(leaves_at=left).request, app, "GET", "/")
        await reached.wait()
        left.set()
    server = listener.spans()[-1]
    assert (server.name, (server.attributes or {})["error.type"]) == (
        "GET /",
        "starlette.requests.ClientDisconnect",
    )
    assert spans_named(listener) == [("dependency", "get_base"), ("exit", "get_base")]


async def test_the_context_is_what_it_was_when_a_request_is_over(listener: Listener) -> None:
    app = make_app(listener)
    before = contexts.get_current()
    for target in TARGETS:
        await get(app, target)
        assert contexts.get_current() == before
