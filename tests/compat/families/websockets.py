"""WebSockets: values, order of exits, refusals, disconnects."""

from typing import Annotated, Any

from ..case import Family, socket
from .programs import Custom, watching

WEBSOCKETS = Family("websockets")


@WEBSOCKETS.program(
    socket("/7?q=1&q=2", headers={"x-word": "w", "cookie": "crumb=c"}, name="values").gives(
        content=[("accept",), ("text", "[7, [1, 2], 'w', 'c']"), ("close", 1000, "")]
    ),
    socket("/x?q=y", name="wrong").gives(),
    socket("/7", name="missing").gives(),
)
def values_of_every_location(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.websocket("/{number}")
    async def talk(
        websocket: web.WebSocket,
        number: int,
        q: Annotated[list[int], web.Query()],
        x_word: Annotated[str, web.Header()],
        crumb: Annotated[str, web.Cookie()],
    ) -> None:
        await websocket.accept()
        await websocket.send_text(repr([number, q, x_word, crumb]))
        await websocket.close()

    return app


@WEBSOCKETS.program(
    socket("/", "one", 1000, name="talks").gives(
        content=[("accept",), ("text", "one"), ("close", 1000, "")],
        order="+r +f ws:accept ws:send ws:close endpoint> -f -r",
    ),
    socket("/?end=http", name="http_error_before_accept").gives(
        status=418,
        content={"detail": "tea"},
        order="+r +f !f:HTTPException -f !r:HTTPException -r ws:http.response.start"
        " ws:http.response.body",
    ),
    socket("/?end=ws", name="websocket_error_before_accept").gives(
        content=[("close", 1008, "go")],
        order="+r +f !f:WebSocketException -f !r:WebSocketException -r ws:close",
    ),
    socket("/?end=late-ws", name="websocket_error_after_accept").gives(
        content=[("accept",), ("close", 4000, "gone")],
        order="+r +f ws:accept !f:WebSocketException -f !r:WebSocketException -r ws:close",
    ),
    socket("/?end=late-http", name="http_error_after_accept"),
    socket("/?end=plain", name="plain_error").gives(
        content=[("accept",)],
        error="ZeroDivisionError",
        order="+r +f ws:accept !f:ZeroDivisionError -f !r:ZeroDivisionError -r"
        " raised:ZeroDivisionError",
    ),
    socket("/?end=disconnect", 1001, name="disconnect").gives(
        content=[("accept",)],
        error="WebSocketDisconnect",
        order="+r +f ws:accept !f:WebSocketDisconnect -f !r:WebSocketDisconnect -r"
        " raised:WebSocketDisconnect",
    ),
    socket("/?end=custom", name="handled_error").gives(
        content=[("accept",), ("text", "custom"), ("close", 1000, "")],
        order="+r +f ws:accept !f:Custom -f !r:Custom -r ws:send ws:close",
    ),
)
def ends_of_a_connection(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    watch = watching(record)

    @app.exception_handler(Custom)
    async def handle(websocket: Any, error: Custom) -> None:
        await websocket.send_text("custom")
        await websocket.close()

    @app.websocket("/")
    async def talk(
        websocket: web.WebSocket,
        end: str = "",
        r: Any = web.Depends(watch("r")),
        f: Any = web.Depends(watch("f"), scope="function"),
    ) -> None:
        if end == "http":
            raise web.HTTPException(418, "tea", headers={"x-a": "1"})
        if end == "ws":
            raise web.WebSocketException(1008, "go")
        await websocket.accept()
        if end == "late-ws":
            raise web.WebSocketException(code=4000, reason="gone")
        if end == "late-http":
            raise web.HTTPException(418, "tea")
        if end == "plain":
            raise ZeroDivisionError
        if end == "custom":
            raise Custom
        text = await websocket.receive_text()
        await websocket.send_text(text)
        await websocket.close()
        record("endpoint>")

    return app


@WEBSOCKETS.program(
    socket("/ok", "a", name="accepted_after_dependencies").gives(order="+r ws:accept ws:send -r"),
    socket("/refused", name="http_error").gives(401, {"detail": "Unauthorized"}),
    socket("/refused-ws", name="websocket_error").gives(content=[("close", 1008, "")]),
    socket("/rejected?n=x", name="validation_sees_generators").gives(
        order="+r !r:WebSocketRequestValidationError -r ws:close"
    ),
    socket("/absent", name="absent").gives(content=[("close", 1000, "")]),
    socket("/exit", name="exit_raises").gives(error="ZeroDivisionError"),
)
def dependencies_of_websockets(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    watch = watching(record)
    opened = web.Depends(watch("r"))

    def refuse() -> None:
        raise web.HTTPException(401)

    async def refuse_ws() -> None:
        raise web.WebSocketException(1008)

    def fail() -> None:
        raise ZeroDivisionError

    async def accept_and_echo(websocket: Any) -> None:
        await websocket.accept()
        await websocket.send_text("a")

    @app.websocket("/ok")
    async def ok(websocket: web.WebSocket, r: Any = opened) -> None:
        await accept_and_echo(websocket)

    @app.websocket("/refused", dependencies=[web.Depends(refuse)])
    async def refused(websocket: web.WebSocket) -> None: ...

    @app.websocket("/refused-ws", dependencies=[web.Depends(refuse_ws)])
    async def refused_ws(websocket: web.WebSocket) -> None: ...

    @app.websocket("/rejected")
    async def rejected(websocket: web.WebSocket, n: int, r: Any = opened) -> None: ...

    @app.websocket("/exit")
    async def failing_exit(
        websocket: web.WebSocket, r: Any = web.Depends(watch("r", exit=fail))
    ) -> None:
        await accept_and_echo(websocket)

    return app


@WEBSOCKETS.program(
    socket("/api/deep", name="levels").gives(
        order="app outer_include outer decorator parameter ws:accept ws:close"
    ),
)
def parameterless_dependencies(web: Any, record: Any) -> Any:
    def mark(word: str) -> Any:
        return web.Depends(lambda: record(word))

    app = web.FastAPI(dependencies=[mark("app")])
    router = web.APIRouter(prefix="/api", dependencies=[mark("outer")])

    @router.websocket("/deep", dependencies=[mark("decorator")])
    async def talk(websocket: web.WebSocket, _: None = mark("parameter")) -> None:
        await websocket.accept()
        await websocket.close()

    app.include_router(router, dependencies=[mark("outer_include")])
    return app


@WEBSOCKETS.program(
    socket("/", "a", b"b", '{"c": 1}', 1001, name="frames").gives(
        content=[
            ("accept",),
            ("text", "a"),
            ("bytes", b"b"),
            ("text", '{"c":1}'),
        ],
        order="ws:accept ws:send ws:send ws:send left:1001",
    ),
)
def frames_and_a_caught_disconnect(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.websocket("/")
    async def talk(websocket: web.WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(await websocket.receive_text())
        await websocket.send_bytes(await websocket.receive_bytes())
        await websocket.send_json(await websocket.receive_json())
        try:
            await websocket.receive_text()
        except web.WebSocketDisconnect as error:
            record(f"left:{error.code}")

    return app


@WEBSOCKETS.program(
    socket("/", name="injected").gives(
        content=[("accept",), ("text", "True True"), ("close", 1000, "")]
    ),
)
def injected_objects(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def of_connection(connection: web.requests.HTTPConnection) -> Any:
        return connection

    def of_websocket(websocket: web.WebSocket) -> Any:
        return websocket

    def inert(response: web.Response, tasks: web.BackgroundTasks) -> None:
        response.headers["x-a"] = "1"

    @app.websocket("/")
    async def talk(
        websocket: web.WebSocket,
        connection: Any = web.Depends(of_connection),
        other: Any = web.Depends(of_websocket),
        _: None = web.Depends(inert),
    ) -> None:
        await websocket.accept()
        await websocket.send_text(f"{connection is websocket} {other is websocket}")
        await websocket.close()

    return app


@WEBSOCKETS.program(
    socket("/", name="override").gives(content=[("close", 1008, "override")]),
)
def overrides_reach_websockets(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def original() -> None: ...

    def override() -> None:
        raise web.WebSocketException(1008, "override")

    @app.websocket("/")
    async def talk(websocket: web.WebSocket, _: None = web.Depends(original)) -> None: ...

    app.dependency_overrides[original] = override
    return app


@WEBSOCKETS.program(
    socket("/", name="handled").gives(content=[("close", 4001, "['query', 'n']")]),
)
def a_handler_for_rejected_values(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.exception_handler(web.exceptions.WebSocketRequestValidationError)
    async def handle(websocket: Any, error: Any) -> None:
        await websocket.close(4001, str(list(error.errors()[0]["loc"])))

    @app.websocket("/")
    async def talk(websocket: web.WebSocket, n: int) -> None: ...

    return app


@WEBSOCKETS.program(
    socket("/room/7/talk?user=ada", name="prefix").gives(
        content=[("accept",), ("text", "7 ada"), ("close", 1000, "")]
    ),
    socket("/room/x/talk", name="all_errors_in_the_reason").gives(order="ws:close"),
    socket("/late", name="added_by_hand").gives(content=[("accept",), ("close", 3000, "by hand")]),
    socket("/plain", name="starlette_s").gives(content=[("accept",), ("close", 1000, "")]),
    socket("/sub/inner", name="mounted").gives(content=[("close", 1008, "/sub")]),
)
def where_websockets_are_declared(web: Any, record: Any) -> Any:
    app, sub = web.FastAPI(), web.FastAPI()
    router = web.APIRouter(prefix="/talk")

    @router.websocket("")
    async def talk(websocket: web.WebSocket, number: int, user: str) -> None:
        await websocket.accept()
        await websocket.send_text(f"{number} {user}")
        await websocket.close()

    async def late(websocket: web.WebSocket) -> None:
        await websocket.accept()
        await websocket.close(3000, "by hand")

    async def plain(websocket: Any) -> None:
        await websocket.accept()
        await websocket.close()

    @sub.websocket("/inner")
    async def inner(websocket: web.WebSocket) -> None:
        raise web.WebSocketException(1008, websocket.scope["root_path"])

    app.include_router(router, prefix="/room/{number}")
    app.add_api_websocket_route("/late", late)
    app.router.add_websocket_route("/plain", plain)
    app.mount("/sub", sub)
    return app


@WEBSOCKETS.program(
    socket("/", headers={"sec-websocket-protocol": "a, b"}, name="subprotocol").gives(
        order="accepting ws:accept ws:close"
    ),
    socket("/denied", name="denial_response").gives(status=403, content={"no": 1}),
    socket("/handled", name="websocket_exception_handler").gives(
        content=[("accept",), ("text", "1008"), ("close", 1001, "")]
    ),
)
def handshakes(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.exception_handler(web.WebSocketException)
    async def handle(websocket: Any, error: Any) -> None:
        await websocket.accept()
        await websocket.send_text(str(error.code))
        await websocket.close(1001)

    @app.websocket("/")
    async def choose(websocket: web.WebSocket) -> None:
        record("accepting")
        await websocket.accept(subprotocol="b", headers=[(b"x-a", b"1")])
        await websocket.close()

    @app.websocket("/denied")
    async def deny(websocket: web.WebSocket) -> None:
        await websocket.send_denial_response(web.responses.JSONResponse({"no": 1}, 403))

    @app.websocket("/handled")
    async def handled(websocket: web.WebSocket) -> None:
        raise web.WebSocketException(1008)

    return app
