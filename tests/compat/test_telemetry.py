"""Applications on FastAPI and on Tenure tell OpenTelemetry the same, but for spans of Tenure's own.

The same program is built twice and driven alike; what it has told is compared as a whole.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry import trace
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from tests.telling import Listener

from .framework import FASTAPI, TENURE

Build = Callable[[Any, Listener], Any]
Drive = Callable[[Any], object]


def told(web: Any, build: Build, drive: Drive) -> list[str]:
    listener = Listener()
    drive(build(web, listener))
    return listener.told()


def compare(build: Build, drive: Drive) -> list[str]:
    """Both tell the same; what that is."""
    by_fastapi = told(FASTAPI, build, drive)
    by_tenure = told(TENURE, build, drive)
    assert by_tenure == by_fastapi
    return by_tenure


def asking(*targets: str, method: str = "GET", **more: Any) -> Drive:
    def drive(app: Any) -> None:
        client = TestClient(app, raise_server_exceptions=False)
        for target in targets:
            client.request(method, target, follow_redirects=False, **more)

    return drive


class Item(BaseModel):
    number: int


class TeapotError(Exception):
    pass


def build_items(web: Any, listener: Listener, **options: Any) -> Any:
    app = web.FastAPI(telemetry=listener.config(**options))

    async def get_base():
        yield 1

    def get_limit(limit: int = 1, base: int = web.Depends(get_base)):
        return limit

    def get_nothing():
        raise ValueError("nothing")

    def get_refused():
        raise web.HTTPException(503)

    def get_teapot():
        raise TeapotError

    async def get_bad_exit():
        yield 1
        raise ValueError("exit")

    @app.get("/items/{number}")
    async def read_item(number: int, limit: int = web.Depends(get_limit)):
        return {"number": number}

    @app.post("/items", status_code=201)
    def make_item(item: Item, tasks: web.BackgroundTasks):
        tasks.add_task(note, 1)
        return item

    def note(number: int) -> None:
        pass

    async def fail_to_note() -> None:
        raise ValueError("note")

    @app.get("/refused")
    def refuse():
        raise web.HTTPException(404, "no")

    @app.get("/unavailable")
    def be_unavailable():
        raise web.HTTPException(503, "later")

    @app.get("/fails")
    def fail():
        raise KeyError("x")

    @app.get("/dependency-fails")
    def fail_before(nothing: None = web.Depends(get_nothing)):
        pass

    @app.get("/dependency-refuses")
    def refuse_before(refused: None = web.Depends(get_refused)):
        pass

    @app.get("/dependency-teapot")
    def teapot_before(teapot: None = web.Depends(get_teapot)):
        pass

    @app.get("/exit-fails")
    def exit_fails(bad: int = web.Depends(get_bad_exit)):
        return 1

    @app.get("/exit-fails-before-sending")
    def exit_fails_early(bad: int = web.Depends(get_bad_exit, scope="function")):
        return 1

    @app.get("/teapot")
    async def teapot():
        raise TeapotError

    @app.exception_handler(TeapotError)
    async def answer_teapot(request: Any, error: Exception) -> Response:
        return PlainTextResponse("teapot", status_code=418)

    @app.get("/response")
    def give_response():
        return PlainTextResponse("text", background=BackgroundTask(note, 1))

    @app.get("/empty", status_code=204)
    async def give_nothing():
        return None

    @app.get("/sets-503")
    async def set_status(response: web.Response):
        response.status_code = 503

    @app.get("/stream")
    async def give_stream():
        async def body():
            yield b"1"
            yield b"2"

        return StreamingResponse(body())

    @app.get("/yields")
    async def produce():
        yield {"a": 1}
        yield {"a": 2}

    @app.get("/yields-plainly")
    def produce_plainly():
        yield {"a": 1}

    @app.get("/yields-and-fails")
    async def produce_and_fail(base: int = web.Depends(get_base)):
        yield {"a": 1}
        raise ValueError("mid")

    @app.get("/model", response_model=Item)
    def give_bad_model():
        return {"number": "no"}

    @app.get("/task-fails")
    async def task_fails(tasks: web.BackgroundTasks):
        tasks.add_task(fail_to_note)

    class Endpoint:
        async def __call__(self) -> int:
            return 1

    app.get("/object")(Endpoint())
    app.get("/lambda")(lambda: 1)

    @app.get("/raises-validation-error")
    def raise_validation_error():
        raise web.exceptions.RequestValidationError([{"loc": ("a",), "msg": "m", "type": "t"}])

    return app


TARGETS = (
    "/items/3?limit=2",
    "/items/x?limit=y",
    "/items/3/",
    "/refused",
    "/unavailable",
    "/fails",
    "/dependency-fails",
    "/dependency-refuses",
    "/dependency-teapot",
    "/exit-fails",
    "/exit-fails-before-sending",
    "/teapot",
    "/response",
    "/empty",
    "/sets-503",
    "/stream",
    "/yields",
    "/yields-plainly",
    "/yields-and-fails",
    "/model",
    "/task-fails",
    "/object",
    "/lambda",
    "/raises-validation-error",
    "/nowhere",
    "/docs",
    "/openapi.json",
)


@pytest.mark.parametrize("target", TARGETS)
def test_a_request_is_told_of(target: str) -> None:
    assert compare(build_items, asking(target))


@pytest.mark.parametrize("method", ["HEAD", "DELETE", "FOO", "QUERY"])
def test_a_method_is_told_of(method: str) -> None:
    assert compare(build_items, asking("/refused", method=method))


@pytest.mark.parametrize(
    "body", [{"json": {"number": 1}}, {"json": {"number": "x"}}, {"content": b"{"}, {}]
)
def test_a_body_is_told_of(body: dict[str, Any]) -> None:
    headers = {"content-type": "application/json"}
    assert compare(build_items, asking("/items", method="POST", headers=headers, **body))


def test_all_at_once() -> None:
    assert compare(build_items, asking(*TARGETS))


@pytest.mark.parametrize("option", ["tracing", "metrics", "logs", "operation_spans"])
def test_an_option_turns_off_its_part(option: str) -> None:
    def build(web: Any, listener: Listener) -> Any:
        return build_items(web, listener, **{option: False})

    assert compare(build, asking("/items/1", "/items/x", "/fails", "/task-fails"))


def test_what_is_excluded_is_not_told_of() -> None:
    def build(web: Any, listener: Listener) -> Any:
        def exclude(asgi_scope: Any) -> bool:
            return bool(asgi_scope["path"] == "/lambda")

        return build_items(web, listener, exclude=exclude)

    assert not compare(build, asking("/lambda"))
    assert compare(build, asking("/lambda", "/object"))


@pytest.mark.parametrize(
    "headers",
    [
        {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
        {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"},
        {"host": "example.com:8080", "user-agent": "someone"},
        {"host": "[::1]:8080"},
        {"host": "a:b:c"},
        {"host": ""},
    ],
)
def test_headers_are_told_of(headers: dict[str, str]) -> None:
    told = compare(build_items, asking("/lambda", headers=headers))
    assert told


@pytest.mark.parametrize(
    "query",
    [
        "sig=a&X-Goog-Signature=b&X-Amz-Signature=c&X-Amz-Credential=d&X-Amz-Security-Token=e",
        "AWSAccessKeyId=1&Signature=2&SIG=3&token=4",
        "a=%20b&c&d=&%C3%A4=%ff",
    ],
)
def test_a_query_is_told_of_without_its_secrets(query: str) -> None:
    assert compare(build_items, asking(f"/lambda?{query}"))


def test_mounted_applications_are_looked_into(tmp_path: Any) -> None:
    (tmp_path / "file.txt").write_text("text")

    async def answer(request: Any) -> Response:
        return PlainTextResponse("text")

    def build(web: Any, listener: Listener) -> Any:
        def read(number: int) -> int:
            return number

        app = web.FastAPI(telemetry=listener.config())
        inner, router, innermost = web.FastAPI(), web.APIRouter(), web.FastAPI()
        of_its_own = web.FastAPI(telemetry=Listener().config())
        for each in (inner, router, innermost, of_its_own):
            each.get("/read/{number}")(read)
        inner.mount("/deep", innermost)
        app.mount("/inner/{name}", inner)
        app.mount("/own", of_its_own)
        app.mount("/files", StaticFiles(directory=tmp_path))
        app.mount("/plain", Starlette(routes=[Route("/read/{number}", answer)]))
        app.router.routes.append(Mount("/routes", routes=[Route("/read/{number}", answer)]))
        app.router.routes.append(Route("/read/{number}", answer))
        app.include_router(router, prefix="/included")
        app.frontend("/pages", directory=tmp_path)
        return app

    targets = [
        "/inner/a/read/1",
        "/inner/a/read/x",
        "/inner/a/deep/read/1",
        "/inner/a/nowhere",
        "/own/read/1",
        "/files/file.txt",
        "/files/nowhere",
        "/plain/read/1",
        "/routes/read/1",
        "/read/1",
        "/included/read/1",
        "/pages/file.txt",
        "/pages/nowhere",
    ]
    for target in targets:
        assert compare(build, asking(target)), target


def test_a_root_path_is_part_of_the_route() -> None:
    def drive(app: Any) -> None:
        client = TestClient(app, root_path="/api", base_url="https://example.com")
        client.get("/api/lambda")
        client.get("/lambda")

    assert compare(build_items, drive)


def test_the_context_is_that_of_what_runs() -> None:
    seen: list[str] = []

    def see(where: str) -> None:
        seen.append(f"{where}: {getattr(trace.get_current_span(), 'name', None)}")

    def build(web: Any, listener: Listener) -> Any:
        app = web.FastAPI(telemetry=listener.config())

        @app.get("/")
        def endpoint(tasks: web.BackgroundTasks) -> int:
            see("endpoint")
            tasks.add_task(see, "task")
            return 1

        @app.get("/stream")
        async def stream():
            see("first")
            yield 1
            see("second")
            yield 2

        @app.middleware("http")
        async def middleware(request: Any, call_next: Any) -> Any:
            see("before")
            response = await call_next(request)
            see("after")
            return response

        return app

    compare(build, asking("/", "/stream"))
    half = len(seen) // 2
    assert seen[:half] == seen[half:]


def test_middleware_may_answer_or_change_the_scope() -> None:
    class Answers:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            if scope["path"] == "/items/short":
                await PlainTextResponse("short")(scope, receive, send)
            elif scope["path"] == "/items/copied":
                await self.app({**scope, "path": "/items/7"}, receive, send)
            elif scope["path"] == "/items/changed":
                scope["path"] = "/items/8"
                await self.app(scope, receive, send)
            else:
                await self.app(scope, receive, send)

    def build(web: Any, listener: Listener) -> Any:
        app = build_items(web, listener)
        app.add_middleware(Answers)
        app.add_middleware(GZipMiddleware, minimum_size=1)
        return app

    for name in ("short", "copied", "changed", "9"):
        assert compare(build, asking(f"/items/{name}")), name


@pytest.mark.parametrize("debug", [False, True])
def test_answers_of_500_are_told_of(debug: bool) -> None:
    class OwnError(Exception):
        pass

    def build(web: Any, listener: Listener) -> Any:
        app = web.FastAPI(telemetry=listener.config(), debug=debug)

        @app.get("/fails")
        def fail() -> None:
            raise KeyError

        @app.get("/http")
        def refuse() -> None:
            raise web.HTTPException(500)

        @app.get("/own")
        def fail_in_our_way() -> None:
            raise OwnError

        @app.get("/sets")
        def set_status(response: web.Response, tasks: web.BackgroundTasks) -> None:
            response.status_code = 500
            tasks.add_task(print, end="")

        @app.exception_handler(500)
        async def answer(request: Any, error: Exception) -> Response:
            return PlainTextResponse("sorry", status_code=500)

        @app.exception_handler(OwnError)
        def answer_own(request: Any, error: Exception) -> Response:
            return PlainTextResponse("own", status_code=500)

        return app

    for target in ("/fails", "/http", "/own", "/sets"):
        assert compare(build, asking(target)), target


def build_sockets(web: Any, listener: Listener) -> Any:
    app = web.FastAPI(telemetry=listener.config())

    def get_limit(limit: int = 1):
        return limit

    async def get_refused():
        raise web.WebSocketException(1008)

    @app.websocket("/echo/{number}")
    async def echo(
        websocket: web.WebSocket, number: int, limit: int = web.Depends(get_limit)
    ) -> None:
        await websocket.accept()
        await websocket.send_text(await websocket.receive_text())
        await websocket.close()

    @app.websocket("/listens")
    async def listen(websocket: web.WebSocket) -> None:
        await websocket.accept()
        await websocket.receive_text()

    @app.websocket("/fails")
    async def fail(websocket: web.WebSocket) -> None:
        await websocket.accept()
        raise ValueError("socket")

    @app.websocket("/refused")
    async def refuse(websocket: web.WebSocket, refused: None = web.Depends(get_refused)) -> None:
        pass

    @app.websocket("/refuses")
    async def refuse_later(websocket: web.WebSocket) -> None:
        await websocket.accept()
        raise web.WebSocketException(1011)

    return app


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("/echo/1?limit=2", None),
        ("/echo/x", None),
        ("/listens", 1000),
        ("/listens", 1001),
        ("/listens", 1006),
        ("/fails", None),
        ("/refused", None),
        ("/refuses", None),
        ("/nowhere", None),
    ],
)
def test_a_websocket_is_told_of(target: str, code: int | None) -> None:
    def drive(app: Any) -> None:
        asyncio.run(converse(app, target, code))

    assert compare(build_sockets, drive)


async def converse(app: Any, target: str, code: int | None) -> None:
    path, _, query = target.partition("?")
    messages: list[dict[str, Any]] = [{"type": "websocket.connect"}]
    if code is None:
        messages.append({"type": "websocket.receive", "text": "hello"})
    messages.append({"type": "websocket.disconnect", "code": code or 1000})
    scope: dict[str, Any] = {
        "type": "websocket",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [],
        "server": ("127.0.0.1", 80),
        "client": None,
        "subprotocols": [],
        "asgi": {"version": "3.0"},
    }

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: Any) -> None:
        pass

    with contextlib.suppress(ValueError, WebSocketDisconnect):
        await app(scope, receive, send)


async def ask(app: Any, path: str, **more: Any) -> asyncio.Task[None]:
    """Start a request by hand, whose client never leaves."""
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
        "scheme": "http",
        "server": ("127.0.0.1", 8000),
        "client": None,
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        **more,
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        pass

    return asyncio.create_task(app(scope, receive, send))


@pytest.mark.parametrize(
    "more",
    [
        {"server": None},
        {"server": ("/run/app.sock", None)},
        {"scheme": "https", "http_version": "2", "headers": [(b"host", b"example.com")]},
        {"http_version": "1.0", "query_string": b"a=\xff%zz"},
        {"method": "get"},
    ],
)
def test_odd_scopes_are_told_of(more: dict[str, Any]) -> None:
    def drive(app: Any) -> None:
        async def run() -> None:
            await (await ask(app, "/lambda", **more))

        asyncio.run(run())

    assert compare(build_items, drive)


@pytest.mark.parametrize("target", ["/endpoint", "/dependency", "/base", "/nothing", "/half"])
def test_what_ends_otherwise_is_told_of(target: str) -> None:
    class Silent(Response):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            pass

    class Half(Response):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"1", "more_body": True})

    class Base(BaseException):
        pass

    reached: list[asyncio.Event] = []

    def build(web: Any, listener: Listener) -> Any:
        app = web.FastAPI(telemetry=listener.config())
        reached.append(asyncio.Event())

        async def wait() -> None:
            reached[-1].set()
            await asyncio.Event().wait()

        app.get("/endpoint")(wait)
        app.get("/nothing")(lambda: Silent(None))
        app.get("/half")(lambda: Half(None))

        @app.get("/dependency")
        async def endpoint(waited: None = web.Depends(wait)) -> None:
            pass

        @app.get("/base")
        async def fail() -> None:
            raise Base

        return app

    def drive(app: Any) -> None:
        async def run() -> None:
            task = await ask(app, target)
            if target in ("/endpoint", "/dependency"):
                await reached[-1].wait()
                task.cancel()
            await asyncio.wait([task])
            task.cancelled() or task.exception()

        asyncio.run(run())

    assert compare(build, drive)


def test_processors_may_look_at_the_request() -> None:
    seen: list[str] = []

    def build(web: Any, listener: Listener) -> Any:
        app = web.FastAPI(telemetry=listener.config())

        def see(where: str) -> None:
            data = web.telemetry.get_telemetry_data()
            assert data is None or isinstance(data, web.telemetry.TelemetryData)
            values = data and data.values and {k: v for k, v in data.values.items() if k != "it"}
            seen.append(
                f"{where}: {data and (data.request is not None, data.websocket is not None)}"
                f" {data and data.body} {values and sorted(values.items())} {data and data.errors}"
            )

        def get_limit(limit: int = 1) -> int:
            see("dependency")
            return limit

        @app.post("/items/{number}")
        async def make(number: int, item: Item, limit: int = web.Depends(get_limit)) -> int:
            see("endpoint")
            return number

        @app.websocket("/socket")
        async def socket(it: web.WebSocket, limit: int = web.Depends(get_limit)) -> None:
            see("socket")
            await it.accept()
            await it.close()

        @app.middleware("http")
        async def middleware(request: Any, call_next: Any) -> Any:
            see("before")
            response = await call_next(request)
            see("after" if response.status_code == 200 else "refused")
            return response

        return app

    def drive(app: Any) -> None:
        client = TestClient(app)
        client.post("/items/1?limit=2", json={"number": 3})
        client.post("/items/1", content=b"{", headers={"content-type": "application/json"})
        client.get("/nowhere")
        with client.websocket_connect("/socket?limit=3"):
            pass

    compare(build, drive)
    half = len(seen) // 2
    assert half == 10
    assert seen[half:] == seen[:half]


def test_outside_of_requests_there_is_no_data() -> None:
    for web in (FASTAPI, TENURE):
        assert web.telemetry.get_telemetry_data() is None
        data = web.telemetry.TelemetryData(body=b"1")
        assert (data.body, data.request, data.values) == (b"1", None, None)
        config: Any = {"tracing": False, "exclude": None}
        assert web.telemetry.TelemetryConfig(**config) == config


def test_what_is_no_config_is_refused() -> None:
    for web in (FASTAPI, TENURE):
        with pytest.raises(TypeError):
            web.FastAPI(telemetry=["tracing"])
