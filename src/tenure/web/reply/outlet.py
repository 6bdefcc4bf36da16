"""The way out for a stream that is silent at times: a word in between keeps the line open."""

from __future__ import annotations

from typing import Final

import anyio
from starlette.types import Message, Send

__all__ = ["PING_INTERVAL", "Outlet"]

PING_INTERVAL: Final = 15.0
"""Seconds without a message after which a comment is sent."""


class Outlet:
    """Sends messages one at a time, and a comment whenever there was none for a while."""

    def __init__(self, send: Send, comment: bytes) -> None:
        self._send = send
        self._comment = comment
        self._lock = anyio.Lock(fast_acquire=True)
        """Held while a message is handed to the server, which takes one at a time."""
        self._last = anyio.current_time()
        self._is_open = False
        """Whether the response has begun and has not ended."""

    async def send(self, message: Message) -> None:
        """Pass *message* on."""
        async with self._lock:
            self._is_open = bool(message.get("more_body", False))
            await self._send(message)
            self._is_open = self._is_open or message["type"] == "http.response.start"
            self._last = anyio.current_time()

    async def keep_alive(self) -> None:
        """Send the comment whenever nothing was sent for the interval; until cancelled."""
        while True:
            left = self._last + PING_INTERVAL - anyio.current_time()
            await anyio.sleep(max(left, 0))  # it waits for the lock at times
            async with self._lock:
                if not self._is_open:
                    self._last = anyio.current_time()
                elif anyio.current_time() >= self._last + PING_INTERVAL:
                    message = {"type": "http.response.body", "body": self._comment}
                    await self._send({**message, "more_body": True})
                    self._last = anyio.current_time()
