"""The connections that are being served: the application ends after them."""

from __future__ import annotations

import logging
from typing import Any, Final

import anyio
from starlette.types import Message, Receive

__all__ = ["Connections"]

_logger: Final = logging.getLogger("tenure.web")

_INTERVAL: Final = 0.01
"""Seconds between two looks at what is left; nobody is to pay for an event with each request."""


class Connections:
    """What is being served, from all event loops.

    A server that is told to stop cancels what its grace time did not suffice for, and ends the
    lifespan at once. What was cancelled is still being closed then, with the help of what the
    lifespan holds.
    """

    def __init__(self, patience: float | None) -> None:
        self._patience = patience
        """Seconds to wait for at the end, None for any time."""
        open_now: set[Any] = set()
        self.begin = open_now.add
        self.end = open_now.discard
        self._open = open_now

    async def receive_last(self, receive: Receive) -> Message:
        """The next message of a lifespan; the one that ends it when nothing is served any more."""
        message = await receive()
        if message["type"] == "lifespan.shutdown" and self._open:
            with anyio.move_on_after(self._patience):
                while self._open:  # noqa: ASYNC110 - an event would cost each request
                    await anyio.sleep(_INTERVAL)
            if self._open:
                _logger.error(
                    "%d connections are still served %s seconds after the server has stopped; "
                    "what they use is closed now",
                    len(self._open),
                    self._patience,
                )
        return message
