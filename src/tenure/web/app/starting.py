"""The application scope of a web application: what is opened before its lifespan, closed after."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from starlette.routing import BaseRoute

from tenure.container import Container
from tenure.container.application import NotRunning
from tenure.graph.nodes import Node
from tenure.observe.observers import Observers
from tenure.plan.planner import Shape
from tenure.plan.runtime import Application
from tenure.web.app.inclusion import flat_frontends, flat_routes
from tenure.web.app.lifespan import mounted_application, mounted_router
from tenure.web.app.programmed import Programmed

__all__ = [
    "application_for",
    "application_scope",
    "mounted_containers",
    "mounted_observers",
    "observers_of",
    "shape_for",
]

_ALONE = NotRunning("serve the router as part of a tenure.web.App, which has an application scope")


def application_for(provider: Any) -> Callable[[Any], Application]:
    """Where the routes of the application *provider* find what is of scope "app"."""
    container = getattr(provider, "container", None)
    if isinstance(container, Container):
        return container.applications.current
    return lambda _exchange: _ALONE


def shape_for(shape: Shape, provider: Any) -> Shape:
    """*shape* with what the application *provider* says of the time that exits may take."""
    container = getattr(provider, "container", None)
    if not isinstance(container, Container) or container.exit_timeout == shape.exit_timeout:
        return shape
    return replace(shape, exit_timeout=container.exit_timeout)


def observers_of(provider: Any) -> Observers | None:
    """Who observes the routes of the application *provider*."""
    container = getattr(provider, "container", None)
    return container.observers if isinstance(container, Container) else None


@contextlib.asynccontextmanager
async def application_scope(
    asgi_scope: Mapping[str, Any], routes: Sequence[BaseRoute]
) -> AsyncGenerator[None]:
    """Run the application scope of the application whose lifespan *asgi_scope* is.

    Everything that *routes* declare with scope "app" is set up, unless it is lazy. Mounted
    applications share it while it runs, so that there is one instance however it is reached.
    """
    container = getattr(asgi_scope.get("app"), "container", None)
    if not isinstance(container, Container):
        yield
        return
    applications = container.applications
    await applications.enter(())
    borrowers: list[Container] = []
    try:
        borrowers.extend(
            mounted for mounted in mounted_containers(routes) if _lend(container, mounted)
        )
        container.observers.reach_parts()
        await applications.start(list(_eager_nodes(routes, asgi_scope)))
        yield
    finally:
        try:
            await applications.leave()
        finally:
            for borrower in borrowers:
                container.overriding.release(borrower.overriding)
                applications.take_back(borrower.applications)


def _lend(container: Container, mounted: Container) -> bool:
    """Let *mounted* use what *container* has, and its overrides; False if it has its own."""
    if mounted is container or not container.applications.lend(mounted.applications):
        return False
    container.overriding.reach(mounted.overriding)
    return True


def mounted_containers(
    routes: Sequence[BaseRoute], above: tuple[Any, ...] = ()
) -> Iterator[Container]:
    """Those of the applications that are mounted below *routes*."""
    for route in flat_routes(routes):
        container = getattr(mounted_application(route), "container", None)
        if isinstance(container, Container):
            yield container
        router = mounted_router(route, above)
        if router is not None:
            yield from mounted_containers(router.routes, (*above, router))


def mounted_observers(routes: Sequence[BaseRoute]) -> Iterator[Observers]:
    """Who observes the applications that are mounted below *routes*."""
    return (container.observers for container in mounted_containers(routes))


def _eager_nodes(
    routes: Sequence[BaseRoute], asgi_scope: Mapping[str, Any], above: tuple[Any, ...] = ()
) -> Iterator[Node]:
    """What is set up at the start, with the overrides that hold now, in declared order."""
    for route in flat_routes(routes):
        if isinstance(route, Programmed):
            yield from route.set_up_first(asgi_scope)
            continue
        router = mounted_router(route, above)
        if router is not None:
            app = mounted_application(route)
            own = getattr(app, "dependency_overrides", None)
            below = {**asgi_scope, "tenure.overrides": own} if own else asgi_scope
            routes_below = [*router.routes, *flat_frontends(router)]
            yield from _eager_nodes(routes_below, below, (*above, router))
