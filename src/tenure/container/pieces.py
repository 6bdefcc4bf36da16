"""One dependency as a unit of work of its own, for what outlives the unit that asked for it.

A *piece* is compiled like any other graph, so all that holds for exits holds for it too. What the
dependency itself depends on is read from the source; where the result would be delivered, the
piece waits to be closed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeVar

from tenure.container.programs import Program, compile_graph
from tenure.graph.inputs import NoInputs, Reader
from tenure.graph.nodes import Argument, Graph, InputUse, Node
from tenure.graph.outcome import OUTCOME
from tenure.graph.providers import provider_of
from tenure.observe.observers import Observers
from tenure.plan.planner import EXIT_TIMEOUT, Shape
from tenure.plan.runtime import Application, Hooks

__all__ = ["Kept", "Opening", "PieceSource", "Split", "compile_piece", "split_graph"]

T = TypeVar("T")

Opening = (
    Callable[..., AsyncIterator[T]]
    | Callable[..., Iterator[T]]
    | Callable[..., Awaitable[T]]
    | Callable[..., AbstractAsyncContextManager[T]]
    | Callable[..., AbstractContextManager[T]]
)
"""The dependencies whose value is not what the call itself returns."""


class PieceSource(Protocol):
    """What a piece is run with."""

    def value_of(self, node: Node) -> Any:
        """The value of a dependency of the piece."""
        ...

    async def keep(self, value: Any) -> None:
        """Take the value, and return when it is to be closed."""
        ...


def compile_piece(
    node: Node,
    *,
    exit_timeout: float | None = EXIT_TIMEOUT,
    interpreted: bool = False,
    observers: Observers | None = None,
) -> Program:
    """The program that opens *node* alone and holds it open in ``keep``."""
    root = Node(_value, replace(provider_of(_value), word=node.word), None, None, (), node.word)
    alone = replace(node, scope="request" if node.provider.kind.opens else None)
    alone.required = ()
    inputs: list[InputUse] = []
    alone.arguments = tuple(_from_source(each, alone, inputs) for each in node.arguments)
    root.arguments = (Argument("value", alone),)
    graph = Graph(root, (alone, root), tuple(inputs))
    opens = node.provider.kind.opens
    hooks = Hooks(_read_nodes, NoInputs().reject, deliver=_deliver if opens else None)
    shape = Shape(delivers=opens, keeps=opens, exit_timeout=exit_timeout)
    return compile_graph(
        graph,
        hooks,
        shape,
        interpreted=interpreted,
        observers=observers,
        lifetime=node.scope,
    )


def _from_source(argument: Argument, owner: Node, inputs: list[InputUse]) -> Argument:
    if argument.value is OUTCOME:
        return argument
    use = InputUse(argument.value, argument.name, owner)
    inputs.append(use)
    return Argument(argument.name, use)


async def _value(value: Any) -> Any:
    return value


def _read_nodes(uses: Sequence[InputUse]) -> Reader:
    """The reader of inputs that are the values of nodes."""
    nodes: tuple[Node, ...] = tuple(use.input for use in uses)
    return lambda source: tuple([source.value_of(node) for node in nodes])


async def _deliver(source: PieceSource, value: Any) -> None:
    await source.keep(value)


class Kept(NamedTuple):
    """What a unit of work opens once for all its calls."""

    node: Node
    program: Program | None
    """None for what is of scope "app", which the application has."""


class Split(NamedTuple):
    """A graph in two: what lasts as long as the unit of work, and what a call is done with."""

    kept: tuple[Kept, ...]
    rest: Program
    required: tuple[Node, ...]
    overridden: frozenset[Any]


def split_graph(
    graph: Graph,
    application: Callable[[Any], Application],
    *,
    exit_timeout: float | None = EXIT_TIMEOUT,
    interpreted: bool = False,
    observers: Observers | None = None,
) -> Split:
    """Part what is closed at the end of the unit of work from what is closed after the call."""
    narrow: set[Node] = {graph.root}
    for node in graph.nodes:
        if node.scope == "function" or any(each in narrow for each in node.dependencies()):
            narrow.add(node)
    users = [node for node in graph.nodes if node.scope != "app"]
    used = {below for node in users for below in node.dependencies()}
    piece = partial(
        compile_piece, exit_timeout=exit_timeout, interpreted=interpreted, observers=observers
    )
    kept = [
        Kept(node, None if node.scope == "app" else piece(node))
        for node in graph.nodes
        if node not in narrow and node in used
    ]
    rest = _cut([node for node in graph.nodes if node in narrow])
    hooks = Hooks(_read_either, NoInputs().reject, application=application)
    shape = Shape(exit_timeout=exit_timeout)
    program = compile_graph(rest, hooks, shape, interpreted=interpreted, observers=observers)
    return Split(tuple(kept), program, graph.root.required, graph.overridden)


def _cut(nodes: Sequence[Node]) -> Graph:
    """A graph of *nodes* alone, the root last; what else they need is read from the source."""
    copies: dict[Node, Node] = {}
    inputs: list[InputUse] = []
    for node in nodes:
        copy = copies[node] = replace(node, required=(), arguments=())
        copy.required = tuple(copies[each] for each in node.required if each in copies)
        arguments: list[Argument] = []
        for argument in node.arguments:
            value = argument.value
            if isinstance(value, Node) and value in copies:
                arguments.append(Argument(argument.name, copies[value]))
                continue
            if value is OUTCOME:
                arguments.append(argument)
                continue
            given = value if isinstance(value, Node) else value.input
            use = InputUse(given, argument.name, copy)
            inputs.append(use)
            arguments.append(Argument(argument.name, use))
        copy.arguments = tuple(arguments)
    made = tuple(copies.values())
    return Graph(made[-1], made, tuple(inputs))


def _read_either(uses: Sequence[InputUse]) -> Reader:
    """The reader of a call's arguments and of values of nodes."""

    def read(source: Any) -> tuple[Any, ...]:
        return tuple(
            [
                source.value_of(use.input)
                if isinstance(use.input, Node)
                else source.arguments[use.name]
                for use in uses
            ]
        )

    return read
