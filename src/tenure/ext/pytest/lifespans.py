"""An application's lifespan on the loop that is running, as a server drives it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import copy_context
from types import TracebackType
from typing import Any, Self

from anyio import CancelScope, Event

from tenure.container.application import spawn

__all__ = ["RunningApplication"]

Message = MutableMapping[str, Any]
AsgiApplication = Callable[[Any, Any, Any], Awaitable[None]]


class RunningApplication:
    """An ASGI application while its lifespan runs: to be called with requests.

    The lifespan has a task of its own, as in a server, so a task group it holds is left in the
    task it was entered in. A failure to start is raised on entering, one to stop on leaving.
    """

    def __init__(self, app: AsgiApplication) -> None:
        self._app = app
        self._state: dict[str, Any] = {}
        self._tasks: set[Any] = set()
        self._started = Event()
        self._stopping = Event()
        self._stopped = Event()
        self._is_started = False
        self._error: BaseException | None = None

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        """Serve one request with the state that the lifespan has left."""
        await self._app({**scope, "state": dict(self._state)}, receive, send)

    async def __aenter__(self) -> Self:
        spawn(self._run, copy_context(), self._tasks)
        await self._started.wait()
        if self._error is not None:
            raise self._error
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopping.set()
        with CancelScope(shield=True):
            await self._stopped.wait()
        if self._error is not None:
            raise self._error

    async def _run(self) -> None:
        asgi_scope = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": self._state,
        }
        try:
            await self._app(asgi_scope, self._receive, self._send)
        except Exception as error:
            self._error = error
        finally:
            self._started.set()
            self._stopped.set()

    async def _receive(self) -> Message:
        if not self._is_started:
            self._is_started = True
            return {"type": "lifespan.startup"}
        await self._stopping.wait()
        return {"type": "lifespan.shutdown"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "lifespan.startup.complete":
            self._started.set()
