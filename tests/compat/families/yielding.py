"""Endpoints that yield: lines of JSON, chunks, server-sent events."""

import collections.abc
import dataclasses
import datetime as dt
import math
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Generator, Iterable
from collections.abc import Iterator as PlainIterator
from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, StreamingResponse

from ..case import Ask, Family, get, post
from .programs import Custom, watching

YIELDING = Family("yielding")


def each_of(paths: str) -> list[Ask]:
    return [get(f"/{path}", name=path.replace("/", "_")) for path in paths.split()]


class Item(BaseModel):
    name: str
    price: float = 1.0
    note: str | None = Field(default=None, alias="theNote")
    secret: str = Field(default="s", exclude=True)


@dataclasses.dataclass
class Point:
    x: int
    y: float = math.inf


@YIELDING.program(
    get("/async").gives(
        200,
        b'{"n": 1}\n{"n": 2}\n',
        headers={"content-type": "application/jsonl", "content-length": None},
        order="+r +f -f send:start one send:body two send:body over send:end background -r",
    ),
    get("/sync").gives(
        200,
        b'{"n": 1}\n{"n": 2}\n',
        order="+r +f -f send:start one send:body two send:body over send:end background -r",
    ),
    get("/async?fail=1", name="async_fails").gives(
        200,
        b'{"n": 1}\n',
        error="ZeroDivisionError",
        order="+r +f -f send:start one send:body !r:ZeroDivisionError -r raised:ZeroDivisionError",
    ),
    get("/sync?fail=1", name="sync_fails").gives(
        200,
        b'{"n": 1}\n',
        error="ZeroDivisionError",
        order="+r +f -f send:start one send:body !r:ZeroDivisionError -r raised:ZeroDivisionError",
    ),
    get("/sync?fail=2", name="sync_fails_with_a_handled_error").gives(200, error="RuntimeError"),
    get("/async?fail=x", name="rejected").gives(
        422,
        order="+r +f !f:RequestValidationError -f !r:RequestValidationError -r send:start send:end",
    ),
    get("/async?fail=1", name="does_not_listen", spec_version="2.4").gives(
        200, error="ZeroDivisionError"
    ),
)
def lines_of_json(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    watch = watching(record)
    both = [web.Depends(watch("r")), web.Depends(watch("f"), scope="function")]

    def error_of(fail: int) -> Exception:
        return web.HTTPException(400) if fail == 2 else ZeroDivisionError()

    @app.get("/async", dependencies=both)
    async def lines(tasks: web.BackgroundTasks, fail: int = 0) -> Any:
        tasks.add_task(record, "background")
        record("one")
        yield {"n": 1}
        if fail:
            raise error_of(fail)
        record("two")
        yield {"n": 2}
        record("over")

    @app.get("/sync", dependencies=both)
    def plain_lines(tasks: web.BackgroundTasks, fail: int = 0) -> Any:
        tasks.add_task(record, "background")
        record("one")
        yield {"n": 1}
        if fail:
            raise error_of(fail)
        record("two")
        yield {"n": 2}
        record("over")

    return app


@YIELDING.program(
    *each_of(
        "iterable iterator generator plain plain_iterator plain_generator bare typing any unions"
        " dataclass list declared declared_none without"
    ),
    get("/annotated", name="annotated").gives(200, b"1\n", error="ResponseValidationError"),
    get("/unfit", name="unfit").gives(200, error="ResponseValidationError"),
    get("/unfit_plain", name="unfit_plain").gives(200, b"1\n", error="ResponseValidationError"),
)
def types_of_items(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    values = [{"name": "a", "theNote": "n"}, Item(name="b", price=math.nan)]

    @app.get("/iterable")
    async def iterable() -> AsyncIterable[Item]:
        for each in values:
            yield each  # type: ignore[misc]

    @app.get("/iterator")
    async def iterator() -> AsyncIterator[Item]:
        for each in values:
            yield each  # type: ignore[misc]

    @app.get("/generator")
    async def generator() -> AsyncGenerator[Item, None]:
        for each in values:
            yield each  # type: ignore[misc]

    @app.get("/plain")
    def plain() -> Iterable[Item]:
        yield from values  # type: ignore[misc]

    @app.get("/plain_iterator")
    def plain_iterator() -> PlainIterator[Item]:
        yield from values  # type: ignore[misc]

    @app.get("/plain_generator")
    def plain_generator() -> Generator[Item, None, str]:
        yield from values  # type: ignore[misc]
        return "nobody sees this"

    @app.get("/bare")
    def bare() -> collections.abc.Iterable:  # type: ignore[type-arg]
        yield from values

    @app.get("/typing")
    def of_anything() -> Iterable[Any]:
        yield from [*values, 1.5, math.inf, "ä", {"at": dt.date(2020, 1, 2)}, None]

    @app.get("/any")
    async def anything() -> Any:
        for each in [*values, 1.5, math.inf, "ä", {"at": dt.date(2020, 1, 2)}, None, [math.nan]]:
            yield each

    @app.get("/unions")
    def unions() -> Iterable[Item | int | None]:
        yield from [1, None, Item(name="c")]

    @app.get("/dataclass")
    def points() -> Iterable[Point]:
        yield from [Point(1), Point(2, 3)]

    @app.get("/list")
    def of_another_kind() -> list[Item]:  # type: ignore[misc]
        yield {"unchecked": True}

    @app.get("/annotated")
    def constrained() -> Iterable[Annotated[int, Field(ge=1)]]:
        yield 1
        yield 0

    @app.get("/declared", response_model=Item)
    def declared() -> Any:
        yield {"unchecked": True}

    @app.get("/declared_none", response_model=None)
    def declared_none() -> Iterable[Item]:
        yield {"unchecked": True}  # type: ignore[misc]

    @app.get("/without")
    def without():  # type: ignore[no-untyped-def]
        yield Point(1)
        yield values[1]

    @app.get("/unfit")
    async def unfit() -> AsyncIterable[Item]:
        yield Item(name="a")
        yield {"price": "much"}  # type: ignore[misc]

    @app.get("/unfit_plain")
    def unfit_plain() -> Iterable[int]:
        yield 1
        yield "two"  # type: ignore[misc]

    return app


@YIELDING.program(*each_of("include exclude by_alias exclude_unset exclude_defaults exclude_none"))
def options_of_models_hold_for_items(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def items() -> Iterable[Item]:
        yield Item(name="a")
        yield Item(name="b", price=2, theNote="n")

    app.get("/include", response_model_include={"name"})(items)
    app.get("/exclude", response_model_exclude={"name"})(items)
    app.get("/by_alias", response_model_by_alias=False)(items)
    app.get("/exclude_unset", response_model_exclude_unset=True)(items)
    app.get("/exclude_defaults", response_model_exclude_defaults=True)(items)
    app.get("/exclude_none", response_model_exclude_none=True)(items)
    return app


@YIELDING.program(
    get("/status", name="status").gives(201, b"1\n"),
    get("/injected", name="injected").gives(
        202, headers={"x-before": "1", "x-during": None, "set-cookie": "c=1; Path=/; SameSite=lax"}
    ),
    get("/events", name="events").gives(
        202,
        b"data: 1\n\n",
        headers={
            "x-before": "1",
            "cache-control": "no-cache",
            "x-accel-buffering": "no",
            "content-type": "text/event-stream; charset=utf-8",
        },
    ),
    post("/chunks", name="chunks", json=[1, 2]).gives(202, b"12", headers={"x-before": "1"}),
    get("/refused", name="refused").gives(403, {"detail": "no"}),
)
def status_and_headers(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def before(response: web.Response) -> None:
        response.headers["x-before"] = "1"
        response.set_cookie("c", "1")
        response.status_code = 202

    def refuse() -> None:
        raise web.HTTPException(403, "no")

    @app.get("/status", status_code=201)
    async def status() -> Any:
        yield 1

    @app.get("/injected", dependencies=[web.Depends(before)])
    async def injected(response: web.Response) -> Any:
        response.headers["x-during"] = "1"
        yield 1

    @app.get(
        "/events",
        dependencies=[web.Depends(before)],
        response_class=web.responses.EventSourceResponse,
    )
    async def events() -> Any:
        yield 1

    @app.post(
        "/chunks",
        dependencies=[web.Depends(before)],
        response_class=web.responses.StreamingResponse,
    )
    def chunks(numbers: list[int]) -> Any:
        for number in numbers:
            yield str(number)

    @app.get("/refused", dependencies=[web.Depends(refuse)])
    async def refused() -> Any:
        record("never")
        yield 1

    return app


@YIELDING.program(
    *each_of("async sync typed own memory"),
    get("/json", name="json").gives(500, error="TypeError"),
    get("/html", name="html").gives(500, error="AttributeError"),
    get("/number", name="number").gives(200, error="AttributeError"),
)
def chunks(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    class Rows(StreamingResponse):
        media_type = "text/csv"

    @app.get("/async", response_class=StreamingResponse)
    async def asynchronous() -> Any:
        record("a")
        yield b"a"
        record("b")
        yield "bä"
        yield b""

    @app.get("/sync", response_class=StreamingResponse)
    def synchronous() -> Any:
        record("a")
        yield b"a"
        yield "bä"

    @app.get("/typed", response_class=StreamingResponse)
    async def typed() -> AsyncIterable[bytes]:
        yield b"a"

    @app.get("/own", response_class=Rows, status_code=203)
    async def own() -> AsyncIterable[str]:
        yield "a;b\n"

    @app.get("/json", response_class=JSONResponse)
    async def json() -> Any:
        yield 1

    @app.get("/html", response_class=web.responses.HTMLResponse)
    def html() -> Any:
        yield "<p>"

    @app.get("/memory", response_class=StreamingResponse)
    async def memory() -> Any:
        yield memoryview(b"abc")

    @app.get("/number", response_class=StreamingResponse)
    async def number() -> Any:
        yield 1

    return app


@YIELDING.program(
    *each_of("lines/items events/items chunks/items chunks/own over/items deep/lines/items")
)
def routers_with_a_default_class(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def items() -> Iterable[Item]:
        yield {"name": "a"}  # type: ignore[misc]

    def texts() -> Iterable[str]:
        yield "a"

    lines = web.APIRouter()
    lines.get("/items")(items)
    events = web.APIRouter(default_response_class=web.responses.EventSourceResponse)
    events.get("/items")(items)
    chunks = web.APIRouter(default_response_class=StreamingResponse)
    chunks.get("/items")(texts)
    chunks.get("/own", response_class=web.responses.EventSourceResponse)(items)
    deep = web.APIRouter()
    deep.include_router(lines, prefix="/lines")
    app.include_router(lines, prefix="/lines")
    app.include_router(events, prefix="/events")
    app.include_router(chunks, prefix="/chunks")
    app.include_router(deep, prefix="/deep")
    over = web.APIRouter()
    over.get("/items")(texts)
    app.include_router(over, prefix="/over", default_response_class=StreamingResponse)
    return app


@YIELDING.program(
    get("/", name="all").gives(200, b"1\n2\n"),
    get("/?seen=1", name="seen").gives(200, b"[1\n][2\n]"),
    get("/?seen=2", name="replaced").gives(200, b"replaced"),
    get("/events", name="events").gives(200, b"data: 1\n\ndata: 2\n\n"),
)
def a_route_class_sees_the_stream(web: Any, record: Any) -> Any:
    class Route(web.routing.APIRoute):  # type: ignore[misc]
        def get_route_handler(self) -> Any:
            inner = super().get_route_handler()

            async def handle(request: Any) -> Any:
                response = await inner(request)
                record(type(response).__name__)
                seen = request.query_params.get("seen")
                if seen == "2":
                    return web.responses.PlainTextResponse("replaced")
                if seen:
                    body = response.body_iterator

                    async def bracketed() -> Any:
                        async for each in body:
                            yield b"[" + each + b"]"

                    response.body_iterator = bracketed()
                return response

            return handle

    app = web.FastAPI()
    app.router.route_class = Route

    async def numbers(r: Any = web.Depends(watching(record)("r"))) -> Any:
        yield 1
        yield 2

    app.get("/")(numbers)
    app.get("/events", response_class=web.responses.EventSourceResponse)(numbers)
    return app


@YIELDING.program(
    get("/lines", name="lines").gives(200, b"1\n", headers={"x-http": "1"}),
    get("/events", name="events").gives(200, b"data: 1\n\n", headers={"x-http": "1"}),
    get("/chunks", name="chunks").gives(200, b"1", headers={"x-http": "1"}),
)
def behind_middleware(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.middleware("http")
    async def http(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        response.headers["x-http"] = "1"
        return response

    @app.get("/lines")
    def lines() -> Any:
        yield 1

    @app.get("/events", response_class=web.responses.EventSourceResponse)
    def events() -> Any:
        yield 1

    @app.get("/chunks", response_class=StreamingResponse)
    async def chunks() -> Any:
        yield "1"

    return app


@YIELDING.program(
    get("/wrapped", name="wrapped").gives(200, b"1\n"),
    get("/method", name="method").gives(200, b"1\n"),
    get("/instance", name="instance").gives(200, b"1\n"),
    get("/partial", name="partial").gives(200, b"2\n"),
)
def callables_that_yield(web: Any, record: Any) -> Any:
    import functools

    app = web.FastAPI()

    def decorated(function: Any) -> Any:
        @functools.wraps(function)
        def wrapper(*given: Any, **named: Any) -> Any:
            record("wrapper")
            return function(*given, **named)

        return wrapper

    @app.get("/wrapped")
    @decorated
    def wrapped() -> Iterable[int]:
        yield 1

    class Maker:
        def method(self) -> Iterable[int]:
            yield 1

        async def __call__(self) -> AsyncIterable[int]:
            yield 1

    def number(n: int) -> Iterable[int]:
        yield n

    app.get("/method")(Maker().method)
    app.get("/instance")(Maker())
    app.get("/partial")(functools.partial(number, n=2))
    return app


@YIELDING.program(get("/", name="declared").gives(200, {"detail": "handled"}))
def an_error_of_a_dependency_is_an_ordinary_answer(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.exception_handler(Custom)
    async def handle(request: Any, error: Custom) -> Any:
        return web.responses.JSONResponse({"detail": "handled"})

    def fails() -> None:
        raise Custom

    @app.get("/", response_class=web.responses.EventSourceResponse)
    async def events(
        r: Any = web.Depends(watching(record)("r")), f: Any = web.Depends(fails)
    ) -> Any:
        yield 1

    return app
