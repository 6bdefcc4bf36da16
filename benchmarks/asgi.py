"""Calls an ASGI application in process, as a server would."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["Asked", "Call"]


class Asked:
    """A request, the same every time."""

    def __init__(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> None:
        self.body = body
        sent = {"host": "testserver", "user-agent": "benchmark", "accept": "*/*", **(headers or {})}
        if body:
            sent |= {"content-type": "application/json", "content-length": str(len(body))}
        self._headers = [(name.encode(), value.encode()) for name, value in sent.items()]
        self._template = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 8000),
        }

    def asgi_scope(self) -> dict[str, Any]:
        """A new one: applications write into it."""
        return {**self._template, "headers": self._headers, "state": {}}


class Call:
    """One request on its way: what the application reads from and writes to."""

    __slots__ = ("_asked", "_is_read", "messages")

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._is_read = False
        self.messages: list[Any] = []

    async def receive(self) -> dict[str, Any]:
        if self._is_read:
            return {"type": "http.disconnect"}
        self._is_read = True
        return {"type": "http.request", "body": self._asked.body, "more_body": False}

    async def send(self, message: Any) -> None:
        self.messages.append(message)

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def content(self) -> Any:
        return json.loads(b"".join(each.get("body", b"") for each in self.messages[1:]))
