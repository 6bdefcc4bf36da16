"""WebSocket routes: an endpoint with its dependencies, served over a WebSocket."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from starlette.routing import WebSocketRoute, compile_path
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from tenure.container import run_program
from tenure.plan.planner import Shape
from tenure.web.app.companions import companion_of
from tenure.web.app.endpoints import (
    endpoint_context,
    overrides_for,
    require_coroutine,
    route_name_of,
)
from tenure.web.app.leaving import run_while_there
from tenure.web.app.options import (
    Inherited,
    dependencies_of,
)
from tenure.web.app.programmed import Programmed
from tenure.web.app.programs import EndpointPrograms
from tenure.web.app.serving import answer_exception
from tenure.web.app.starting import application_for, observers_of, shape_for
from tenure.web.bind.binder import HttpBinder
from tenure.web.bind.exchange import Exchange, WebSocketExchange
from tenure.web.params import Depends

__all__ = ["APIWebSocketRoute"]

_WEBSOCKET = Shape(may_swallow=True)


class APIWebSocketRoute(Programmed, WebSocketRoute):
    """A WebSocket endpoint with dependencies; closed over when the endpoint returns."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        name: str | None = None,
        dependencies: Sequence[Depends] | None = None,
        dependency_overrides_provider: Any = None,
        cancel_on_disconnect: bool = False,
    ) -> None:
        self.path = path
        self.endpoint = endpoint
        self.name: str = name or route_name_of(endpoint)
        self.dependencies: list[Depends] = dependencies_of(dependencies)
        self.dependency_overrides_provider = dependency_overrides_provider
        self.cancel_on_disconnect = cancel_on_disconnect
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        require_coroutine(endpoint)
        self.renew()
        self.app = self._serve

    def renew(self) -> None:
        """Read ``dependencies``, to which one may have been added; raises ``GraphError``."""
        names = frozenset(self.param_convertors)
        context = endpoint_context(self.endpoint, self.path)
        provider = self.dependency_overrides_provider
        self._programs = EndpointPrograms(
            self.endpoint,
            self.dependencies,
            lambda: HttpBinder(names, is_websocket=True, endpoint_context=context),
            shape_for(_WEBSOCKET, provider),
            application=application_for(provider),
            observers=observers_of(provider),
            companion=companion_of(provider),
        )
        self._programs.check(names_may_follow=True)

    def under(self, inherited: Inherited) -> APIWebSocketRoute:
        """The route as it answers where its router is included."""
        return type(self)(
            inherited.prefix + self.path,
            self.endpoint,
            name=self.name,
            dependencies=[*inherited.dependencies, *self.dependencies],
            dependency_overrides_provider=inherited.overrides_provider,
            cancel_on_disconnect=self.cancel_on_disconnect,
        )

    async def _serve(self, asgi_scope: AsgiScope, receive: Receive, send: Send) -> None:
        exchange: Exchange = WebSocketExchange(asgi_scope, receive, send)
        try:
            compiled = self._programs.current(
                overrides_for(self.dependency_overrides_provider, asgi_scope)
            )
            run = partial(run_program, compiled.program, exchange)
            await (run_while_there(exchange, run) if self.cancel_on_disconnect else run())
        except Exception as error:  # handlers are looked up for every class
            # A disconnect that has cancelled is for the dependencies; nobody else need know.
            if error is not exchange.disconnect and not await answer_exception(exchange, error):
                raise
