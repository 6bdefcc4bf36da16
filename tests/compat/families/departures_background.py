"""Departures of what comes late: background tasks, and words for a client that has left."""

from typing import Any

from ..case import Family, get, socket

AFTERWARDS = Family("departures_background")


@AFTERWARDS.program(
    get("/")
    .gives(200, 1, order="endpoint send:start send:end own")
    .but(200, 1, order="endpoint send:start send:end own added"),
    section="17.7",
)
def tasks_of_a_response_and_added_ones(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    async def read(tasks: web.BackgroundTasks) -> Any:
        record("endpoint")
        tasks.add_task(record, "added")
        own = web.BackgroundTasks()
        own.add_task(record, "own")
        return web.responses.JSONResponse(1, background=own)

    return app


@AFTERWARDS.program(
    get("/")
    .gives(200, order="send:start send:end got:Depends")
    .but(200, order="send:start send:end + got:str -"),
    section="17.7",
)
def dependencies_of_a_background_task(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    async def opened() -> Any:
        record("+")
        yield "value"
        record("-")

    def task(value: Any = web.Depends(opened)) -> None:
        record(f"got:{type(value).__name__}")

    @app.get("/")
    async def read(tasks: web.BackgroundTasks) -> Any:
        tasks.add_task(task)

    return app


@AFTERWARDS.program(
    socket("/")
    .gives(order="ws:accept over")
    .but(error="FastAPIError", order="ws:accept raised:FastAPIError"),
    section="17.7",
)
def background_tasks_of_a_websocket(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.websocket("/")
    async def talk(websocket: web.WebSocket, tasks: web.BackgroundTasks) -> None:
        await websocket.accept()
        tasks.add_task(record, "never")
        record("over")

    return app


@AFTERWARDS.program(
    socket("/send", 1001, name="send")
    .gives(order="ws:accept left ws:send")
    .but(error="WebSocketDisconnect", order="ws:accept left raised:WebSocketDisconnect"),
    socket("/close", 1001, name="close")
    .gives(order="ws:accept left ws:close")
    .but(order="ws:accept left"),
    section="17.8",
)
def what_is_sent_to_a_websocket_that_was_left(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.websocket("/{method}")
    async def talk(websocket: web.WebSocket, method: str) -> None:
        await websocket.accept()
        try:
            await websocket.receive_text()
        except web.WebSocketDisconnect:
            record("left")
        await (websocket.close() if method == "close" else websocket.send_text("never"))

    return app
