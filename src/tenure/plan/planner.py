"""From a graph to ordered steps."""

from __future__ import annotations

from dataclasses import dataclass

from tenure.graph.inputs import InputUse
from tenure.graph.nodes import Graph, Node
from tenure.plan.names import Names
from tenure.plan.steps import Call, Close, Deliver, Finish, Open, Plan, Read, Root, Step

__all__ = ["Shape", "make_plan"]


@dataclass(frozen=True, slots=True)
class Shape:
    """What surrounds the root of a plan."""

    finishes: bool = False
    """A result is made from what the root returns, before the function scope is closed."""
    delivers: bool = False
    """The result is handed over while the request scope is still open."""
    may_swallow: bool = False
    """No result is expected, so a dependency may swallow an exception."""


def make_plan(graph: Graph, shape: Shape) -> Plan:
    """The steps of one unit of work: read, open, call, close, in an order that nests."""
    return _Planner(graph, shape).plan()


class _Planner:
    def __init__(self, graph: Graph, shape: Shape) -> None:
        self._graph = graph
        self._shape = shape
        self._names = Names()
        self._variables: dict[Node | InputUse, str] = {}

    def plan(self) -> Plan:
        graph, shape = self._graph, self._shape
        word = graph.root.provider.word
        steps: list[Step] = []
        opened: list[Open] = []
        for node in wide_scopes_first(graph):
            steps.extend(self._reads(node))
            step = self._step(node)
            steps.append(step)
            if isinstance(step, Open):
                opened.append(step)
        steps.extend(self._reads(graph.root))
        steps.append(Root(graph.root, self._arguments(graph.root)))
        if shape.finishes:
            steps.append(Finish())
        wide = [step for step in opened if step.node.scope != "function"]
        narrow = [step for step in opened if step.node.scope == "function"]
        if narrow:
            steps.append(Close("function", tuple(reversed(narrow)), len(wide)))
        if shape.delivers:
            steps.append(Deliver())
        if wide:
            steps.append(Close("request", tuple(reversed(wide)), 0))
        return Plan(
            name=self._names.take(f"solve_{word}"),
            origin=graph.root.provider.place,
            steps=tuple(steps),
            inputs=graph.inputs,
            may_swallow=shape.may_swallow,
        )

    def _reads(self, node: Node) -> list[Read]:
        uses = tuple(
            argument.value for argument in node.arguments if isinstance(argument.value, InputUse)
        )
        for use in uses:
            self._variables[use] = self._names.take(use.name)
        return [Read(uses, tuple(self._variables[use] for use in uses))] if uses else []

    def _step(self, node: Node) -> Call | Open:
        arguments = self._arguments(node)
        target = self._variables[node] = self._names.take(node.word)
        if not node.provider.kind.opens:
            return Call(node, target, arguments)
        return Open(node, target, self._names.take(f"{target}_generator"), arguments)

    def _arguments(self, node: Node) -> tuple[tuple[str, str], ...]:
        return tuple((each.name, self._variables[each.value]) for each in node.arguments)


def wide_scopes_first(graph: Graph) -> list[Node]:
    """The dependencies in declared order, but all of scope "request" before any of "function".

    Then the scopes nest, however they were declared: what was opened last is closed first.
    Function-scoped generators, and what depends on them, move behind the last generator of
    scope "request"; nothing else moves. The rules of scopes make that possible: no
    request-scoped generator depends on a function-scoped one.
    """
    nodes = [node for node in graph.nodes if node is not graph.root]
    wide = [i for i, node in enumerate(nodes) if _opens_in(node, "request")]
    if not wide:
        return nodes
    last_wide = wide[-1]
    moving: set[Node] = set()
    for node in nodes[:last_wide]:
        if _opens_in(node, "function") or any(each in moving for each in node.dependencies()):
            moving.add(node)
    head, tail = nodes[: last_wide + 1], nodes[last_wide + 1 :]
    return [
        *(node for node in head if node not in moving),
        *(node for node in head if node in moving),
        *tail,
    ]


def _opens_in(node: Node, scope: str) -> bool:
    return node.provider.kind.opens and node.scope == scope
