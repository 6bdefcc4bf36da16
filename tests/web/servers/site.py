"""An application that notes what is opened and closed in it, for requests over real sockets.

The first word of a path names the case that a test is about; ``/noted/CASE`` answers what happened.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import anyio
import anyio.lowlevel
from anyio.abc import TaskGroup

from tenure import Outcome
from tenure.web import (
    App,
    BackgroundTasks,
    Depends,
    File,
    Form,
    Header,
    HTTPException,
    Query,
    Request,
    UploadFile,
    WebSocket,
    WebSocketDisconnect,
)
from tenure.web.responses import StreamingResponse

notes: dict[str, list[str]] = defaultdict(list)


async def wide(case: str, outcome: Outcome) -> AsyncIterator[None]:
    notes[case].append("+wide")
    try:
        yield
    except BaseException as error:
        notes[case].append(f"wide sees {type(error).__name__}")
        raise
    finally:
        await anyio.lowlevel.checkpoint()
        notes[case].append(f"-wide {outcome.kind}")


def narrow(case: str) -> Iterator[None]:
    notes[case].append("+narrow")
    try:
        yield
    finally:
        notes[case].append("-narrow")


app = App(max_body_size=200_000)
OPEN = [Depends(wide), Depends(narrow, scope="function")]


@app.get("/noted/{case}")
async def noted(case: str) -> list[str]:
    return notes[case]


@app.post("/{case}/json", dependencies=OPEN)
async def take_json(case: str, body: dict[str, Any]) -> int:
    return len(body)


@app.post("/{case}/numbers", dependencies=OPEN)
async def take_numbers(case: str, body: list[int | float]) -> int:
    return len(body)


@app.post("/{case}/form", dependencies=OPEN)
async def take_form(case: str, name: Annotated[str, Form()]) -> int:
    return len(name)


@app.post("/{case}/upload", dependencies=OPEN)
async def take_upload(case: str, file: Annotated[UploadFile, File()]) -> int:
    return len(await file.read())


@app.post("/{case}/stream", dependencies=OPEN)
async def take_stream(case: str, request: Request) -> int:
    """Reads the body by itself, with everything open."""
    notes[case].append("reads")
    return sum([len(chunk) async for chunk in request.stream()])


@app.post("/{case}/patient", dependencies=OPEN, cancel_on_disconnect=True)
async def wait_for_ever(case: str, request: Request) -> None:
    notes[case].append("waits")
    await anyio.sleep_forever()


@app.get("/{case}/endless", dependencies=OPEN)
async def send_for_ever(case: str) -> StreamingResponse:
    async def body() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"more" * 1000
                await anyio.sleep(0.001)
        finally:
            notes[case].append("body ends")

    return StreamingResponse(body())


@app.get("/{case}/headers", dependencies=OPEN)
async def read_headers(
    case: str,
    number: Annotated[int, Header()] = 0,
    words: Annotated[list[str], Header()] = [],  # noqa: B006
    q: Annotated[list[str], Query()] = [],  # noqa: B006
) -> int:
    return len(words) + len(q)


@app.get("/{case}/refused", dependencies=OPEN)
async def refuse(case: str) -> None:
    raise HTTPException(403)


async def failing(case: str) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await anyio.lowlevel.checkpoint()
        raise LookupError(f"first exit of {case}")


async def failing_too(case: str) -> AsyncIterator[None]:
    try:
        yield
    finally:
        raise KeyError(f"second exit of {case}")


@app.get("/{case}/late", dependencies=[*OPEN, Depends(failing)])
async def fail_late(case: str) -> str:
    return "fine"


@app.get("/{case}/twice", dependencies=[*OPEN, Depends(failing_too), Depends(failing)])
async def fail_late_twice(case: str) -> str:
    return "fine"


@app.get("/{case}/items", dependencies=[*OPEN, Depends(failing)])
async def fail_after_items(case: str) -> AsyncIterator[int]:
    yield 1
    yield 2


@app.get("/{case}/task", dependencies=OPEN)
async def fail_in_background(case: str, background: BackgroundTasks) -> str:
    async def task() -> None:
        raise LookupError(f"task of {case}")

    background.add_task(task)
    return "fine"


async def group() -> AsyncIterator[TaskGroup]:
    async with anyio.create_task_group() as tasks:
        yield tasks


@app.get("/{case}/group", dependencies=OPEN)
async def refuse_in_a_group(
    case: str, tasks: Annotated[TaskGroup, Depends(group)], child: bool = False
) -> None:
    async def refuse() -> None:
        raise HTTPException(418, "tea")

    if child:
        tasks.start_soon(refuse)
        await anyio.sleep_forever()
    await refuse()


@app.websocket("/{case}/texts", dependencies=OPEN)
async def echo_texts(websocket: WebSocket, case: str) -> None:
    await websocket.accept()
    while True:
        await websocket.send_text(await websocket.receive_text())


@app.websocket("/{case}/values", dependencies=OPEN)
async def echo_values(websocket: WebSocket, case: str) -> None:
    await websocket.accept()
    while True:
        await websocket.send_json(await websocket.receive_json())


@app.websocket("/{case}/deaf", dependencies=OPEN, cancel_on_disconnect=True)
async def never_receive(websocket: WebSocket, case: str) -> None:
    await websocket.accept()
    notes[case].append("waits")
    await anyio.sleep_forever()


@app.websocket("/{case}/polite", dependencies=OPEN, cancel_on_disconnect=True)
async def say_goodbye(websocket: WebSocket, case: str) -> None:
    await websocket.accept()
    try:
        while True:
            notes[case].append(await websocket.receive_text())
    except WebSocketDisconnect:
        await anyio.sleep(0.01)
        notes[case].append("goodbye")
