"""A server in the same process: what one ASGI application does with one client.

The clients here are odd on purpose: a body in pieces, one who hangs up after the second message,
one whose request is cancelled at a given word of the timeline.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from .timeline import Timeline

Message = dict[str, Any]
Application = Callable[..., Any]
Describe = Callable[[BaseException], str]

PATIENCE = 10.0
"""Seconds after which an application that does not finish is taken to hang."""


@dataclass(frozen=True)
class Client:
    """What one client asks for and how it behaves."""

    kind: str
    method: str
    target: str
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: tuple[bytes, ...] = ()
    frames: tuple[Message, ...] = ()
    """What a WebSocket client sends after `websocket.connect`."""
    spec_version: str = "2.3"
    leaves_after: int | None = None
    """The number of received messages after which the client hangs up."""
    breaks_off: bool = False
    """Whether the client hangs up in the middle of its body."""
    cancelled_at: str | None = None
    """The word at which the server cancels the request's task."""


@dataclass
class Exchange:
    """What came out of one connection."""

    label: str
    messages: list[Message] = field(default_factory=list)
    error: str | None = None


class GoneError(OSError):
    """What a server of ASGI 2.4 raises from `send` when its client has hung up."""


class Connection:
    """The server's end of one client: `receive` and `send`, and what was seen there."""

    def __init__(self, client: Client, record: Timeline) -> None:
        self.client = client
        self.exchange = Exchange(f"{client.method} {client.target}")
        self._record = record
        self._incoming = list(self._first_messages())
        self._over = asyncio.Event()

    def _first_messages(self) -> list[Message]:
        if self.client.kind == "websocket":
            return [{"type": "websocket.connect"}, *self.client.frames]
        chunks = self.client.body or (b"",)
        last = len(chunks) - 1
        messages: list[Message] = [
            {"type": "http.request", "body": chunk, "more_body": position < last}
            for position, chunk in enumerate(chunks)
        ]
        if self.client.breaks_off:
            messages[-1] = {"type": "http.disconnect"}
        return messages

    async def receive(self) -> Message:
        if self._incoming:
            return self._incoming.pop(0)
        if self.client.kind == "websocket":
            return {"type": "websocket.disconnect", "code": 1005, "reason": ""}
        await self._over.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        limit = self.client.leaves_after
        if limit is not None and len(self.exchange.messages) >= limit:
            if self.client.spec_version >= "2.4":
                raise GoneError("the client has hung up")
            return
        self.exchange.messages.append(_plain(message))
        self._record(_word(message))
        if len(self.exchange.messages) == limit or _ends(message):
            self._over.set()


class Server:
    """Runs the connections of one application one after another, on one timeline."""

    def __init__(self, application: Application, record: Timeline, describe: Describe) -> None:
        self.application = application
        self.exchanges: list[Exchange] = []
        self._record = record
        self._describe = describe
        self._state: dict[str, Any] = {}

    async def serve(self, client: Client) -> None:
        connection = Connection(client, self._record)
        self.exchanges.append(connection.exchange)
        asgi_scope = _asgi_scope(client, dict(self._state))
        call = self.application(asgi_scope, connection.receive, connection.send)
        task = asyncio.ensure_future(call)
        if client.cancelled_at is not None:
            # The word must be recorded on the loop, so that the next await is the one cut off.
            self._record.watch(client.cancelled_at, lambda: _cancel(task))
        done, _ = await asyncio.wait([task], timeout=PATIENCE)
        if not done:
            raise TimeoutError(f"{connection.exchange.label} hangs after: {self._record}")
        connection.exchange.error = self._outcome(task)

    def _outcome(self, task: "asyncio.Future[Any]") -> str | None:
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if error is None:
            return None
        text = self._describe(error)
        self._record(f"raised:{text.partition('(')[0]}")
        return text

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """Start the application up, and shut it down afterwards."""
        events: asyncio.Queue[Message] = asyncio.Queue()
        answers: asyncio.Queue[Message] = asyncio.Queue()
        exchange = Exchange("lifespan")
        self.exchanges.append(exchange)

        async def send(message: Message) -> None:
            # The text is a traceback: its lines differ from one framework to the other.
            exchange.messages.append({"type": message["type"]})
            self._record(message["type"].removeprefix("lifespan."))
            await answers.put(message)

        asgi_scope = {"type": "lifespan", "asgi": _ASGI, "state": self._state}
        task = asyncio.ensure_future(self.application(asgi_scope, events.get, send))
        await events.put({"type": "lifespan.startup"})
        if await self._answer(answers, task):
            yield
            await events.put({"type": "lifespan.shutdown"})
            await self._answer(answers, task)
        else:
            yield
        await asyncio.wait([task], timeout=PATIENCE)
        exchange.error = self._outcome(task)

    async def _answer(self, answers: "asyncio.Queue[Message]", task: Any) -> bool:
        """Whether the application said that it is ready (rather than failed, or raised)."""
        answer = asyncio.ensure_future(answers.get())
        await asyncio.wait([answer, task], timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return str(answer.result()["type"]).endswith("complete")
        answer.cancel()
        return False


_ASGI = {"version": "3.0", "spec_version": "2.3"}


def _cancel(task: "asyncio.Future[Any]") -> None:
    task.cancel()


def _asgi_scope(client: Client, state: dict[str, Any]) -> dict[str, Any]:
    path, _, query = client.target.partition("?")
    common = {
        "type": client.kind,
        "asgi": {"version": "3.0", "spec_version": client.spec_version},
        "http_version": "1.1",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(errors="surrogateescape"),
        "root_path": "",
        "headers": [(b"host", b"test.example"), *client.headers],
        "client": ("192.0.2.1", 50000),
        "server": ("test.example", 80),
        "state": state,
    }
    if client.kind == "websocket":
        extensions: dict[str, Any] = {"websocket.http.response": {}}
        return {**common, "scheme": "ws", "subprotocols": [], "extensions": extensions}
    return {**common, "scheme": "http", "method": client.method}


def _plain(message: Message) -> Message:
    """The message as comparable values: optional fields filled in, headers as pairs of bytes."""
    plain = dict(message)
    if "headers" in plain:
        plain["headers"] = [(bytes(name), bytes(value)) for name, value in plain["headers"]]
    if plain["type"].endswith(".body"):
        plain["body"] = bytes(plain.get("body", b""))
        plain.setdefault("more_body", False)
    return plain


def _word(message: Message) -> str:
    kind = message["type"]
    if kind == "http.response.body":
        return "send:body" if message.get("more_body") else "send:end"
    if kind.startswith("http.response."):
        return "send:" + kind.removeprefix("http.response.")
    return "ws:" + str(kind).removeprefix("websocket.")


def _ends(message: Message) -> bool:
    return bool(message["type"] == "http.response.body" and not message.get("more_body"))
