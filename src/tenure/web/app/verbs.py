"""The decorators that add routes, once for routers and applications."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar, Unpack

from tenure.web.app.options import RouteKeywords, options_of, route_keywords
from tenure.web.params import Depends

__all__ = ["Verbs"]

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class Verbs:
    """``get``, ``post`` and so on; what they are on says how a route is added."""

    @route_keywords
    def add_api_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: Collection[str] | None = None,
        **options: Unpack[RouteKeywords],
    ) -> None:
        """Serve *path* with *endpoint*; GET where no *methods* are named."""
        raise NotImplementedError

    @route_keywords
    def api_route(
        self,
        path: str,
        *,
        methods: Collection[str] | None = None,
        **options: Unpack[RouteKeywords],
    ) -> Callable[[Endpoint], Endpoint]:
        """Serve *path* with the decorated function; GET where no *methods* are named."""
        # Looked at here, so that a slip is shown where it is made.
        options_of(path, {"methods": methods, **options})

        def decorate(endpoint: Endpoint) -> Endpoint:
            self.add_api_route(path, endpoint, methods=methods, **options)
            return endpoint

        return decorate

    @route_keywords
    def get(self, path: str, **options: Unpack[RouteKeywords]) -> Callable[[Endpoint], Endpoint]:
        """Answer GET requests of *path* with the decorated function."""
        return self.api_route(path, methods=["GET"], **options)

    @route_keywords
    def put(self, path: str, **options: Unpack[RouteKeywords]) -> Callable[[Endpoint], Endpoint]:
        """Answer PUT requests of *path* with the decorated function."""
        return self.api_route(path, methods=["PUT"], **options)

    @route_keywords
    def post(self, path: str, **options: Unpack[RouteKeywords]) -> Callable[[Endpoint], Endpoint]:
        """Answer POST requests of *path* with the decorated function."""
        return self.api_route(path, methods=["POST"], **options)

    @route_keywords
    def delete(self, path: str, **options: Unpack[RouteKeywords]) -> Callable[[Endpoint], Endpoint]:
        """Answer DELETE requests of *path* with the decorated function."""
        return self.api_route(path, methods=["DELETE"], **options)

    @route_keywords
    def options(
        self, path: str, **options: Unpack[RouteKeywords]
    ) -> Callable[[Endpoint], Endpoint]:
        """Answer OPTIONS requests of *path* with the decorated function."""
        return self.api_route(path, methods=["OPTIONS"], **options)

    @route_keywords
    def head(self, path: str, **options: Unpack[RouteKeywords]) -> Callable[[Endpoint], Endpoint]:
        """Answer HEAD requests of *path* with the decorated function."""
        return self.api_route(path, methods=["HEAD"], **options)

    @route_keywords
    def patch(self, path: str, **options: Unpack[RouteKeywords]) -> Callable[[Endpoint], Endpoint]:
        """Answer PATCH requests of *path* with the decorated function."""
        return self.api_route(path, methods=["PATCH"], **options)

    @route_keywords
    def trace(self, path: str, **options: Unpack[RouteKeywords]) -> Callable[[Endpoint], Endpoint]:
        """Answer TRACE requests of *path* with the decorated function."""
        return self.api_route(path, methods=["TRACE"], **options)

    def add_api_websocket_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        name: str | None = None,
        *,
        dependencies: Sequence[Depends] | None = None,
        cancel_on_disconnect: bool = False,
    ) -> None:
        """Serve WebSockets at *path* with *endpoint*."""
        raise NotImplementedError

    def websocket(
        self,
        path: str,
        name: str | None = None,
        *,
        dependencies: Sequence[Depends] | None = None,
        cancel_on_disconnect: bool = False,
    ) -> Callable[[Endpoint], Endpoint]:
        """Serve WebSockets at *path* with the decorated function.

        *cancel_on_disconnect* cancels it, and the setup of its dependencies, when the client
        leaves; who waits for the client's next message gets ``WebSocketDisconnect`` instead, as
        always. Messages that were not read by then are lost.
        """

        def decorate(endpoint: Endpoint) -> Endpoint:
            self.add_api_websocket_route(
                path,
                endpoint,
                name,
                dependencies=dependencies,
                cancel_on_disconnect=cancel_on_disconnect,
            )
            return endpoint

        return decorate

    def route(
        self,
        path: str,
        methods: Collection[str] | None = None,
        name: str | None = None,
        include_in_schema: bool = True,
    ) -> Callable[[Endpoint], Endpoint]:
        """Serve *path* with a plain function of the request: Starlette's own kind of route."""

        def decorate(endpoint: Endpoint) -> Endpoint:
            starlettes: Any = self  # whose applications and routers name the parameters differently
            starlettes.add_route(path, endpoint, methods, name, include_in_schema)
            return endpoint

        return decorate

    def websocket_route(self, path: str, name: str | None = None) -> Callable[[Endpoint], Endpoint]:
        """Serve WebSockets with a plain function: Starlette's own kind of route."""

        def decorate(endpoint: Endpoint) -> Endpoint:
            starlettes: Any = self
            starlettes.add_websocket_route(path, endpoint, name=name)
            return endpoint

        return decorate
