"""A server and its clients in one task group: applications are driven over ASGI, on any loop.

``get`` and ``request`` send one request; ``running`` starts an application and stops it again;
``Socket`` is the client's end of a WebSocket.
"""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

import anyio

Application = Callable[..., Any]
Message = dict[str, Any]

PATIENCE = 10.0
"""Seconds after which something that does not happen is taken to never happen."""


class GoneError(OSError):
    """What a server of ASGI 2.4 raises from ``send`` when its client has left."""


@dataclass
class Answer:
    """What a client got, and the error that reached the server."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    error: BaseException | None = None

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        """The value of one header; several are joined."""
        found = [value for key, value in self.headers if key == name.lower()]
        return ", ".join(found) if found else None


@dataclass
class Client:
    """One HTTP client: what it sends, and when it leaves."""

    record: Callable[[str], None] | None = None
    """Is told of each message that arrives."""
    leaves_after: int | None = None
    """The number of messages after which the client is gone."""
    leaves_at: anyio.Event | None = None
    """Set when the client has left, whatever it has got."""
    spec_version: str = "2.4"
    state: dict[str, Any] = field(default_factory=dict)

    async def request(
        self,
        app: Application,
        method: str,
        target: str,
        *,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        value: Any = None,
    ) -> Answer:
        """Send one request; *value* is sent as JSON. What is raised is in the answer."""
        sent = dict(headers or {})
        if value is not None:
            body = json.dumps(value).encode()
            sent.setdefault("content-type", "application/json")
        with anyio.fail_after(PATIENCE):
            return await self.serve(app, method, target, headers=sent, body=body)

    async def serve(
        self,
        app: Application,
        method: str,
        target: str,
        *,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        """The same without a limit of time: no cancel scope is around it."""
        connection = _Connection(self, body)
        asgi_scope = _asgi_scope("http", target, headers or {}, self.spec_version, self.state)
        asgi_scope["method"] = method
        try:
            await app(asgi_scope, connection.receive, connection.send)
        except Exception as error:
            connection.answer.error = error
        return connection.answer


class _Connection:
    def __init__(self, client: Client, body: bytes) -> None:
        self.answer = Answer()
        self._client = client
        self._body: bytes | None = body
        self._count = 0
        self._over = client.leaves_at or anyio.Event()

    async def receive(self) -> Message:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._over.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        limit = self._client.leaves_after
        if limit is not None and self._count >= limit:
            if self._client.spec_version >= "2.4":
                raise GoneError
            return
        self._count += 1
        if self._client.record is not None:
            self._client.record(_word(message))
        if message["type"] == "http.response.start":
            self.answer.status = message["status"]
            self.answer.headers = [
                (key.decode(), value.decode("latin-1")) for key, value in message["headers"]
            ]
        else:
            self.answer.body += message.get("body", b"")
        if self._count == limit or not (_starts(message) or message.get("more_body")):
            self._over.set()
            # Many servers suspend here; by then ``receive`` may have told that all is over.
            await anyio.lowlevel.checkpoint()


def _starts(message: Message) -> bool:
    return message["type"] == "http.response.start"


def _word(message: Message) -> str:
    if _starts(message):
        return f"send {message['status']}"
    return "send more" if message.get("more_body") else "send end"


def _asgi_scope(
    kind: str,
    target: str,
    headers: dict[str, str],
    spec_version: str,
    state: dict[str, Any],
) -> dict[str, Any]:
    split = urlsplit(target)
    return {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": spec_version},
        "http_version": "1.1",
        "scheme": "http" if kind == "http" else "ws",
        "server": ("server", 80),
        "client": ("client", 1),
        "root_path": "",
        "path": split.path,
        "raw_path": split.path.encode(),
        "query_string": split.query.encode(errors="surrogateescape"),
        "headers": [(b"host", b"server")]
        + [(key.lower().encode(), value.encode("latin-1")) for key, value in headers.items()],
        "subprotocols": [],
        "state": dict(state),
        "extensions": {"websocket.http.response": {}},
    }


async def request(app: Application, method: str, target: str, **options: Any) -> Answer:
    """Send one request as a client who waits for the answer."""
    return await Client().request(app, method, target, **options)


async def get(app: Application, target: str, **options: Any) -> Answer:
    """Send one GET request."""
    return await request(app, "GET", target, **options)


@asynccontextmanager
async def running(app: Application) -> AsyncIterator[Client]:
    """Start *app*, give a client that has its state, and stop it.

    Raises what the application raises while it starts or stops.
    """
    state: dict[str, Any] = {}
    wishes, wish = anyio.create_memory_object_stream[Message](2)
    answers, answered = anyio.create_memory_object_stream[Message](2)
    failures: list[BaseException] = []

    async def live() -> None:
        try:
            await app({"type": "lifespan", "state": state}, wish.receive, answers.send)
        except Exception as error:
            failures.append(error)
            answers.close()

    async def reach(phase: str) -> None:
        await wishes.send({"type": f"lifespan.{phase}"})
        with anyio.fail_after(PATIENCE):
            message = await answered.receive()
        if message["type"].endswith("failed"):
            with anyio.fail_after(PATIENCE):
                while not failures:
                    await anyio.lowlevel.checkpoint()
            raise failures[0]

    with wishes, wish, answers, answered:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(live)
            try:
                await reach("startup")
                yield Client(state=state)
                await reach("shutdown")
            except Exception as error:
                tasks.cancel_scope.cancel()
                failures.insert(0, error)
        if failures:
            raise failures[0]


class Socket:
    """The client's end of a WebSocket to an application that runs beside it."""

    def __init__(self) -> None:
        self.accepted = False
        self.closed: tuple[int, Any] | None = None
        """The code and the reason of the server's close."""
        self.denied: int | None = None
        """The status of an HTTP response in place of an acceptance."""
        self.texts: list[str] = []
        self.error: BaseException | None = None
        self._to_server, self._at_server = anyio.create_memory_object_stream[Message](16)

    @classmethod
    async def talk(
        cls,
        app: Application,
        target: str,
        *texts: str,
        leaves: bool = True,
        headers: dict[str, str] | None = None,
    ) -> Self:
        """Connect, send *texts*, leave (or wait for the server to close), and come back."""
        socket = cls()
        with socket._to_server, socket._at_server:
            await socket._to_server.send({"type": "websocket.connect"})
            for text in texts:
                await socket._to_server.send({"type": "websocket.receive", "text": text})
            if leaves:
                await socket._to_server.send({"type": "websocket.disconnect", "code": 1000})
            await socket.serve(app, target, headers)
        return socket

    async def serve(
        self, app: Application, target: str, headers: dict[str, str] | None = None
    ) -> None:
        """Have the application serve it to the end."""
        asgi_scope = _asgi_scope("websocket", target, headers or {}, "2.4", {})
        with anyio.fail_after(PATIENCE):
            try:
                await app(asgi_scope, self._at_server.receive, self._send)
            except Exception as error:
                self.error = error

    async def say(self, kind: str, **message: Any) -> None:
        """Send one message of the protocol: connect, receive, disconnect."""
        await self._to_server.send({"type": f"websocket.{kind}", **message})

    def end(self) -> None:
        """Let go of what joins both ends."""
        self._to_server.close()
        self._at_server.close()

    async def _send(self, message: Message) -> None:
        match message["type"]:
            case "websocket.accept":
                self.accepted = True
            case "websocket.close":
                self.closed = message.get("code", 1000), message.get("reason")
            case "websocket.send":
                self.texts.append(message["text"])
            case "websocket.http.response.start":
                self.denied = message["status"]
            case _:
                pass
