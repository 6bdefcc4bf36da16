"""The routes of an application, those of its parts too, by the words a user has for them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from starlette.routing import BaseRoute, Host, Mount

from tenure.ext.cli.loading import UsageProblem
from tenure.graph.nodes import Graph
from tenure.plan.steps import Plan
from tenure.web.app.inclusion import flat_routes
from tenure.web.app.programmed import Programmed
from tenure.web.applications import App
from tenure.web.routing import APIRoute

__all__ = ["Row", "applications_of", "select", "source_of_input", "table_of"]

Overrides = Mapping[Callable[..., Any], Callable[..., Any]]


@dataclass(frozen=True, slots=True)
class Row:
    """A route with dependencies, and where it answers."""

    methods: tuple[str, ...]
    """``("GET",)``; ``("WEBSOCKET",)`` for a WebSocket."""
    prefix: str
    """Of the mounts around it."""
    path: str
    """The whole path, the prefix included."""
    name: str
    route: Any
    overrides: Overrides
    """What its application calls in place of what, right now."""

    @property
    def title(self) -> str:
        """``GET /items/{item_id}``."""
        return f"{'|'.join(self.methods)} {self.path}"

    def graph(self) -> Graph:
        """What the route depends on, overrides in place; raises ``GraphError``."""
        graph: Graph = self.route.graph(self.overrides)
        return graph

    def plan(self) -> Plan:
        """What serving it does, step by step; raises ``GraphError``."""
        plan: Plan = self.route.plan(self.overrides)
        return plan

    def explain(self) -> str:
        """The source of the function that serves it; raises ``GraphError``."""
        source: str = self.route.explain(self.overrides)
        return source


def table_of(app: Any) -> list[Row]:
    """All routes with dependencies, in the order in which they are matched.

    Raises ``UsageProblem`` for an application whose routes nobody knows.
    """
    inner = _without_middleware(app)
    if inner is None:
        raise UsageProblem(f"the application is of type {type(app).__name__}, which has no routes")
    parts = _parts(_Part(inner, "", {}), ())
    return [_row(route, part.prefix, part.overrides) for part, route in parts if route is not None]


def _without_middleware(app: Any) -> Any:
    """The application inside what wraps it, or None where nothing has routes."""
    for _ in range(100):
        if hasattr(app, "routes"):
            return app
        app = getattr(app, "app", None)
        if app is None:
            break
    return None


class _Part(NamedTuple):
    """An application in its place: the whole, or one that is mounted in it."""

    app: Any
    prefix: str
    overrides: Overrides


def applications_of(app: Any) -> list[tuple[App, str]]:
    """The application itself and those mounted in it, each with the path it is mounted at."""
    inner = _without_middleware(app)
    parts = _parts(_Part(inner, "", {}), ()) if inner is not None else ()
    return [
        (part.app, part.prefix)
        for part, route in parts
        if route is None and isinstance(part.app, App)
    ]


def _parts(part: _Part, above: tuple[Any, ...]) -> Iterator[tuple[_Part, Programmed | None]]:
    """Each application, by itself with None first, then with each of its routes in order."""
    if any(part.app is each for each in above):
        return  # mounted in itself
    own = getattr(part.app, "dependency_overrides", None)
    part = part._replace(overrides=own or part.overrides)
    yield part, None
    routes: Sequence[BaseRoute] = part.app.routes
    for route in flat_routes(routes):
        if isinstance(route, Programmed):
            yield part, route
        elif isinstance(route, Mount | Host):
            where = route.path if isinstance(route, Mount) else f"//{route.host}"
            inner = _without_middleware(getattr(route, "_base_app", route.app))
            if inner is not None:
                mounted = _Part(inner, part.prefix + where, part.overrides)
                yield from _parts(mounted, (*above, part.app))


def _row(route: Any, prefix: str, overrides: Overrides) -> Row:
    methods = tuple(sorted(route.methods)) if isinstance(route, APIRoute) else ("WEBSOCKET",)
    return Row(methods, prefix, prefix + route.path, route.name, route, overrides)


def select(rows: Sequence[Row], wanted: str) -> list[Row]:
    """The routes that *wanted* names: ``GET /items/{id}``, ``/items/{id}``, ``/items/7`` or a name.

    Raises ``UsageProblem`` when there is none.
    """
    words = wanted.split(None, 1)
    method, path = (words[0].upper(), words[1]) if len(words) == 2 else ("", wanted.strip())
    method = "WEBSOCKET" if method in ("WS", "WEBSOCKET") else method
    of_method = [row for row in rows if not method or method in row.methods]
    found = [row for row in of_method if path in (row.path, row.name)]
    if not found and "/" in path:
        found = [row for row in of_method if _answers(row, path)][:1]
    if found:
        return found
    known = [*(row.title for row in rows), *(row.path for row in rows), *(row.name for row in rows)]
    near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.5)
    raise UsageProblem(
        f"no route is called {wanted!r}" + (f"; did you mean {near[0]!r}?" if near else "")
    )


def _answers(row: Row, path: str) -> bool:
    if not path.startswith(row.prefix):
        return False
    pattern: re.Pattern[str] = row.route.path_regex
    return pattern.match(path[len(row.prefix) :]) is not None


def source_of_input(given: Any) -> str | None:
    """Where in a request an input is read from: ``"path"``, ``"query"``, ``"body"``, ..."""
    field = getattr(given, "field", None)
    location = getattr(field, "location", None)
    word: str | None = getattr(location, "value", None)
    return word
