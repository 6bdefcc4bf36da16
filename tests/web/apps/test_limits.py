"""``max_body_size``: a body that is too large is refused before anything is opened for it."""

from typing import Any

import pytest
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import PlainTextResponse

from tenure.web import APIRouter, App, Body, Depends, File, Form, Request, UploadFile
from tenure.web.exceptions import FastAPIError
from tests.web.apps.client import Answer, Client, Message, request

TOO_LARGE = {"detail": "Content Too Large"}


class Chunks(Client):
    """Sends a body in pieces, without saying how long it is."""

    async def post(self, app: Any, *pieces: bytes, **headers: str) -> tuple[Answer, int]:
        """The answer, and how many of the pieces were taken."""
        messages: list[Message] = [
            {"type": "http.request", "body": piece, "more_body": True} for piece in pieces
        ]
        messages[-1]["more_body"] = False
        count = len(messages)

        async def in_pieces(asgi_scope: Any, receive: Any, send: Any) -> None:
            async def next_piece() -> Message:
                return messages.pop(0) if messages else await receive()

            await app(asgi_scope, next_piece, send)

        sent = {"content-type": "application/json", **headers}
        return await self.request(in_pieces, "POST", "/", headers=sent), count - len(messages)


def app_of(words: list[str], *, limit: int | None, where: str) -> App:
    on: dict[str, Any] = {"max_body_size": limit}
    app = App(**(on if where == "application" else {}))
    router = APIRouter(**(on if where == "router" else {}))

    async def opened() -> Any:
        words.append("+")
        yield
        words.append("-")

    @router.post("/", dependencies=[Depends(opened)], **(on if where == "route" else {}))
    async def endpoint(value: Any = Body()) -> Any:
        return value

    app.include_router(router)
    return app


WHERE = pytest.mark.parametrize("where", ["application", "router", "route"])


@WHERE
async def test_a_declared_length_is_believed(where: str):
    words: list[str] = []
    app = app_of(words, limit=5, where=where)
    headers = {"content-length": "6", "content-type": "application/json"}
    answer, taken = await Chunks().post(app, b"123456", **headers)
    assert (answer.status, answer.json(), taken, words) == (413, TOO_LARGE, 0, [])
    answer = await request(
        app, "POST", "/", body=b"12345", headers={**headers, "content-length": "5"}
    )
    assert (answer.status, answer.json(), words) == (200, 12345, ["+", "-"])


@WHERE
async def test_what_is_received_is_counted(where: str):
    words: list[str] = []
    app = app_of(words, limit=5, where=where)
    answer, taken = await Chunks().post(app, b"123", b"456", b"789")
    assert (answer.status, answer.json(), taken, words) == (413, TOO_LARGE, 2, [])
    answer, taken = await Chunks().post(app, b"123", b"45")
    assert (answer.status, answer.json(), taken, words) == (200, 12345, 2, ["+", "-"])


async def test_the_inner_limit_wins_whether_higher_or_lower():
    app = App(max_body_size=4)
    for path, limit in (("/more", 8), ("/less", 2), ("/any", None)):

        @app.post(path, max_body_size=limit)
        async def endpoint(value: Any = Body()) -> Any:
            return value

    app.post("/")(endpoint)

    async def status(path: str, length: int) -> int:
        options: dict[str, Any] = {"body": b"1" * length}
        headers = {"content-type": "application/json", "content-length": str(length)}
        return (await request(app, "POST", path, headers=headers, **options)).status

    assert [await status("/more", length) for length in (8, 9)] == [200, 413]
    assert [await status("/less", length) for length in (2, 3)] == [200, 413]
    assert [await status("/", length) for length in (4, 5)] == [200, 413]
    assert await status("/any", 900) == 200


async def test_a_handler_may_answer_in_its_own_way():
    app = app_of([], limit=5, where="route")

    @app.exception_handler(413)
    async def handle(request: Request, error: Exception) -> PlainTextResponse:
        return PlainTextResponse("less, please", 413)

    answer, _ = await Chunks().post(app, b"123456")
    assert answer.text == "less, please"


@pytest.mark.parametrize("how", ["body", "stream", "form", "json"])
async def test_who_reads_the_request_itself_is_stopped(how: str):
    words: list[str] = []
    app = App()

    async def opened() -> Any:
        try:
            yield
        finally:
            words.append("-")

    @app.post("/", max_body_size=5, dependencies=[Depends(opened)])
    async def endpoint(request: Request) -> Any:
        if how == "stream":
            return [len(chunk) async for chunk in request.stream()]
        return await getattr(request, how)()

    kind = "application/x-www-form-urlencoded" if how == "form" else "application/json"
    answer, taken = await Chunks().post(app, b"123", b"456", b"7", **{"content-type": kind})
    assert (answer.status, answer.json(), taken, words) == (413, TOO_LARGE, 2, ["-"])


@pytest.mark.parametrize("is_upload", [True, False])
async def test_forms_are_held_to_it(is_upload: bool):
    app = App(max_body_size=200)
    if is_upload:

        @app.post("/")
        async def upload(file: UploadFile = File()) -> int | None:
            return file.size
    else:

        @app.post("/")
        async def fill_in(file: str = Form()) -> int:
            return len(file)

    head = b'--b\r\ncontent-disposition: form-data; name="file"'
    head += (b'; filename="f"' if is_upload else b"") + b"\r\n\r\n"
    headers = {"content-type": "multipart/form-data; boundary=b"}
    for size, status in ((10, 200), (100, 413)):
        pieces = [head, *[b"x" * 10] * (size // 10), b"\r\n--b--\r\n", b"\r\n" * 20]
        pieces = pieces[:-1] if status == 200 else [*pieces[:-1], b" " * 100]
        answer, _ = await Chunks().post(app, *pieces, **headers)
        assert answer.status == status


async def test_middleware_and_mounted_applications_are_below_the_limit_of_the_application():
    app, mounted = App(max_body_size=5), App()

    @mounted.post("/")
    async def endpoint(value: Any = Body()) -> Any:
        return value

    app.mount("/mounted", mounted)
    reader, received = App(max_body_size=5), []

    async def read(request: Request, call_next: Any) -> Any:
        received.append(await request.body())
        return await call_next(request)

    reader.add_middleware(BaseHTTPMiddleware, dispatch=read)
    options: dict[str, Any] = {"body": b"123456", "headers": {"content-type": "application/json"}}
    for application, path in ((app, "/mounted/"), (reader, "/")):
        answer = await request(application, "POST", path, **options)
        assert (answer.status, answer.json(), answer.error) == (413, TOO_LARGE, None)
    assert received == []


async def test_a_limit_works_together_with_cancellation():
    app = App(max_body_size=5, cancel_on_disconnect=True)

    @app.post("/")
    async def endpoint(request: Request) -> int:
        return len(await request.body())

    assert (await Chunks().post(app, b"123456"))[0].status == 413
    assert (await Chunks().post(app, b"123", b"45"))[0].json() == 5


@pytest.mark.parametrize("lengths", [("x", "-1"), ("3", "900"), ("900", "3"), ("9" * 5000, "")])
async def test_hostile_lengths(lengths: tuple[str, str]):
    app = app_of([], limit=5, where="route")
    asgi_scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": [(b"content-length", each.encode()) for each in lengths],
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"123"}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(asgi_scope, receive, send)
    assert sent[0]["status"] == (200 if "x" in lengths else 413)


@pytest.mark.parametrize("limit", [-1, 1.5, "1 MB", True])
def test_what_is_no_size_is_refused(limit: Any):
    app = App()
    with pytest.raises(FastAPIError, match="max_body_size"):
        app.post("/", max_body_size=limit)(lambda: None)
