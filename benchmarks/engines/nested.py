"""By hand, with ``async with``: the reference.

``contextlib.asynccontextmanager`` is applied once, when the functions are declared.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from anyio import to_thread

from benchmarks.engines.ladder import climb
from benchmarks.graphs import Graph

__all__ = ["call_of", "chain_with_thread"]

Call = Callable[[], Awaitable[Any]]


def call_of(name: str, graph: Graph) -> Call:
    """The graph called *name*, as a function without arguments."""
    return _WRITTEN[name](graph)


def _one(graph: Graph) -> Call:
    connecting, handle = graph.copies()
    open_connection = asynccontextmanager(connecting)

    async def call():
        async with open_connection() as connection:
            return await handle(connection)

    return call


def _chain(graph: Graph) -> Call:
    read_settings, connecting, beginning, make_repository, handle = graph.copies()
    open_connection, open_session = asynccontextmanager(connecting), asynccontextmanager(beginning)

    async def call():
        settings = await read_settings()
        async with open_connection(settings) as connection, open_session(connection) as session:
            repository = await make_repository(session)
            return await handle(repository)

    return call


def _chain_with_function(graph: Graph) -> Call:
    read_settings, connecting, beginning, make_repository, handle = graph.copies()
    open_connection, open_session = asynccontextmanager(connecting), asynccontextmanager(beginning)

    async def call():
        settings = read_settings()
        async with open_connection(settings) as connection, open_session(connection) as session:
            repository = await make_repository(session)
            return await handle(repository)

    return call


def chain_with_thread(graph: Graph) -> Call:
    """The chain with its plain function in a worker thread, where frameworks run it."""
    read_settings, connecting, beginning, make_repository, handle = graph.copies()
    open_connection, open_session = asynccontextmanager(connecting), asynccontextmanager(beginning)

    async def call():
        settings = await to_thread.run_sync(read_settings)
        async with open_connection(settings) as connection, open_session(connection) as session:
            repository = await make_repository(session)
            return await handle(repository)

    return call


def _ten(graph: Graph) -> Call:
    connecting, a, b, c, d, e, f, g, h, i, j, handle = graph.copies()
    open_connection = asynccontextmanager(connecting)

    async def call():
        async with open_connection() as connection:
            return await handle(
                await a(connection),
                await b(connection),
                await c(connection),
                await d(connection),
                await e(connection),
                await f(connection),
                await g(connection),
                await h(connection),
                await i(connection),
                await j(connection),
            )

    return call


def _ladder(graph: Graph) -> Call:
    connecting, *steps, handle = graph.copies()
    open_connection, climb_all = asynccontextmanager(connecting), climb(steps)

    async def call():
        async with open_connection() as connection:
            return await handle(await climb_all(connection))

    return call


_WRITTEN: dict[str, Callable[[Graph], Call]] = {
    "one async generator": _one,
    "chain of 4": _chain,
    "chain of 4, one of them def": _chain_with_function,
    "10 over one async generator": _ten,
    "ladder of 40 diamonds": _ladder,
}
