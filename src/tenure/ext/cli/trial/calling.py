"""Requests to an application in this process, without a server between."""

from __future__ import annotations

import statistics
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote

import anyio

from tenure.ext.cli.trial.records import Answer, Request

__all__ = ["LifespanFailed", "send_all"]

_SAFE = ("GET", "HEAD", "OPTIONS")


class LifespanFailed(Exception):  # noqa: N818 - told to the user, never seen as an error
    """The application did not start, or did not end."""


async def send_all(
    app: Any, requests: Sequence[Request], *, repeat: int, seconds: float
) -> list[Answer]:
    """Start *app*, send the requests one after the other, and end it.

    Requests that change nothing are sent *repeat* times more to time them. None takes longer than
    *seconds*. Raises ``LifespanFailed``.
    """
    answers: list[Answer] = []
    async with _lifespan(app) as state:
        for request in requests:
            first = await _send(app, request, state, seconds)
            times = [first.milliseconds]
            if request.method in _SAFE and first.is_complete:
                times = [
                    (await _send(app, request, state, seconds)).milliseconds for _ in range(repeat)
                ] or times
            answers.append(_timed(first, statistics.median(times)))
    return answers


def _timed(answer: Answer, milliseconds: float) -> Answer:
    return Answer(
        answer.status,
        answer.headers,
        answer.body,
        answer.raised,
        answer.is_complete,
        round(milliseconds, 3),
    )


@asynccontextmanager
async def _lifespan(app: Any) -> AsyncGenerator[dict[str, Any], None]:
    state: dict[str, Any] = {}
    asgi_scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": state}
    to_app, told = anyio.create_memory_object_stream[dict[str, Any]](2)
    from_app, heard = anyio.create_memory_object_stream[dict[str, Any]](2)

    async def run() -> None:
        try:
            await app(asgi_scope, told.receive, from_app.send)
        except Exception:
            # Without a word before, it has no lifespan; else it has said what is wrong.
            await from_app.send({"type": "lifespan.over"})

    failure: str | None = None
    with to_app, told, from_app, heard:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run)
            await to_app.send({"type": "lifespan.startup"})
            message = await heard.receive()
            failure = _failure(message, "start")
            if failure is None:
                yield state
                if message["type"] != "lifespan.over":
                    await to_app.send({"type": "lifespan.shutdown"})
                    failure = _failure(await heard.receive(), "end")
            tasks.cancel_scope.cancel()
    if failure is not None:
        raise LifespanFailed(failure)


def _failure(message: dict[str, Any], what: str) -> str | None:
    if not message["type"].endswith("failed"):
        return None
    last = str(message.get("message", "")).strip().splitlines()[-1:]
    return f"the application did not {what}: {''.join(last)}"


async def _send(app: Any, request: Request, state: dict[str, Any], seconds: float) -> Answer:
    messages: list[dict[str, Any]] = []
    answered, is_sent = anyio.Event(), False

    async def receive() -> dict[str, Any]:
        nonlocal is_sent
        if is_sent:
            await answered.wait()
            return {"type": "http.disconnect"}
        is_sent = True
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(message: Any) -> None:
        messages.append(dict(message))
        if message["type"] == "http.response.body" and not message.get("more_body"):
            answered.set()

    raised = None
    began = time.perf_counter()
    with anyio.move_on_after(seconds) as limit:
        try:
            await app(_asgi_scope(request, state), receive, send)
        except Exception as error:
            raised = type(error).__name__
    took = (time.perf_counter() - began) * 1000
    return _answer(messages, raised, took, is_complete=not limit.cancelled_caught)


def _answer(
    messages: Sequence[dict[str, Any]], raised: str | None, took: float, *, is_complete: bool
) -> Answer:
    start = next((each for each in messages if each["type"] == "http.response.start"), {})
    headers = [
        (name.decode("latin-1").lower(), value.decode("latin-1"))
        for name, value in start.get("headers", ())
    ]
    body = b"".join(bytes(each.get("body", b"")) for each in messages)
    return Answer(start.get("status"), headers, body, raised, is_complete, took)


def _asgi_scope(request: Request, state: dict[str, Any]) -> dict[str, Any]:
    path, _, query = request.path.partition("?")
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in request.headers
    ]
    if not any(name == b"host" for name, _ in headers):
        headers.insert(0, (b"host", b"localhost"))
    if request.body and not any(name == b"content-length" for name, _ in headers):
        headers.append((b"content-length", str(len(request.body)).encode()))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 50000),
        "server": ("localhost", 80),
        "state": state.copy(),
    }
