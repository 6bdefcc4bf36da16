"""The dependency graphs of the engine's comparison, in no framework's terms.

Each graph is a list of plain functions that know the names of what they need. A contender makes
them its own (``Node.copy``): every contender runs the same code, in a code object of its own, so
that what the interpreter learns about it in one framework does not help or hinder another.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["GRAPHS", "Connection", "Graph", "Node", "Note", "Session"]

Note = Callable[[str], object]
"""Told what is opened and closed. The timed code calls it too: what is timed is what was
checked, except that the notes are kept while checking."""

Kind = Literal["async generator", "coroutine", "function"]

STEPS = 40


class Connection:
    """What the generators open."""

    __slots__ = ("is_open", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_open = True


class Session:
    __slots__ = ("connection",)

    def __init__(self, connection: Connection) -> None:
        self.connection = connection


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One dependency: its function, its kind, and which node fills which parameter."""

    name: str
    kind: Kind
    function: Any
    needs: dict[str, Node] = field(default_factory=dict)

    def copy(self, **annotations: Any) -> Any:
        """The function once more, with a contender's own *annotations*."""
        original = self.function
        code = original.__code__.replace(co_name=self.name, co_qualname=self.name)
        copied = types.FunctionType(
            code, original.__globals__, self.name, None, original.__closure__
        )
        copied.__module__ = original.__module__
        copied.__annotations__ = annotations
        return copied


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Nodes in an order in which each stands behind what it needs; the root is last."""

    nodes: tuple[Node, ...]
    result: Any
    """What the root returns."""
    events: tuple[str, ...]
    """What is noted, in order."""
    note: Note
    unsolvable: dict[str, str] = field(default_factory=dict)
    """Contenders that cannot run this graph, and why."""

    @property
    def root(self) -> Node:
        return self.nodes[-1]

    def copies(self) -> list[Any]:
        """A copy of every node's function in order, for code written by hand."""
        return [node.copy() for node in self.nodes]


def one_generator(note: Note) -> Graph:
    async def open_connection():
        connection = Connection("items")
        note("open connection")
        try:
            yield connection
        finally:
            connection.is_open = False
            note("close connection")

    async def handle(connection):
        return connection.is_open

    connection = Node("open_connection", "async generator", open_connection)
    root = Node("handle", "coroutine", handle, {"connection": connection})
    return Graph((connection, root), True, ("open connection", "close connection"), note)


def chain(note: Note) -> Graph:
    """Four levels: settings, connection, session, repository; the middle two are generators."""

    async def read_settings():
        return {"name": "items"}

    return _chain(note, Node("read_settings", "coroutine", read_settings))


def chain_with_function(note: Note) -> Graph:
    """The same with a plain function for the settings."""

    def read_settings():
        return {"name": "items"}

    return _chain(note, Node("read_settings", "function", read_settings))


def _chain(note: Note, settings: Node) -> Graph:
    async def open_connection(settings):
        connection = Connection(settings["name"])
        note("open connection")
        try:
            yield connection
        finally:
            connection.is_open = False
            note("close connection")

    async def open_session(connection):
        session = Session(connection)
        note("open session")
        try:
            yield session
        finally:
            note("close session")

    async def make_repository(session):
        return session.connection

    async def handle(repository):
        return repository.is_open

    connection = Node("open_connection", "async generator", open_connection, {"settings": settings})
    session = Node("open_session", "async generator", open_session, {"connection": connection})
    repository = Node("make_repository", "coroutine", make_repository, {"session": session})
    root = Node("handle", "coroutine", handle, {"repository": repository})
    events = ("open connection", "open session", "close session", "close connection")
    return Graph((settings, connection, session, repository, root), True, events, note)


def ten_over_one(note: Note) -> Graph:
    """Ten dependencies that share one async generator."""

    async def part(connection):
        return connection

    async def handle(a, b, c, d, e, f, g, h, i, j):
        return a is b is c is d is e is f is g is h is i is j and a.is_open

    connection = one_generator(note).nodes[0]
    parts = [Node(f"part_{i}", "coroutine", part, {"connection": connection}) for i in range(10)]
    root = Node("handle", "coroutine", handle, dict(zip("abcdefghij", parts, strict=True)))
    return Graph((connection, *parts, root), True, ("open connection", "close connection"), note)


def ladder(note: Note) -> Graph:
    """Forty steps over one async generator; each takes the step before it twice."""

    async def step(left, right):
        return left if left is right else None

    async def handle(top):
        return top.is_open

    connection = one_generator(note).nodes[0]
    steps = [connection]
    for number in range(1, STEPS + 1):
        below = {"left": steps[-1], "right": steps[-1]}
        steps.append(Node(f"step_{number}", "coroutine", step, below))
    root = Node("handle", "coroutine", handle, {"top": steps[-1]})
    return Graph(
        (*steps, root),
        True,
        ("open connection", "close connection"),
        note,
        unsolvable={
            "FastAPI": "solves what is below before it looks for the kept value: 2 to the 40 calls",
            "Litestar": "a dependency is known by one name, so it cannot fill two parameters",
        },
    )


GRAPHS: dict[str, Callable[[Note], Graph]] = {
    "one async generator": one_generator,
    "chain of 4": chain,
    "chain of 4, one of them def": chain_with_function,
    "10 over one async generator": ten_over_one,
    "ladder of 40 diamonds": ladder,
}
