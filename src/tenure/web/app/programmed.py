"""What the routes of both kinds have in common: an endpoint with its compiled plans."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.routing import BaseRoute, Match
from starlette.types import Scope as AsgiScope

from tenure.web.app.programs import EndpointPrograms

__all__ = ["Programmed"]


class Programmed(BaseRoute):
    """Stands before Starlette's kind of route among the bases of ours."""

    _programs: EndpointPrograms

    def matches(self, scope: AsgiScope) -> tuple[Match, AsgiScope]:
        """As Starlette's, with the route itself for middleware to see."""
        match, child_scope = super().matches(scope)
        if match is not Match.NONE:
            child_scope["route"] = self
        return match, child_scope

    def check(self) -> None:
        """Raise what is wrong with the dependencies; at startup, when all names are known."""
        self._programs.check(names_may_follow=False)

    def check_override(
        self, original: Callable[..., Any], overrides: Mapping[Callable[..., Any], Any]
    ) -> None:
        """Raise what would be wrong here with *overrides*, of which *original*'s is new."""
        self._programs.check_override(original, overrides)

    def explain(self) -> str:
        """The source of the function that serves this route."""
        return self._programs.current(None).program.source
