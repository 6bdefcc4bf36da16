"""A client of the site that sends what bytes it likes."""

import json
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

PATIENCE = 30.0
"""Seconds after which something that does not happen is taken to never happen."""

KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def head(method: str, target: str, *lines: str) -> bytes:
    """The first lines of a request; *lines* in Latin-1, as they are."""
    return "\r\n".join([f"{method} {target} HTTP/1.1", "Host: site", *lines, "", ""]).encode(
        "latin-1"
    )


def handshake(target: str, **instead: str) -> bytes:
    """The request for a WebSocket; *instead* replaces headers, by an empty string for none."""
    headers = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": KEY,
        "Sec-WebSocket-Version": "13",
    } | {f"Sec-WebSocket-{name.title()}": value for name, value in instead.items()}
    lines = [f"{name}: {value}" for name, value in headers.items() if value]
    return head("GET", target, *lines)


def frame(
    opcode: int, payload: bytes = b"", *, is_last: bool = True, mask: bool = True, length: int = -1
) -> bytes:
    """A frame of a client; *length* is what it claims, where that is not so."""
    size = len(payload) if length < 0 else length
    masked = 0x80 if mask else 0
    first = opcode | (0x80 if is_last else 0)
    if size < 126:
        header = struct.pack("!BB", first, masked | size)
    elif size < 1 << 16:
        header = struct.pack("!BBH", first, masked | 126, size)
    else:
        header = struct.pack("!BBQ", first, masked | 127, size)
    return header + (bytes(4) if mask else b"") + payload  # a mask of zeros changes nothing


@dataclass
class Connection:
    """One connection, and what came over it."""

    raw: socket.socket
    received: bytes = b""
    is_over: bool = False
    """Whether the server has hung up."""

    def send(self, data: bytes) -> None:
        try:
            self.raw.sendall(data)
        except OSError:  # it had enough
            self.is_over = True

    def receive(self) -> bool:
        """Whether there was anything more."""
        try:
            data = self.raw.recv(1 << 16)
        except ConnectionError:
            data = b""
        self.received += data
        self.is_over = not data
        return bool(data)

    def status(self) -> int:
        """The status of the answer, once it is there; 0 where the server hangs up without one."""
        while b"\r\n\r\n" not in self.received:
            if not self.receive():
                return 0
        status = int(self.received.split()[1])
        if status == 100:  # "Continue": the answer follows
            self.received = self.received.partition(b"\r\n\r\n")[2]
            return self.status()
        return status

    def read_to_end(self) -> bytes:
        """Whatever else comes until the server hangs up; what followed the head of the answer."""
        while self.receive():
            pass
        return self.received.partition(b"\r\n\r\n")[2]

    def reset(self) -> None:
        """Leave without a goodbye."""
        self.raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.raw.close()


@dataclass
class Site:
    """The site under one server."""

    server: str
    port: int
    log_file: Path
    _numbers: Iterator[int] = field(default_factory=count)

    def case(self) -> str:
        """A name that no other test uses."""
        return f"case-{next(self._numbers)}"

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as raw:
            yield Connection(raw)

    def websocket(self, connection: Connection, target: str) -> None:
        """Complete the handshake."""
        connection.send(handshake(target))
        assert connection.status() == 101
        assert connection.received.endswith(b"\r\n\r\n")

    def noted(self, case: str) -> list[str]:
        with self.connection() as connection:
            connection.send(head("GET", f"/noted/{case}", "Connection: close"))
            assert connection.status() == 200
            body = connection.read_to_end()
        notes: list[str] = json.loads(body[body.index(b"[") : body.rindex(b"]") + 1])
        return notes

    def closed(self, case: str) -> list[str]:
        """What happened in *case*, once all that was opened is closed."""
        return self.when(case, _is_closed)

    def when(self, case: str, holds: Any) -> list[str]:
        """What happened in *case*, once it *holds*."""
        end = time.monotonic() + PATIENCE
        while not holds(notes := self.noted(case)):
            assert time.monotonic() < end, notes
            time.sleep(0.01)
        return notes

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def when_logged(self, text: str) -> str:
        """The log, once *text* is in it and what began to be written is complete."""
        end = time.monotonic() + PATIENCE
        while text not in (log := self.log()) or not log.endswith("\n"):
            assert time.monotonic() < end, log[-5000:]
            time.sleep(0.01)
        return log

    def wait_until_up(self, process: "subprocess.Popen[bytes]") -> None:
        end = time.monotonic() + PATIENCE
        while True:
            assert process.poll() is None, self.log()
            try:
                self.noted("nothing")
            except (OSError, AssertionError):
                assert time.monotonic() < end, self.log()
                time.sleep(0.05)
            else:
                return


def _is_closed(notes: list[str]) -> bool:
    opened = sum(each.startswith("+") for each in notes)
    return opened == sum(each.startswith("-") for each in notes)
