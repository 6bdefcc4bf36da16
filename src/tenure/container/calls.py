"""The programs of called functions: made when first asked for, one for each set of overrides."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from tenure.container.application import Applications
from tenure.container.arguments import Arguments
from tenure.container.overriding import OverrideMap, Overriding
from tenure.container.pieces import Split, split_graph
from tenure.container.programs import Program, compile_graph
from tenure.errors import Fault, GraphError
from tenure.graph.builder import build_graph
from tenure.graph.markers import Depends
from tenure.graph.nodes import Graph, Node
from tenure.graph.providers import Provider, provider_of
from tenure.observe.observers import Observers
from tenure.plan.planner import Shape
from tenure.plan.runtime import Hooks, PlanFunction
from tenure.text.chains import draw_chain

__all__ = ["Calls"]

_MOST_PROGRAMS = 4096
"""How many functions a container keeps ready; each call of a new lambda or method is one."""


class Calls:
    """What one container runs."""

    def __init__(
        self,
        applications: Applications,
        overriding: Overriding,
        *,
        exit_timeout: float | None,
        interpreted: bool,
        observers: Observers,
    ) -> None:
        self._exit_timeout = exit_timeout
        self.quick: dict[Any, PlanFunction] = {}
        """The functions of programs that take no arguments, while nothing is overridden."""
        self._applications = applications
        self._overriding = overriding
        self._interpreted = interpreted
        self._observers = observers
        observers.inform(self)
        overriding.notify = self.quick.clear
        self._programs: dict[Hashable, Program] = {}
        self._splits: dict[Hashable, Split] = {}

    def observation_changed(self) -> None:
        """Look again which programs run; those of either kind are kept."""
        self.quick.clear()

    def eager(self) -> list[Node]:
        """What the known functions need of scope "app" that is not lazy."""
        return [node for program in self._programs.values() for node in program.graph.eager]

    def program(self, function: Callable[..., Any], given: frozenset[str]) -> Program:
        """What runs *function* when *given* arguments are passed, with the overrides that hold."""
        overrides = self._overriding.current()
        key = (function, given, _state(overrides), self._observers.is_active)
        try:
            program = self._programs.get(key)
        except TypeError:
            program = self._compile(function, given)  # cannot be hashed, so it cannot be kept
        else:
            if program is None:
                program = self._compile(function, given)
                self._keep(key, program)
            elif not (given or self._overriding.is_used):
                self.quick[function] = program.function
        if isinstance(overrides, OverrideMap):
            overrides.note(program.graph.overridden)
        return program

    def _keep(self, key: tuple[Any, frozenset[str], Hashable, bool], program: Program) -> None:
        while len(self._programs) >= _MOST_PROGRAMS:  # the oldest goes first
            oldest: Any = next(iter(self._programs))
            del self._programs[oldest]
            self.quick.pop(oldest[0], None)
        self._programs[key] = program
        if not key[1] and not self._overriding.is_used:
            self.quick[key[0]] = program.function

    def split(self, function: Callable[..., Any], given: frozenset[str]) -> tuple[Hashable, Split]:
        """The same in two parts, for a unit of work that is kept open, and the overrides' state."""
        return self._split((function, given), lambda: self._graph(function, given))

    def split_value(self, dependency: Callable[..., Any]) -> tuple[Hashable, Split]:
        """The parts of a unit of work that wants the value of *dependency* alone."""
        return self._split((dependency, None), lambda: self._value_graph(Depends(dependency)))

    def _split(self, key: Hashable, build: Callable[[], Graph]) -> tuple[Hashable, Split]:
        overrides = self._overriding.current()
        state = _state(overrides)
        kept_as = (key, state, self._observers.is_active)
        try:
            split = self._splits.get(kept_as)
        except TypeError:
            split = self._split_graph(build())
        if split is None:
            split = self._split_graph(build())
            while len(self._splits) >= _MOST_PROGRAMS:
                del self._splits[next(iter(self._splits))]
            self._splits[kept_as] = split
        if isinstance(overrides, OverrideMap):
            overrides.note(split.overridden)
        return state, split

    def _split_graph(self, graph: Graph) -> Split:
        return split_graph(
            graph,
            self._applications.current,
            exit_timeout=self._exit_timeout,
            interpreted=self._interpreted,
            observers=self._observers,
        )

    def shared_node(self, dependency: Callable[..., Any]) -> Node:
        """The node of *dependency* as one of scope "app"."""
        graph = self._value_graph(Depends(dependency, scope="app"))
        overrides = self._overriding.current()
        if isinstance(overrides, OverrideMap):
            overrides.note(graph.overridden)
        return graph.root.required[0]

    def _value_graph(self, marker: Depends) -> Graph:
        overrides = self._overriding.current()
        return build_graph(
            _nothing, Arguments(frozenset()), required=(marker,), overrides=overrides or {}
        )

    def _compile(self, function: Callable[..., Any], given: frozenset[str]) -> Program:
        graph, binder = self._graph(function, given), Arguments(given)
        hooks = Hooks(binder.reader, binder.reject, application=self._applications.current)
        shape = Shape(exit_timeout=self._exit_timeout)
        return compile_graph(
            graph, hooks, shape, interpreted=self._interpreted, observers=self._observers
        )

    def _graph(self, function: Callable[..., Any], given: frozenset[str]) -> Graph:
        if not callable(function):
            raise GraphError([_not_callable(function)])
        provider = provider_of(function)
        if provider.kind.opens:
            raise GraphError([_root_that_opens(function, provider)])
        unknown = given - {parameter.name for parameter in provider.parameters}
        if unknown:
            names = ", ".join(sorted(unknown))
            msg = f"{provider.name} ({provider.place}) takes no argument named {names}"
            raise TypeError(msg)
        graph = build_graph(function, Arguments(given), overrides=self._overriding.current() or {})
        ignored = given - {use.name for use in graph.inputs}
        if ignored:
            names = ", ".join(sorted(ignored))
            msg = (
                f"{provider.name} ({provider.place}) declares {names} with Depends, so it cannot "
                "be passed as an argument"
            )
            raise TypeError(msg)
        return graph


async def _nothing() -> None:
    """The root of a graph that is built for the sake of one dependency."""


def _state(overrides: Mapping[Any, Any] | None) -> Hashable:
    """Tells sets of overrides apart: the same functions for the same are the same set."""
    if overrides is None:
        return None
    return tuple((original, id(replacement)) for original, replacement in overrides.items())


def _not_callable(function: object) -> Fault:
    return Fault(
        "uncallable",
        f"{function!r} cannot be called.",
        "",
        "pass the function itself, not the result of a call",
    )


def _root_that_opens(function: Callable[..., Any], provider: Provider) -> Fault:
    return Fault(
        "root",
        f"{provider.name} ({provider.place}) yields, so its value would be closed before the "
        "caller gets it.",
        draw_chain([function]),
        "call a function that declares it with Depends",
    )
