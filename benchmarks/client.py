"""Load over sockets: connections that are kept alive, each with one request on its way.

It does as little as it can, since it shares the machine with the server: the first response is
read and checked, every later one has to have the same length, status and body.
"""

from __future__ import annotations

import asyncio
from typing import Any

__all__ = ["CONNECTIONS", "Load"]

CONNECTIONS = 16


class Load:
    """Open connections to one server; ``run`` sends requests over all of them."""

    def __init__(self, request: bytes, expected_body: bytes) -> None:
        self.request = request
        self.expected_body = expected_body
        self.unsent = 0
        self.unanswered = 0
        self.failure: Exception | None = None
        self._connections: list[_Connection] = []
        self._done: asyncio.Future[None] | None = None

    async def connect(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(CONNECTIONS):
            _, connection = await loop.create_connection(
                lambda: _Connection(self), "127.0.0.1", port
            )
            self._connections.append(connection)

    async def run(self, count: int) -> None:
        """Send *count* requests and wait for all responses."""
        self._done = asyncio.get_running_loop().create_future()
        if self.failure is not None:
            raise self.failure
        self.unsent = self.unanswered = count
        for connection in self._connections:
            connection.send_next()
        await self._done
        if self.failure is not None:
            raise self.failure

    def answered(self) -> None:
        self.unanswered -= 1
        if self.unanswered == 0:
            self.finish()

    def finish(self) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_result(None)

    def close(self) -> None:
        for connection in self._connections:
            connection.transport.close()
        self._connections.clear()


class _Connection(asyncio.Protocol):
    def __init__(self, load: Load) -> None:
        self._load = load
        self._received = b""
        self.transport: Any = None
        self._length = 0  # of a whole response, known after the first

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def send_next(self) -> None:
        if self._load.unsent > 0:
            self._load.unsent -= 1
            self.transport.write(self._load.request)

    def data_received(self, data: bytes) -> None:
        received = self._received = self._received + data if self._received else data
        if not self._length:
            self._length = _length_of_response(received)
        if not self._length or len(received) < self._length:
            return
        self._received = b""
        expected = self._load.expected_body
        if (
            len(received) != self._length
            or not received.startswith(b"HTTP/1.1 200")
            or not received.endswith(expected)
        ):
            self._fail(f"another response than expected: {received[:500]!r}")
            return
        self._load.answered()
        self.send_next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(f"the server closed a connection: {exc!r}")

    def _fail(self, message: str) -> None:
        if self._load.failure is None:
            self._load.failure = RuntimeError(message)
        self._load.finish()


def _length_of_response(received: bytes) -> int:
    """The head and the body together; 0 while the head is not there yet."""
    head, separator, _ = received.partition(b"\r\n\r\n")
    if not separator:
        return 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return len(head) + len(separator) + int(value)
    raise RuntimeError(f"a response without a length: {head!r}")
