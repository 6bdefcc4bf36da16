"""The path operation decorators, once for routers and applications."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeVar, Unpack

from tenure.web.app.options import RouteKeywords

__all__ = ["Verbs"]

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class Verbs:
    """``get``, ``post`` and so on; what they are on says how a route is added."""

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

    def api_route(
        self,
        path: str,
        *,
        methods: Collection[str] | None = None,
        **options: Unpack[RouteKeywords],
    ) -> Callable[[Endpoint], Endpoint]:
        """Serve *path* with the decorated function; GET where no *methods* are named."""

        def decorate(endpoint: Endpoint) -> Endpoint:
            self.add_api_route(path, endpoint, methods=methods, **options)
            return endpoint

        return decorate

    def get(self, path: str, **options: Unpack[RouteKeywords]) -> Callable[[Endpoint], Endpoint]:
        """Answer GET requests of *path* with the decorated function."""
        return self.api_route(path, methods=["GET"], **options)

    def put(self, path: str, **options: Unpack[RouteKeywords]) -> Callable[[Endpoint], Endpoint]:
        """Answer PUT requests of *path* with the decorated function."""
        return self.api_route(path, methods=["PUT"], **options)

    def post(self, path: str, **options: Unpack[RouteKeywords]) -> Callable[[Endpoint], Endpoint]:
        """Answer POST requests of *path* with the decorated function."""
        return self.api_route(path, methods=["POST"], **options)

    def delete(self, path: str, **options: Unpack[RouteKeywords]) -> Callable[[Endpoint], Endpoint]:
        """Answer DELETE requests of *path* with the decorated function."""
        return self.api_route(path, methods=["DELETE"], **options)

    def options(
        self, path: str, **options: Unpack[RouteKeywords]
    ) -> Callable[[Endpoint], Endpoint]:
        """Answer OPTIONS requests of *path* with the decorated function."""
        return self.api_route(path, methods=["OPTIONS"], **options)

    def head(self, path: str, **options: Unpack[RouteKeywords]) -> Callable[[Endpoint], Endpoint]:
        """Answer HEAD requests of *path* with the decorated function."""
        return self.api_route(path, methods=["HEAD"], **options)

    def patch(self, path: str, **options: Unpack[RouteKeywords]) -> Callable[[Endpoint], Endpoint]:
        """Answer PATCH requests of *path* with the decorated function."""
        return self.api_route(path, methods=["PATCH"], **options)

    def trace(self, path: str, **options: Unpack[RouteKeywords]) -> Callable[[Endpoint], Endpoint]:
        """Answer TRACE requests of *path* with the decorated function."""
        return self.api_route(path, methods=["TRACE"], **options)
