"""Exit code that asks is told how its request ended, and with which status."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import pytest

from tenure import Outcome
from tenure.web import App, Depends, HTTPException, Response, WebSocket, WebSocketDisconnect
from tenure.web.responses import JSONResponse, StreamingResponse
from tenure.web.testclient import TestClient

seen: list[str] = []


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    seen.clear()


async def narrow(outcome: Outcome) -> AsyncIterator[None]:
    try:
        yield
    finally:
        seen.append(f"function: {outcome.kind} {outcome.status}")


def wide(outcome: Outcome) -> Iterator[None]:
    try:
        yield
    finally:
        seen.append(f"request: {outcome.kind} {outcome.status}")


app = App(dependencies=[Depends(wide), Depends(narrow, scope="function")])


@app.get("/plain")
async def plain() -> dict[str, int]:
    return {"a": 1}


@app.get("/created", status_code=201)
def created() -> dict[str, int]:
    return {"a": 1}


@app.get("/injected")
async def injected(response: Response) -> dict[str, int]:
    response.status_code = 202
    return {"a": 1}


@app.get("/returned")
async def returned() -> JSONResponse:
    return JSONResponse({"detail": "no"}, status_code=503)


@app.get("/raised")
async def raised() -> None:
    raise HTTPException(404)


@app.get("/broken")
async def broken() -> None:
    raise LookupError


@app.get("/validated")
async def validated(number: int) -> None: ...


@app.get("/stream")
async def stream() -> StreamingResponse:
    return StreamingResponse(iter([b"a", b"b"]))


@app.get("/yields")
async def yields() -> AsyncIterator[int]:
    yield 1


@app.websocket("/socket")
async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.receive_text()


@pytest.mark.parametrize(
    ("path", "kind", "status"),
    [
        ("/plain", "returned", 200),
        ("/created", "returned", 201),
        ("/injected", "returned", 202),
        ("/returned", "returned", 503),
        ("/raised", "raised", 404),
        ("/broken", "raised", None),
        ("/validated", "raised", None),
        ("/stream", "returned", 200),
        ("/yields", "returned", 200),
    ],
)
def test_how_a_request_ended(path: str, kind: str, status: int | None) -> None:
    client = TestClient(app, raise_server_exceptions=False)
    client.get(path)
    assert seen == [f"function: {kind} {status}", f"request: {kind} {status}"]


def test_a_websocket_that_the_client_leaves() -> None:
    with (
        TestClient(app) as client,
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/socket"),
    ):
        pass
    assert seen == ["function: disconnected None", "request: disconnected None"]


def test_a_websocket_that_is_done() -> None:
    with TestClient(app) as client, client.websocket_connect("/socket") as connection:
        connection.send_text("done")
    assert seen == ["function: returned None", "request: returned None"]


@pytest.mark.parametrize("spec_version", ["2.3", "2.4"])
async def test_a_client_that_leaves_a_stream(spec_version: str) -> None:
    messages = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Any:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body" and spec_version == "2.4":
            raise OSError

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": spec_version},
        "method": "GET",
        "path": "/stream",
        "headers": [],
        "query_string": b"",
    }
    try:
        await app(scope, receive, send)
    except Exception as error:
        seen.append(f"server sees {type(error).__name__}")
    assert seen[:2] == ["function: returned 200", "request: disconnected None"]


def test_the_endpoint_and_others_may_ask() -> None:
    small = App()

    @small.get("/")
    async def main(outcome: Annotated[Outcome, "of this request"]) -> str:
        return outcome.kind

    assert TestClient(small).get("/").json() == "running"
    assert small.openapi()["paths"]["/"]["get"].get("parameters") is None
