"""WebSockets: dependencies around them, what closes them, and with which code."""

from typing import Annotated, Any

import pytest

from tenure.web import (
    APIRouter,
    App,
    Cookie,
    Depends,
    Header,
    HTTPException,
    Query,
    WebSocket,
    WebSocketDisconnect,
    WebSocketException,
)
from tests.web.apps.client import Socket


@pytest.fixture
def words():
    return []


@pytest.fixture
def app(words):
    app = App()

    class ClosedForTodayError(Exception):
        pass

    async def resource(socket: WebSocket):
        words.append(f"+resource of {socket.url.path}")
        try:
            yield
        except BaseException as error:
            words.append(f"resource sees {type(error).__name__}")
            raise
        finally:
            words.append("-resource")

    async def key(key: Annotated[str, Query()], session: Annotated[str, Cookie()] = "no"):
        if key == "bad":
            raise WebSocketException(1008, "bad key")
        if key == "forbidden":
            raise HTTPException(403)
        if key == "closed":
            raise ClosedForTodayError
        return f"{key} {session}"

    router = APIRouter(prefix="/rooms", dependencies=[Depends(resource)])

    @router.websocket("/{room}")
    async def talk(socket: WebSocket, room: int, key: str = Depends(key), name: str = Header("?")):
        await socket.accept()
        await socket.send_text(f"{room} {key} {name}")
        text = await socket.receive_text()
        if text == "leave":
            raise WebSocketException(4000, "as you like")
        if text == "break":
            raise ValueError
        if text == "wait":
            await socket.receive_text()
        await socket.send_text(text.upper())
        words.append("endpoint done")

    @app.exception_handler(ClosedForTodayError)
    async def closed(socket, error):
        words.append("handler")
        await socket.close(4001, "closed for today")

    app.include_router(router)
    return app


async def test_values_are_read_as_for_requests_and_the_talk_lies_within_the_resource(app, words):
    socket = await Socket.talk(
        app, "/rooms/7?key=k", "hello", headers={"cookie": "session=s", "name": "ann"}
    )
    assert socket.texts == ["7 k s ann", "HELLO"]
    assert words == ["+resource of /rooms/7", "endpoint done", "-resource"]


async def test_bad_values_close_it_before_it_is_accepted(app, words):
    socket = await Socket.talk(app, "/rooms/seven")
    assert not socket.accepted
    assert socket.closed is not None
    code, reason = socket.closed
    assert code == 1008
    assert [entry["loc"] for entry in reason] == [["query", "key"], ["path", "room"]]
    assert words[1:] == ["resource sees WebSocketRequestValidationError", "-resource"]


async def test_a_websocket_exception_closes_it_with_its_code(app, words):
    socket = await Socket.talk(app, "/rooms/7?key=bad")
    assert (socket.accepted, socket.closed) == (False, (1008, "bad key"))
    assert words[-1] == "-resource"


async def test_an_http_exception_denies_the_handshake(app):
    socket = await Socket.talk(app, "/rooms/7?key=forbidden")
    assert (socket.accepted, socket.denied) == (False, 403)


async def test_a_handler_closes_it_in_its_own_way_when_all_is_closed(app, words):
    socket = await Socket.talk(app, "/rooms/7?key=closed")
    assert socket.closed == (4001, "closed for today")
    assert words[-2:] == ["-resource", "handler"]


async def test_a_websocket_exception_after_the_acceptance_closes_with_its_code(app, words):
    socket = await Socket.talk(app, "/rooms/7?key=k", "leave")
    assert (socket.accepted, socket.closed) == (True, (4000, "as you like"))
    assert words[-2:] == ["resource sees WebSocketException", "-resource"]


@pytest.mark.parametrize(("text", "error"), [("break", ValueError), ("wait", WebSocketDisconnect)])
async def test_anything_else_passes_the_resource_and_reaches_the_server(app, words, text, error):
    socket = await Socket.talk(app, "/rooms/7?key=k", text)
    assert type(socket.error) is error
    assert words[-2:] == [f"resource sees {error.__name__}", "-resource"]


async def test_scopes_close_one_after_the_other():
    app = App()
    words: list[str] = []

    def named(name):
        def resource():
            words.append(f"+{name}")
            yield
            words.append(f"-{name}")

        return resource

    @app.websocket("/")
    async def endpoint(
        socket: WebSocket,
        narrow=Depends(named("function"), scope="function"),
        wide=Depends(named("request")),
    ):
        await socket.accept()
        await socket.close()
        words.append("closed")

    await Socket.talk(app, "/")
    assert words == ["+request", "+function", "closed", "-function", "-request"]


async def test_overrides_hold_for_websockets():
    app = App()

    async def greeting():
        return "real"

    @app.websocket("/")
    async def endpoint(socket: WebSocket, word: str = Depends(greeting)):
        await socket.accept()
        await socket.send_text(word)

    app.dependency_overrides[greeting] = lambda: "fake"
    assert (await Socket.talk(app, "/")).texts == ["fake"]


class LeftError(OSError):
    """What some servers raise when something is sent to a client that has left."""


def tells_by_os_error():
    raise LeftError


def tells_by_runtime_error():
    raise RuntimeError("Unexpected ASGI message, after sending 'websocket.close'")


@pytest.mark.parametrize("server", [tells_by_os_error, tells_by_runtime_error, lambda: None])
@pytest.mark.parametrize("last", ["send", "close"])
async def test_what_is_sent_to_a_client_that_has_left_is_the_same_on_every_server(server, last):
    app = App()
    words: list[Any] = []

    async def resource():
        try:
            yield
        except BaseException as error:
            words.append(f"resource sees {error!r}")
            raise

    @app.websocket("/", dependencies=[Depends(resource)])
    async def talk(socket: WebSocket):
        await socket.accept()
        try:
            await socket.receive_text()
        except WebSocketDisconnect as error:
            words.append(error.code)
        await (socket.send_text("never") if last == "send" else socket.close())

    messages = [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1001}]

    async def receive():
        return messages.pop(0)

    async def send(message):
        if not messages:
            server()

    asgi_scope = {"type": "websocket", "path": "/", "query_string": b"", "headers": []}
    if last == "close":
        await app(asgi_scope, receive, send)
        assert words == [1001]
    else:
        with pytest.raises(WebSocketDisconnect) as caught:
            await app(asgi_scope, receive, send)
        assert caught.value.code == 1006
        assert words == [1001, f"resource sees {caught.value!r}"]


async def test_a_server_that_notices_first_is_believed():
    app, words = App(), []

    async def resource():
        try:
            yield
        finally:
            words.append("-resource")

    @app.websocket("/", dependencies=[Depends(resource)])
    async def talk(socket: WebSocket):
        await socket.accept()
        with pytest.raises(WebSocketDisconnect):
            await socket.send_text("never")

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        if message["type"] != "websocket.accept":
            words.append(message["type"])
            raise LeftError

    asgi_scope = {"type": "websocket", "path": "/", "query_string": b"", "headers": []}
    await app(asgi_scope, receive, send)
    assert words == ["websocket.send", "-resource"]
