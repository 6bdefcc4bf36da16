"""By hand, without generators: what they open and close stands in ``try`` and ``finally``.

It is the least the machine can do, and how nobody wants to write: nothing can be used twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks.engines.ladder import climb
from benchmarks.graphs import Connection, Graph, Session

__all__ = ["call_of"]

Call = Callable[[], Awaitable[Any]]


def call_of(name: str, graph: Graph) -> Call:
    """The graph called *name*, as a function without arguments."""
    return _WRITTEN[name](graph)


def _one(graph: Graph) -> Call:
    note = graph.note
    _, handle = graph.copies()

    async def call():
        connection = Connection("items")
        note("open connection")
        try:
            return await handle(connection)
        finally:
            connection.is_open = False
            note("close connection")

    return call


def _chain(graph: Graph) -> Call:
    note = graph.note
    read_settings, _, _, make_repository, handle = graph.copies()

    async def call():
        settings = await read_settings()
        connection = Connection(settings["name"])
        note("open connection")
        try:
            session = Session(connection)
            note("open session")
            try:
                return await handle(await make_repository(session))
            finally:
                note("close session")
        finally:
            connection.is_open = False
            note("close connection")

    return call


def _chain_with_function(graph: Graph) -> Call:
    note = graph.note
    read_settings, _, _, make_repository, handle = graph.copies()

    async def call():
        settings = read_settings()
        connection = Connection(settings["name"])
        note("open connection")
        try:
            session = Session(connection)
            note("open session")
            try:
                return await handle(await make_repository(session))
            finally:
                note("close session")
        finally:
            connection.is_open = False
            note("close connection")

    return call


def _ten(graph: Graph) -> Call:
    note = graph.note
    _, a, b, c, d, e, f, g, h, i, j, handle = graph.copies()

    async def call():
        connection = Connection("items")
        note("open connection")
        try:
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
        finally:
            connection.is_open = False
            note("close connection")

    return call


def _ladder(graph: Graph) -> Call:
    note = graph.note
    _, *steps, handle = graph.copies()
    climb_all = climb(steps)

    async def call():
        connection = Connection("items")
        note("open connection")
        try:
            return await handle(await climb_all(connection))
        finally:
            connection.is_open = False
            note("close connection")

    return call


_WRITTEN: dict[str, Callable[[Graph], Call]] = {
    "one async generator": _one,
    "chain of 4": _chain,
    "chain of 4, one of them def": _chain_with_function,
    "10 over one async generator": _ten,
    "ladder of 40 diamonds": _ladder,
}
