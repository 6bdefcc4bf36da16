"""From a graph to ordered steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from tenure.graph.markers import DEFAULT
from tenure.graph.nodes import Graph, InputUse, Node
from tenure.graph.outcome import OUTCOME
from tenure.plan.groups import concurrent_groups
from tenure.plan.hops import merge_hops
from tenure.plan.names import Names
from tenure.plan.steps import (
    Call,
    Close,
    Deliver,
    Finish,
    Open,
    Plan,
    Read,
    Root,
    Step,
    Take,
    Together,
)

__all__ = ["EXIT_TIMEOUT", "Shape", "make_plan"]


EXIT_TIMEOUT: Final = 60.0
"""Seconds that an exit may take where nobody says."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What surrounds the root of a plan."""

    finishes: bool = False
    """A result is made from what the root returns, before the function scope is closed."""
    delivers: bool = False
    """The result is handed over while the request scope is still open."""
    keeps: bool = False
    """It ends when the delivery lets it, not when the root has returned."""
    may_swallow: bool = False
    """No result is expected, so a dependency may swallow an exception."""
    in_thread: bool = True
    """Whether a ``def`` root is called in a worker thread."""
    exit_timeout: float | None = EXIT_TIMEOUT
    """Seconds that the exit of a dependency may take, unless its declaration says."""


def make_plan(graph: Graph, shape: Shape) -> Plan:
    """The steps of one unit of work: read, open, call, close, in an order that nests."""
    return _Planner(graph, shape).plan()


class _Planner:
    def __init__(self, graph: Graph, shape: Shape) -> None:
        self._graph = graph
        self._shape = shape
        self._names = Names()
        self._variables: dict[Any, str] = {OUTCOME: "outcome"}

    def plan(self) -> Plan:
        graph, shape = self._graph, self._shape
        steps: list[Step] = []
        opened: list[Open] = []
        taken = _taken(graph)
        later = {node for node in taken if node not in graph.eager}
        # What is there already first, so that steps in threads stay neighbours.
        steps.extend(self._take(node) for node in taken if node in graph.eager)
        for group in concurrent_groups(wide_scopes_first(graph)):
            if group[0].scope == "app":
                steps.extend(self._take(node) for node in group if node in later)
                continue
            for node in group:
                steps.extend(self._reads(node))
            slots = [self._slot(node) for node in group if _holds_slot(node)]
            steps += slots
            opened += slots
            made = [self._step(node) for node in group]
            if len(made) > 1:
                branches = [
                    replace(each, is_branch=True, exit_timeout=None)
                    for each in made
                    if isinstance(each, Open)
                ]
                steps.append(Together(tuple(made), tuple(branches)))
                opened += branches
                continue
            steps += made
            opened += [each for each in made if isinstance(each, Open)]
        steps.extend(self._ending(opened))
        return Plan(
            name=self._names.take(f"solve_{graph.root.provider.word}"),
            origin=graph.root.provider.place,
            steps=tuple(merge_hops(steps)),
            inputs=graph.inputs,
            keeps=shape.keeps,
            uses_outcome=any(_asks_for_outcome(node) for node in graph.nodes),
            may_swallow=shape.may_swallow,
        )

    def _ending(self, opened: list[Open]) -> Iterator[Step]:
        """The root, what is made of its result, and the exits."""
        root, shape = self._graph.root, self._shape
        root.in_thread = shape.in_thread
        yield from self._reads(root)
        yield Root(root, self._arguments(root))
        if shape.finishes:
            yield Finish()
        wide = [step for step in opened if step.node.scope != "function"]
        narrow = [step for step in opened if step.node.scope == "function"]
        if narrow:
            yield Close("function", tuple(reversed(narrow)), len(wide))
        if shape.delivers:
            yield Deliver()
        if wide:
            yield Close("request", tuple(reversed(wide)), 0)

    def _take(self, node: Node) -> Take:
        target = self._variables[node] = self._names.take(node.word)
        return Take(node, target)

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
        generator = self._names.take(f"{target}_generator")
        return Open(node, target, generator, arguments, exit_timeout=self._exit_timeout(node))

    def _exit_timeout(self, node: Node) -> float | None:
        declared = node.marker.exit_timeout if node.marker is not None else DEFAULT
        return self._shape.exit_timeout if declared == DEFAULT else declared

    def _slot(self, node: Node) -> Open:
        """What a generator with a limit takes before it is opened."""
        slot = self._names.take(f"{node.word}_slot")
        return Open(node, slot, slot, (), is_slot=True)

    def _arguments(self, node: Node) -> tuple[tuple[str, str], ...]:
        return tuple((each.name, self._variables[each.value]) for each in node.arguments)


def _asks_for_outcome(node: Node) -> bool:
    return any(argument.value is OUTCOME for argument in node.arguments)


def _taken(graph: Graph) -> list[Node]:
    """What is of scope "app" and used by something that is not, in the order of the graph."""
    if all(node.scope != "app" for node in graph.nodes):
        return []
    users = [node for node in graph.nodes if node.scope != "app"]
    used = {below for node in users for below in node.dependencies() if below.scope == "app"}
    return [node for node in graph.nodes if node in used]


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


def _holds_slot(node: Node) -> bool:
    return node.limit is not None and node.provider.kind.opens


def _opens_in(node: Node, scope: str) -> bool:
    return node.provider.kind.opens and node.scope == scope
