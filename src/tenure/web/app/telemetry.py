"""When an application gets its telemetry, which is imported for it only then."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from tenure.web.app.companions import Accompanied

if TYPE_CHECKING:
    from tenure.web.telemetry import TelemetryConfig

__all__ = ["checked_config", "with_telemetry"]


def checked_config(config: TelemetryConfig | None) -> TelemetryConfig | None:
    """The option ``telemetry``; raises what keeps it from being used."""
    if config is None:
        return None
    import_module("tenure.web.telemetry")  # which says what to install

    if not isinstance(config, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"telemetry={config!r} is no dict of options, such as {{'tracing': False}}")
    return config


def with_telemetry(app: Accompanied, stack: ASGIApp, config: TelemetryConfig | None) -> ASGIApp:
    """*stack*, all that *app* consists of, behind what tells OpenTelemetry of it.

    Without a *config* that is settled at the first request, when the program has had the time to
    set providers: where nothing has imported OpenTelemetry by then, there is nobody to tell.
    """
    if config is None and not _is_in_use():
        return _Undecided(app, stack)
    from tenure.web.telemetry.server import Telemetry

    return Telemetry(app, stack, config)


def _is_in_use() -> bool:
    if "opentelemetry.trace" in sys.modules:
        return True
    return os.environ.get("FASTAPI_OTEL_AUTO_CONFIGURE", "").lower() == "true"


class _Undecided:
    """In front of an application until its first request."""

    def __init__(self, app: Accompanied, stack: ASGIApp) -> None:
        self._app = app
        self._stack = stack

    async def __call__(self, asgi_scope: AsgiScope, receive: Receive, send: Send) -> None:
        stack = self._stack
        if asgi_scope["type"] in ("http", "websocket"):
            if _is_in_use():
                stack = with_telemetry(self._app, stack, None)
            if self._app.middleware_stack is self:
                self._app.middleware_stack = stack
        await stack(asgi_scope, receive, send)
