"""The unit of work that the dependencies of one test belong to."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable
from typing import Any

from tenure.container import Container, UnitOfWork

__all__ = ["TestUnit"]


class TestUnit:
    """One unit of work, open from the first value that is asked for to the last that is left."""

    __test__ = False

    def __init__(self, container: Container | None) -> None:
        self._container = container if container is not None else Container()
        self._scope: UnitOfWork | None = None

    @contextlib.asynccontextmanager
    async def value(self, dependency: Callable[..., Any]) -> AsyncGenerator[Any]:
        """The value of *dependency*; what it needs of scope "app" is there meanwhile."""
        if self._scope is not None:
            yield await self._scope.get(dependency)
            return
        async with self._container, self._container.scope() as scope:
            self._scope = scope
            try:
                yield await scope.get(dependency)
            finally:
                self._scope = None
