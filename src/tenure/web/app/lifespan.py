"""Lifespans: of an application, of the routers it includes, of the applications it mounts."""

from __future__ import annotations

import contextlib
import inspect
import warnings
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, Final

from starlette.routing import BaseRoute, Host, Mount

from tenure.errors import TenureWarning
from tenure.text.names import name_of, place_of

__all__ = [
    "Lifespan",
    "Watched",
    "lifespan_of",
    "merged",
    "mounted_application",
    "mounted_router",
    "of_handlers",
    "with_mounted",
]

State = Mapping[str, Any] | None
Lifespan = Callable[[Any], AbstractAsyncContextManager[Any]]
Handlers = list[Callable[[], Any]]

_MOST_MIDDLEWARE: Final = 100
"""How much of it is looked through, one that wraps itself included."""


def lifespan_of(declared: Callable[[Any], Any]) -> Lifespan:
    """What was given as ``lifespan=``: a context manager function, or a bare generator."""
    if inspect.isasyncgenfunction(declared):
        return contextlib.asynccontextmanager(declared)
    if inspect.isgeneratorfunction(declared):
        return _from_sync(contextlib.contextmanager(declared))
    wrapped = getattr(declared, "__wrapped__", None)
    code = getattr(declared, "__code__", None)
    if (
        code is not None
        and code.co_filename == contextlib.__file__
        and inspect.isgeneratorfunction(wrapped)
    ):
        if code.co_qualname.startswith("asynccontextmanager"):
            warnings.warn(
                f"The lifespan {name_of(wrapped)} ({place_of(wrapped)}) is a plain def under "
                "@asynccontextmanager. It runs, but write async def.",
                TenureWarning,
                stacklevel=5,
            )
        return _from_sync(contextlib.contextmanager(wrapped))
    return declared


def _from_sync(
    manager: Callable[[Any], contextlib.AbstractContextManager[State]],
) -> Lifespan:
    @contextlib.asynccontextmanager
    async def lifespan(app: Any) -> AsyncGenerator[State]:
        with manager(app) as state:
            yield state

    return lifespan


def of_handlers(startup: Handlers, shutdown: Handlers) -> Lifespan:
    """The lifespan of a router that has none of its own: its event handlers."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: Any) -> AsyncGenerator[State]:
        for handler in startup:
            await _called(handler)
        yield None
        for handler in shutdown:
            await _called(handler)

    return lifespan


async def _called(handler: Callable[[], Any]) -> None:
    result = handler()
    if isinstance(result, Awaitable):
        await result


def merged(outer: Lifespan, inner: Lifespan) -> Lifespan:
    """*inner* within *outer*; where both yield state, the outer one's wins."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Any) -> AsyncGenerator[State]:
        async with outer(app) as outer_state, inner(app) as inner_state:
            if outer_state is None and inner_state is None:
                yield None
            else:
                yield {**(inner_state or {}), **(outer_state or {})}

    return lifespan


class Watched:
    """A lifespan that knows whether it is running: one application's, whoever declared what."""

    def __init__(self, original: Lifespan) -> None:
        self.original = original
        self.running = 0

    @contextlib.asynccontextmanager
    async def __call__(self, app: Any) -> AsyncGenerator[State]:
        """Run it."""
        async with self.original(app) as state:
            self.running += 1
            try:
                yield state
            finally:
                self.running -= 1


def with_mounted(
    own: Lifespan, routes: Sequence[BaseRoute], declared: Any, above: tuple[Any, ...]
) -> Lifespan:
    """*own* with the lifespans of mounted applications inside it, in the order of mounting.

    One that *own* runs itself, as programs had to, or that was *declared* as this one's, is left
    alone, and so is a router that is mounted in itself: one of those *above*.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: Any) -> AsyncGenerator[State]:
        mounted = [_watched(route) for route in routes if mounted_router(route, above) is not None]
        async with AsyncExitStack() as stack:
            state = await stack.enter_async_context(own(app))
            below: dict[str, Any] = {}
            for mounted_app, router, watched in mounted:
                if watched.running or _is_declared(declared, router, watched):
                    continue
                nested = getattr(router, "complete_lifespan", None)
                context: Lifespan = (
                    nested(above)
                    if nested is not None
                    else with_mounted(watched, router.routes, None, (*above, router))
                )
                found = await stack.enter_async_context(context(mounted_app))
                below = {**(found or {}), **below}
            yield {**below, **(state or {})} if below else state

    return lifespan


def _is_declared(declared: Any, router: Any, watched: Watched) -> bool:
    """Whether *declared* is the lifespan of *router* itself, not a function that both declare."""
    own = getattr(router, "_declared_lifespan", None)
    return watched.original is declared and own is not declared


def mounted_router(route: BaseRoute, above: tuple[Any, ...] = ()) -> Any:
    """The router of the application that *route* mounts, if it has a lifespan.

    None for one of those *above*, which is mounted in itself.
    """
    app = mounted_application(route)
    router = getattr(app, "router", app)
    if any(router is each for each in above):
        return None
    return router if hasattr(router, "lifespan_context") else None


def mounted_application(route: BaseRoute) -> Any:
    """The application that *route* mounts, without the middleware around it; None if none."""
    if not isinstance(route, Mount | Host):
        return None
    mounted = app = getattr(route, "_base_app", route.app)
    for _ in range(_MOST_MIDDLEWARE):
        if app is None or hasattr(app, "routes"):
            break
        app = getattr(app, "app", None)
    return mounted if app is None else app


def _watched(route: BaseRoute) -> tuple[Any, Any, Watched]:
    router = mounted_router(route)
    if not isinstance(router.lifespan_context, Watched):
        router.lifespan_context = Watched(router.lifespan_context)
    return mounted_application(route), router, router.lifespan_context
