"""What the routes of both kinds have in common: an endpoint with its compiled plans."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from starlette.routing import BaseRoute, Match
from starlette.types import Scope as AsgiScope

from tenure.graph.nodes import Graph, Node
from tenure.plan.steps import Plan
from tenure.web.app.endpoints import overrides_for
from tenure.web.app.programs import Declared, EndpointPrograms
from tenure.web.params import Depends

if TYPE_CHECKING:
    from tenure.web.dependencies.models import Dependant

__all__ = ["Programmed"]

Overrides = Mapping[Callable[..., Any], Callable[..., Any]]


class Programmed(BaseRoute):
    """Stands before Starlette's kind of route among the bases of ours."""

    _programs: EndpointPrograms
    dependency_overrides_provider: Any
    dependencies: list[Depends]
    endpoint: Callable[..., Any]
    path_format: str

    def matches(self, scope: AsgiScope) -> tuple[Match, AsgiScope]:
        """As Starlette's, with the route itself for middleware to see."""
        match, child_scope = super().matches(scope)
        if match is not Match.NONE:
            child_scope["route"] = self
        return match, child_scope

    def renew(self) -> None:
        """Read ``dependencies`` again, to which one was added; raises ``GraphError``."""
        raise NotImplementedError

    def check(self) -> None:
        """Raise what is wrong with the dependencies; at startup, when all names are known."""
        self._programs.check(names_may_follow=False)

    def check_override(
        self, original: Callable[..., Any], overrides: Mapping[Callable[..., Any], Any]
    ) -> None:
        """Raise what would be wrong here with *overrides*, of which *original*'s is new."""
        self._programs.check_override(original, overrides)

    def declared(self) -> Declared:
        """The dependencies and the body, as declared; what documents are made from."""
        return self._programs.declared()

    @property
    def dependant(self) -> Dependant:
        """What this route depends on in FastAPI's words, made anew each time.

        What is appended to its ``dependencies`` becomes a dependency of the route.
        """
        # For programs that look at routes: no request needs it.
        from tenure.web.dependencies.utils import dependant_of

        return dependant_of(self)

    def graph(self, overrides: Overrides | None = None) -> Graph:
        """What this route depends on, as data; with *overrides* in place of what they override.

        Raises ``GraphError`` with all faults there are.
        """
        return self._programs.graph(overrides or {})

    def plan(self, overrides: Overrides | None = None) -> Plan:
        """What serving a request does, step by step, as data."""
        return self._programs.current(overrides).program.plan

    def set_up_first(self, asgi_scope: Mapping[str, Any]) -> Sequence[Node]:
        """What is of scope "app" and to be set up before the first request.

        With the overrides that hold in the lifespan whose *asgi_scope* this is.
        """
        return self._programs.set_up_first(
            overrides_for(self.dependency_overrides_provider, asgi_scope)
        )

    def explain(self, overrides: Overrides | None = None) -> str:
        """The source of the function that serves this route."""
        return self._programs.current(overrides).program.source
