"""An application with telemetry: what stands in front of all its middleware."""

from __future__ import annotations

import threading
from collections.abc import Awaitable

from opentelemetry import context as contexts
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from tenure.web.app.companions import Accompanied
from tenure.web.telemetry.automatic import Exporters
from tenure.web.telemetry.config import Settings, TelemetryConfig
from tenure.web.telemetry.dependencies import ApplicationSpans, tell_of_dependency
from tenure.web.telemetry.operations import Operations
from tenure.web.telemetry.paths import PathOfRoute
from tenure.web.telemetry.served import Served
from tenure.web.telemetry.signals import Providers, Signals

__all__ = ["Telemetry"]


class Telemetry:
    """Tells of what *stack*, all that *app* consists of, does.

    While there is nobody to tell, requests pass by. The first that is told of has the routes
    compiled with what tells of their parts.
    """

    def __init__(self, app: Accompanied, stack: ASGIApp, config: TelemetryConfig | None) -> None:
        self._app = app
        self._stack = stack
        self._settings = Settings.of(config)
        self._providers = Providers(self._settings)
        self._exporters = Exporters(self._settings)
        self._is_looking = False
        """Whether what is of scope "app" is told of."""
        self._lock = threading.Lock()

    def __call__(self, asgi_scope: AsgiScope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one connection; no coroutine of its own, so that it leaves no frame if unused."""
        kind = asgi_scope["type"]
        if kind not in ("http", "websocket"):
            return self._live(asgi_scope, receive, send)
        if "tenure.telemetry" in asgi_scope:  # an application around this one tells of it
            self._look_inside(outermost=False)
            return self._stack(asgi_scope, receive, send)
        exclude = self._settings.exclude
        signals = None
        if exclude is None or not exclude(asgi_scope):
            signals = self._providers.current()
        if signals is None:
            return self._stack(asgi_scope, receive, send)
        self._look_inside(outermost=True)
        return self._serve(signals, asgi_scope, receive, send)

    async def _serve(
        self, signals: Signals, asgi_scope: AsgiScope, receive: Receive, send: Send
    ) -> None:
        served = Served(signals, asgi_scope, PathOfRoute(self._app.router, asgi_scope))
        asgi_scope["tenure.telemetry"] = served

        async def receiving() -> Message:
            message = await receive()
            if message["type"] == "http.disconnect":
                served.client_has_left()
            return message

        async def sending(message: Message) -> None:
            served.is_sending(message)
            try:
                await send(message)
            except OSError:
                served.client_has_left()
                raise
            served.has_sent(message)

        outside = contexts.get_current()
        contexts.attach(served.context)
        try:
            await self._stack(asgi_scope, receiving, sending)
        except BaseException as error:
            served.failed(error)
            raise
        else:
            served.returned()
        finally:
            served.over()
            contexts.attach(outside)

    async def _live(self, asgi_scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Run the lifespan."""
        await self._exporters.start()
        if self._providers.current() is not None:
            self._look_inside(outermost=True)

        async def sending(message: Message) -> None:
            if message["type"].startswith("lifespan.shutdown."):
                await self._exporters.flush()  # before the server ends the process
            await send(message)

        await self._stack(asgi_scope, receive, sending)

    def _look_inside(self, *, outermost: bool) -> None:
        """Have the routes tell of their parts from now on; *outermost*, the application too."""
        container = self._app.container
        if self._app.companion is None:
            with self._lock:
                if self._app.companion is None:
                    container.observe(tell_of_dependency)
                    self._app.companion = Operations()
                    container.observers.renew()
        if outermost and not self._is_looking:
            with self._lock:
                if not self._is_looking:
                    container.observe(ApplicationSpans(self._providers))
                    self._is_looking = True
