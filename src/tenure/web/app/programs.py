"""The compiled plans of one endpoint: the declared one, and one for each set of overrides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from tenure.container import Program, compile_graph
from tenure.errors import GraphError
from tenure.graph.builder import build_graph
from tenure.graph.nodes import Graph
from tenure.plan.planner import Shape
from tenure.plan.runtime import Hooks
from tenure.web.bind.binder import HttpBinder
from tenure.web.bind.body import BodyPlan
from tenure.web.params import Depends

__all__ = ["Compiled", "EndpointPrograms"]

Overrides = Mapping[Callable[..., Any], Callable[..., Any]]

_KEPT_OVERRIDES = 16
"""How many sets of overrides keep their plans; a test suite uses few at a time."""


class Compiled(NamedTuple):
    """What serving a request needs."""

    program: Program
    body_plan: BodyPlan | None


class EndpointPrograms:
    """Checks an endpoint when it is declared, and compiles it when it is first needed."""

    def __init__(
        self,
        endpoint: Callable[..., Any],
        required: Sequence[Depends],
        make_binder: Callable[[], HttpBinder],
        shape: Shape,
        *,
        make_finish: Callable[[], Callable[[Any, Any], Any]] | None = None,
        deliver: Callable[[Any, Any], Any] | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._required = tuple(required)
        self._make_binder = make_binder
        self._shape = shape
        self._make_finish = make_finish
        self._deliver = deliver
        self._graph: tuple[Graph, HttpBinder] | None = None
        self._compiled: Compiled | None = None
        self._overridden: dict[Any, Compiled] = {}

    def check(self, *, names_may_follow: bool) -> None:
        """Read and check the graph, unless that is done.

        With *names_may_follow* a graph whose only faults are unknown names is left for later:
        a forward reference may be defined by the time the application starts.
        """
        if self._graph is not None:
            return
        try:
            graph = self._build({})
            if self._make_finish is not None:
                self._make_finish()
        except GraphError as error:
            only_names = all(fault.kind == "unresolved" for fault in error.faults)
            if not (names_may_follow and only_names):
                raise
        else:
            self._graph = graph

    def current(self, overrides: Overrides | None) -> Compiled:
        """The plan to run, with *overrides* in place of what they override."""
        if overrides:
            return self._with(overrides)
        compiled = self._compiled
        if compiled is None:
            self.check(names_may_follow=False)
            graph, binder = self._graph or self._build({})
            compiled = self._compiled = self._compile(graph, binder)
        return compiled

    def check_override(self, original: Callable[..., Any], overrides: Overrides) -> None:
        """Raise what would be wrong with *overrides*, if *original* is used here."""
        if self._graph is None:
            return
        graph, _ = self._graph
        if any(node.call == original for node in graph.nodes):
            self._build(overrides)

    def _with(self, overrides: Overrides) -> Compiled:
        key = tuple((original, id(call)) for original, call in overrides.items())
        compiled = self._overridden.get(key)
        if compiled is None:
            compiled = self._compile(*self._build(overrides))
            while len(self._overridden) >= _KEPT_OVERRIDES:
                del self._overridden[next(iter(self._overridden))]
            self._overridden[key] = compiled  # whose plan keeps what it calls alive
        return compiled

    def _build(self, overrides: Overrides) -> tuple[Graph, HttpBinder]:
        binder = self._make_binder()
        graph = build_graph(self._endpoint, binder, required=self._required, overrides=overrides)
        binder.prepare(graph)
        return graph, binder

    def _compile(self, graph: Graph, binder: HttpBinder) -> Compiled:
        finish = self._make_finish() if self._make_finish is not None else None
        hooks = Hooks(binder.reader, binder.reject, finish, self._deliver)
        return Compiled(compile_graph(graph, hooks, self._shape), binder.body_plan)
