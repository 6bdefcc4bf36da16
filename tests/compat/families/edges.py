"""Odd requests and odd programs: what rarely happens, and has to happen alike."""

import asyncio
from typing import Annotated, Any

import anyio

from ..case import Family, declared, get, post
from .programs import pair

EDGES = Family("edges")


@EDGES.program(
    get("/?q", name="no_value"),
    get("/?q=&q=1", name="empty_first"),
    get("/?Q=1", name="other_case"),
    get("/?q=a+b%2Bc", name="plus"),
    get("/?q=a;b&c", name="semicolon"),
    get("/?q=%ff", name="no_utf8"),
    get("/?q=%", name="broken_escape"),
    get("/?&&q=1&", name="empty_pairs"),
    get("/?q=1&n=" + "9" * 5000, name="huge_number"),
    get("/?q=1&n=1_000", name="underscore_in_a_number"),
    get("/?q=1&n=%20+7%20", name="blanks_around_a_number"),
    get("/?q=1&n=0x10", name="hexadecimal"),
    get("/?q=1&n=7.0", name="whole_float"),
    get("/?q=1&n=%D9%A3", name="arabic_digit"),
)
def query_strings(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read(q: str, n: int = 0) -> Any:
        return [q, n]

    return app


@EDGES.program(
    get(headers=[("cookie", 'a="quoted; b"')], name="quoted"),
    get(headers=[("cookie", "a=1; a=2")], name="twice"),
    get(headers=[("cookie", "a")], name="no_equals"),
    get(headers=[("cookie", "a=1"), ("cookie", "b=2")], name="two_headers"),
    get(headers=[("cookie", "; ; a=%20 ")], name="blanks"),
    get(headers=[("x-h", ""), ("cookie", "a=")], name="empty"),
    get(headers=[("x-h", "a, b"), ("x-h", "c"), ("cookie", "a=1")], name="lists"),
)
def cookies_and_headers(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read(
        a: Annotated[str, web.Cookie()],
        x_h: Annotated[list[str] | None, web.Header()] = None,
        b: Annotated[str | None, web.Cookie()] = None,
    ) -> Any:
        return [a, x_h, b]

    return app


JSON_TYPE = {"content-type": "application/json"}


@EDGES.program(
    post(body=b"[" * 200_000, headers=JSON_TYPE, name="too_deep").gives(400),
    post(body=b"1" * 5000, headers=JSON_TYPE, name="huge_number"),
    post(body=b'"\\ud800"', headers=JSON_TYPE, name="lone_surrogate"),
    post(body=b'"\\u0000"', headers=JSON_TYPE, name="null_character"),
    post(body=b'{"a": Infinity}', headers=JSON_TYPE, name="infinity"),
    post(body=b"\xef\xbb\xbf1", headers=JSON_TYPE, name="byte_order_mark"),
    post(body=(b"", b"1", b""), headers=JSON_TYPE, name="empty_pieces"),
    post(body=(b"[1,", b""), headers=JSON_TYPE, breaks_off=True, name="broken_off"),
    post(headers=JSON_TYPE, name="nothing"),
    post(headers={**JSON_TYPE, "content-length": "0"}, name="zero_length"),
)
def json_bodies(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.post("/")
    def read(body: Annotated[Any, web.Body()]) -> Any:
        record("endpoint")
        return ascii(body)[:100]

    return app


@EDGES.program(get("/?n=1", name="all_given").gives(200, [True, True, True, 1]))
def special_parameters_with_defaults(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read(
        request: web.Request = None,
        response: web.Response = None,
        tasks: web.BackgroundTasks = None,
        n: int = 0,
    ) -> Any:
        return [request is not None, response is not None, tasks is not None, n]

    return app


@EDGES.program(get("/", name="subclass").gives(200, "Request"))
def a_subclass_of_request(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    class Own(web.Request):  # type: ignore[misc]
        pass

    @app.get("/")
    def read(request: Own) -> Any:
        return type(request).__name__

    return app


@EDGES.program(get("/", name="default_ignored"), declared("declared"))
def annotated_depends_with_a_default(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read(value: Annotated[int, web.Depends(lambda: 3)] = 5) -> Any:
        return value

    return app


@EDGES.program(
    get("/stop", name="stop_iteration").gives(500, error="RuntimeError"),
    get("/sync-stop", name="stop_iteration_in_a_thread").gives(500, error="RuntimeError"),
    get("/async-stop", name="stop_async_iteration").gives(500, error="StopAsyncIteration"),
    get("/cancel", name="cancelled_error").gives(error="CancelledError"),
    get("/group", name="exception_group").gives(500, error="ExceptionGroup"),
)
def odd_exceptions(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    opened = web.Depends(pair(record, "r"))

    @app.get("/stop")
    async def stop(r: Any = opened) -> Any:
        raise StopIteration

    @app.get("/sync-stop")
    def sync_stop(r: Any = opened) -> Any:
        raise StopIteration

    @app.get("/async-stop")
    async def async_stop(r: Any = opened) -> Any:
        raise StopAsyncIteration

    @app.get("/cancel")
    async def cancel(r: Any = opened) -> Any:
        raise asyncio.CancelledError

    @app.get("/group")
    async def group(r: Any = opened) -> Any:
        async with anyio.create_task_group():
            raise KeyError

    return app


@EDGES.program(
    get("/", cancelled_at="endpoint<", name="in_the_endpoint").gives(
        error="CancelledError",
        order="+a +b endpoint< !b:CancelledError -b !a:CancelledError -a raised:CancelledError",
    ),
    get("/", cancelled_at="+b", name="in_an_opening").gives(error="CancelledError"),
    get("/?limited=1", name="by_a_scope_around"),
)
def cancelled_requests(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    class Limit:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            with anyio.CancelScope() as limit:
                scope["limit"] = limit
                await self.app(scope, receive, send)
            record(f"limit:{limit.cancelled_caught}")

    async def slow_exit() -> Any:
        record("+b")
        await anyio.lowlevel.checkpoint()
        try:
            yield
        except BaseException as error:
            record(f"!b:{type(error).__name__}")
            raise
        finally:
            record("-b")

    app.add_middleware(Limit)

    @app.get("/")
    async def read(
        request: web.Request,
        limited: int = 0,
        a: Any = web.Depends(pair(record, "a")),
        b: Any = web.Depends(slow_exit),
    ) -> Any:
        if limited:
            request.scope["limit"].cancel()
        record("endpoint<")
        await anyio.lowlevel.checkpoint()
        record("endpoint>")

    return app


@EDGES.program(
    get("/", name="overlapping").gives(200, order="ask:1 ask:2 +2 -2 +1 -1 send:start send:end")
)
def requests_that_overlap(web: Any, record: Any) -> Any:
    """Two requests to an inner application, of which the second finishes first."""
    app, inner = web.FastAPI(), web.FastAPI()
    release = anyio.Event()

    async def opened(number: int) -> Any:
        if number == 1:
            await release.wait()
        record(f"+{number}")
        yield number
        record(f"-{number}")

    @inner.get("/{number}")
    async def read(value: int = web.Depends(opened)) -> Any:
        return value

    async def ask(number: int) -> None:
        asgi_scope = {
            "type": "http",
            "method": "GET",
            "path": f"/{number}",
            "query_string": b"",
            "headers": [],
        }

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None: ...

        record(f"ask:{number}")
        await inner(asgi_scope, receive, send)
        if number == 2:
            release.set()

    @app.get("/")
    async def both() -> Any:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask, 1)
            tasks.start_soon(ask, 2)

    return app


@EDGES.program(
    get("/coroutine", name="a_coroutine_is_not_awaited").gives(200, "coroutine"),
    get("/response", name="a_dependency_s_response_is_a_value").gives(200, 202),
    get("/none", name="none").gives(200, None),
)
def odd_values_of_dependencies(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    async def inner() -> int:
        return 1

    def coroutine() -> Any:
        return inner()

    def response() -> Any:
        return web.responses.Response(status_code=202)

    def none() -> Any:
        return None

    @app.get("/coroutine")
    async def read(value: Any = web.Depends(coroutine)) -> Any:
        name = type(value).__name__
        value.close()
        return name

    @app.get("/response")
    async def read_response(value: Any = web.Depends(response)) -> Any:
        return value.status_code

    @app.get("/none")
    async def read_none(value: Any = web.Depends(none)) -> Any:
        return value

    return app


@EDGES.program(
    get("/a%20b/c", name="escaped"),
    get("/%ff/c", name="no_utf8"),
    get("/a/" + "9" * 5000, name="huge_number"),
    get("//c", name="empty_segment"),
    get("/a/-0", name="minus_zero"),
    get("/a/%2B7", name="plus"),
)
def path_values(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/{word}/{number}")
    def read(word: str, number: int | str) -> Any:
        return [word, number if isinstance(number, int) else number[:50]]

    return app
