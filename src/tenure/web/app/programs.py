"""The compiled plans of one endpoint: the declared one, and one for each set of overrides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from tenure.container import Program, compile_graph
from tenure.container.overriding import OverrideMap
from tenure.errors import GraphError
from tenure.graph.builder import build_graph
from tenure.graph.nodes import Graph, Node
from tenure.observe.observers import Observers
from tenure.plan.planner import Shape
from tenure.plan.runtime import Application, Hooks, no_application
from tenure.web.app.companions import Companion, no_companion
from tenure.web.app.deferral import is_collected
from tenure.web.bind.binder import HttpBinder
from tenure.web.bind.body import BodyPlan
from tenure.web.params import Depends
from tenure.web.reply.ending import ending_of

__all__ = ["Compiled", "Declared", "EndpointPrograms"]

Overrides = Mapping[Callable[..., Any], Callable[..., Any]]

_KEPT_OVERRIDES = 16
"""How many sets of overrides keep their plans; a test suite uses few at a time."""

_NEVER: Final = object()
"""The state of overrides that do not say when they were changed; that of no others."""


class Compiled(NamedTuple):
    """What serving a request needs."""

    program: Program
    body_plan: BodyPlan | None


class Declared(NamedTuple):
    """What an endpoint takes, as it was declared: overrides aside."""

    graph: Graph
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
        status_of: Callable[[Any, Any], int | None] | None = None,
        application: Callable[[Any], Application] = no_application,
        observers: Observers | None = None,
        companion: Callable[[], Companion | None] = no_companion,
    ) -> None:
        self._endpoint = endpoint
        self._required = tuple(required)
        self._make_binder = make_binder
        self._shape = shape
        self._make_finish = make_finish
        self._finish: Callable[[Any, Any], Any] | None = None
        self._deliver = deliver
        self._status_of = status_of
        self._application = application
        self._observers = observers
        self._companion = companion
        self._graph: tuple[Graph, HttpBinder] | None = None
        self._compiled: Compiled | None = None
        self._overridden: dict[Any, Compiled] = {}
        self._latest: tuple[object, Compiled | None] = (_NEVER, None)
        """The state of the overrides that were asked for last, and what runs with them.

        None is the state where nothing is overridden.
        """

    def observation_changed(self) -> None:
        """Compile again before the next request."""
        self._compiled = None
        self._latest = (_NEVER, None)
        self._overridden.clear()

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
                self._finish = self._make_finish()
        except GraphError as error:
            only_names = all(fault.kind == "unresolved" for fault in error.faults)
            if not (names_may_follow and (only_names or is_collected(error))):
                raise
        else:
            self._graph = graph

    def declared(self) -> Declared:
        """What there is to say of the endpoint in documents."""
        self.check(names_may_follow=False)
        graph, binder = self._graph or self._build({})
        return Declared(graph, binder.body_plan)

    def current(self, overrides: Overrides | None) -> Compiled:
        """The plan to run, with *overrides* in place of what they override."""
        # One question, whether anything is overridden or not.
        known: Any = overrides
        try:
            state = None if known is None else known.state
        except AttributeError:  # a dictionary of somebody's own
            state = _NEVER
        latest, compiled = self._latest
        if latest is state and compiled is not None:
            return compiled
        if overrides:
            compiled = self._with(overrides)
            if isinstance(overrides, OverrideMap):
                overrides.note(compiled.program.graph.overridden)
        else:
            compiled = self._as_declared()
        if state is not _NEVER:  # else nobody knows when they were changed last
            self._latest = (state, compiled)
        return compiled

    def _as_declared(self) -> Compiled:
        compiled = self._compiled
        if compiled is None:
            self.check(names_may_follow=False)
            graph, binder = self._graph or self._build({})
            compiled = self._compiled = self._compile(graph, binder)
        return compiled

    def set_up_first(self, overrides: Overrides | None) -> Sequence[Node]:
        """What is of scope "app" and to be set up before the first request."""
        graph = self.current(overrides).program.graph if overrides else self.declared().graph
        return graph.eager

    def graph(self, overrides: Overrides) -> Graph:
        """What the endpoint depends on, with *overrides* in place of what they override."""
        return self._build(overrides)[0]

    def check_override(self, original: Callable[..., Any], overrides: Overrides) -> None:
        """Raise what would be wrong with *overrides*, if *original* is used here."""
        if self._graph is None:
            return
        graph, _ = self._graph
        if any(node.call == original for node in graph.nodes):
            self._build(overrides)

    def _with(self, overrides: Overrides) -> Compiled:
        if not self._has_any(overrides):
            return self._as_declared()
        key = tuple((original, id(call)) for original, call in overrides.items())
        compiled = self._overridden.get(key)
        if compiled is None:
            compiled = self._compile(*self._build(overrides))
            while len(self._overridden) >= _KEPT_OVERRIDES:
                del self._overridden[next(iter(self._overridden))]
            self._overridden[key] = compiled  # whose plan keeps what it calls alive
        return compiled

    def _has_any(self, overrides: Overrides) -> bool:
        """Whether any of *overrides* stands for something that is used here."""
        if self._graph is None:
            return True  # names are not known yet, perhaps those that an override does without
        graph, _ = self._graph
        return any(node.call in overrides for node in graph.nodes[:-1])  # the last is the root

    def _build(self, overrides: Overrides) -> tuple[Graph, HttpBinder]:
        binder = self._make_binder()
        graph = build_graph(self._endpoint, binder, required=self._required, overrides=overrides)
        binder.prepare(graph)
        return graph, binder

    def _compile(self, graph: Graph, binder: HttpBinder) -> Compiled:
        if self._finish is None and self._make_finish is not None:
            self._finish = self._make_finish()  # the check has found names that are not known
        if self._observers is not None:
            self._observers.inform(self)
        hooks = Hooks(
            binder.reader,
            binder.reject,
            self._finish,
            self._deliver,
            application=self._application,
            status_of=self._status_of,
            ending_of=ending_of,
        )
        body_plan, companion = binder.body_plan, self._companion()
        if companion is not None:
            hooks, body_plan = companion.around(self._endpoint, hooks, body_plan)
        program = compile_graph(graph, hooks, self._shape, observers=self._observers)
        return Compiled(program, body_plan)
