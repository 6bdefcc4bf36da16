"""What accompanies the routes of an application: it is put around what they compile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from starlette.routing import Router
from starlette.types import ASGIApp

from tenure.container import Container
from tenure.plan.runtime import Hooks
from tenure.web.bind.body import BodyPlan

__all__ = ["Accompanied", "Companion", "companion_of", "no_companion"]


class Companion(Protocol):
    """Sees what is done for requests; telemetry is one."""

    def around(
        self, endpoint: Callable[..., Any], hooks: Hooks, body_plan: BodyPlan | None
    ) -> tuple[Hooks, BodyPlan | None]:
        """What to compile with for *endpoint*."""
        ...


class Accompanied(Protocol):
    """An application whose routes may be accompanied."""

    companion: Companion | None
    middleware_stack: ASGIApp | None

    @property
    def container(self) -> Container:
        """Who observes what it opens."""
        ...

    @property
    def router(self) -> Router:
        """What it serves."""
        ...


def companion_of(provider: Any) -> Callable[[], Companion | None]:
    """What accompanies the routes of the application *provider*, asked at each compilation."""
    return lambda: getattr(provider, "companion", None)


def no_companion() -> None:
    """The companion of routes that have none."""
