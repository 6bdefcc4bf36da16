"""HTTP over a socket in hand, so that it can be let go at any byte."""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.body.splitlines()]


@dataclass
class Wire:
    """One connection; one request goes over it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> Answer:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split()[1])
        headers = {}
        for line in filter(None, head[1:]):
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        if headers.get("transfer-encoding") == "chunked":
            body = b"".join([chunk async for chunk in self._chunks()])
        else:
            body = await self.reader.readexactly(int(headers["content-length"]))
        return Answer(status, headers, body)

    async def _chunks(self) -> AsyncIterator[bytes]:
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            yield await self.reader.readexactly(size)
            await self.reader.readexactly(2)
        await self.reader.readexactly(2)

    def reset(self) -> None:
        """Go away without a word: the other side gets a reset, not an end."""
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


@asynccontextmanager
async def wire(port: int, *, narrow: bool = False) -> AsyncIterator[Wire]:
    """Connect; closed at the end of the block, whatever was read until then.

    Through a narrow one little goes at a time, and little waits on the way to be read.
    """
    raw = socket.socket()
    raw.setblocking(False)
    if narrow:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        # The sender's buffer grows with the size of a segment.
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    try:
        await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", port))
        limit = 1024 if narrow else 2**16
        reader, writer = await asyncio.open_connection(sock=raw, limit=limit)
    except BaseException:
        raw.close()
        raise
    try:
        yield Wire(reader, writer)
    finally:
        writer.transport.abort()


def request(method: str, path: str, key: str, body: Any = None, **headers: str) -> bytes:
    """Write a request down; a body that is bytes goes as it is."""
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: ledger",
        "Connection: close",
        f"X-API-Key: {key}",
        "Content-Type: application/json",
        f"Content-Length: {len(data)}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


async def ask(
    port: int, method: str, path: str, key: str, body: Any = None, **headers: str
) -> Answer:
    """Send a request over a connection of its own, and wait for all of the answer."""
    async with wire(port) as connection:
        await connection.send(request(method, path, key, body, **headers))
        return await connection.answer()
