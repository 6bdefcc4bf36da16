"""By hand, calling the generators' own methods: what a compiler of graphs can emit at best.

It promises less than the others: exits are not shielded, and a failure is delivered to each
generator without regard to what the others make of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks.engines.ladder import climb
from benchmarks.graphs import Graph

__all__ = ["call_of"]

Call = Callable[[], Awaitable[Any]]


def call_of(name: str, graph: Graph) -> Call:
    """The graph called *name*, as a function without arguments."""
    return _WRITTEN[name](graph)


def _one(graph: Graph) -> Call:
    open_connection, handle = graph.copies()

    async def call():
        opened = open_connection()
        connection = await opened.__anext__()
        try:
            result = await handle(connection)
        except BaseException as error:
            await _deliver(error, opened)
            raise
        try:
            await opened.__anext__()
        except StopAsyncIteration:
            return result
        raise RuntimeError("yielded twice")

    return call


def _chain(graph: Graph) -> Call:
    read_settings, open_connection, open_session, make_repository, handle = graph.copies()

    async def call():
        opened = beginning = None
        try:
            settings = await read_settings()
            opened = open_connection(settings)
            connection = await opened.__anext__()
            beginning = open_session(connection)
            session = await beginning.__anext__()
            result = await handle(await make_repository(session))
        except BaseException as error:
            await _deliver(error, beginning, opened)
            raise
        try:
            await beginning.__anext__()
        except StopAsyncIteration:
            pass
        else:
            raise RuntimeError("yielded twice")
        try:
            await opened.__anext__()
        except StopAsyncIteration:
            return result
        raise RuntimeError("yielded twice")

    return call


def _chain_with_function(graph: Graph) -> Call:
    read_settings, open_connection, open_session, make_repository, handle = graph.copies()

    async def call():
        opened = beginning = None
        try:
            settings = read_settings()
            opened = open_connection(settings)
            connection = await opened.__anext__()
            beginning = open_session(connection)
            session = await beginning.__anext__()
            result = await handle(await make_repository(session))
        except BaseException as error:
            await _deliver(error, beginning, opened)
            raise
        try:
            await beginning.__anext__()
        except StopAsyncIteration:
            pass
        else:
            raise RuntimeError("yielded twice")
        try:
            await opened.__anext__()
        except StopAsyncIteration:
            return result
        raise RuntimeError("yielded twice")

    return call


def _ten(graph: Graph) -> Call:
    open_connection, a, b, c, d, e, f, g, h, i, j, handle = graph.copies()

    async def call():
        opened = open_connection()
        connection = await opened.__anext__()
        try:
            result = await handle(
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
        except BaseException as error:
            await _deliver(error, opened)
            raise
        try:
            await opened.__anext__()
        except StopAsyncIteration:
            return result
        raise RuntimeError("yielded twice")

    return call


def _ladder(graph: Graph) -> Call:
    open_connection, *steps, handle = graph.copies()
    climb_all = climb(steps)

    async def call():
        opened = open_connection()
        connection = await opened.__anext__()
        try:
            result = await handle(await climb_all(connection))
        except BaseException as error:
            await _deliver(error, opened)
            raise
        try:
            await opened.__anext__()
        except StopAsyncIteration:
            return result
        raise RuntimeError("yielded twice")

    return call


async def _deliver(error: BaseException, *opened: Any) -> None:
    for generator in opened:
        if generator is not None:
            try:
                await generator.athrow(error)
            except BaseException as other:
                if other is not error:
                    raise


_WRITTEN: dict[str, Callable[[Graph], Call]] = {
    "one async generator": _one,
    "chain of 4": _chain,
    "chain of 4, one of them def": _chain_with_function,
    "10 over one async generator": _ten,
    "ladder of 40 diamonds": _ladder,
}
