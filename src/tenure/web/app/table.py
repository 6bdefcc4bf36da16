"""Finding the route of a request without asking every route.

Routes are indexed by the segments of their paths. A look-up walks the segments of the request's
path and comes back with the few routes that can match, in the order in which they were declared;
only those are asked. So the first declared match wins, as when all are asked in turn.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeGuard

from starlette.convertors import PathConvertor
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute, compile_path

from tenure.web.app.inclusion import flat_routes
from tenure.web.app.routes import APIRoute
from tenure.web.app.websockets import APIWebSocketRoute

__all__ = ["RouteList", "RouteTable", "changes"]


class _Changes:
    """How often any list of routes of the process has changed."""

    def __init__(self) -> None:
        self.count = 0


changes: Final = _Changes()


def _counted(method: str) -> Any:
    """A method of ``list`` after which tables are made anew."""
    inherited = getattr(list, method)

    @functools.wraps(inherited)
    def change(self: RouteList, *args: Any, **keywords: Any) -> Any:
        result = inherited(self, *args, **keywords)
        changes.count += 1  # after the change: a table made meanwhile counts as old
        return result

    return change


class RouteList(list[BaseRoute]):
    """The routes of a router: a list that notes when it changes, so that tables are made anew."""

    append = _counted("append")
    extend = _counted("extend")
    insert = _counted("insert")
    remove = _counted("remove")
    pop = _counted("pop")
    clear = _counted("clear")
    reverse = _counted("reverse")
    sort = _counted("sort")
    __setitem__ = _counted("__setitem__")
    __delitem__ = _counted("__delitem__")
    __iadd__ = _counted("__iadd__")


class _Node:
    """What the routes do at one segment of their paths."""

    __slots__ = ("ends", "literal", "parameter", "rest")

    def __init__(self) -> None:
        self.literal: dict[str, _Node] = {}
        """By the text of the next segment."""
        self.parameter: _Node | None = None
        """Whatever the next segment is."""
        self.ends: list[tuple[int, BaseRoute]] = []
        """Routes whose path ends here."""
        self.rest: list[tuple[int, BaseRoute]] = []
        """Routes that take whatever follows, or nothing."""


class RouteTable:
    """The routes of one router, inclusions resolved, ready to be looked up."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self.version = changes.count  # before the routes are looked at, for the same reason
        self._root = _Node()
        for position, route in enumerate(flat_routes(routes)):
            self._add(position, route)

    def candidates(self, path: str) -> Iterator[BaseRoute]:
        """The routes that may match *path*, in declared order."""
        found = list(self._root.rest)
        nodes = [self._root]
        for segment in path.split("/"):
            following: list[_Node] = []
            for node in nodes:
                literal = node.literal.get(segment)
                if literal is not None:
                    following.append(literal)
                if node.parameter is not None:
                    following.append(node.parameter)
            if not following:
                nodes = following
                break
            nodes = following
            for node in nodes:
                if node.rest:
                    found += node.rest
        for node in nodes:
            found += node.ends
        if len(found) > 1:
            found.sort(key=_position)
        return (route for _, route in found)

    def _add(self, position: int, route: BaseRoute) -> None:
        node = self._root
        for segment in _segments_of(route):
            if segment is _REST:
                node.rest.append((position, route))
                return
            if segment is _ANY:
                if node.parameter is None:
                    node.parameter = _Node()
                node = node.parameter
            else:
                node = node.literal.setdefault(segment, _Node())
        node.ends.append((position, route))


def _position(entry: tuple[int, BaseRoute]) -> int:
    return entry[0]


_ANY: Final = "{}"
_REST: Final = "{:rest}"


def _segments_of(route: BaseRoute) -> Iterator[str]:
    """The segments of a route's path: text, ``_ANY`` for a parameter, ``_REST`` for what follows.

    A route of a kind that is not known here, or whose parameter may span several segments, is
    always a candidate from there on.
    """
    if not _matches_by_its_path(route):
        yield _REST
        return
    ends_with_rest = isinstance(route, Mount)
    path: str = route.path if ends_with_rest else route.path_format
    for segment in path.split("/"):
        if "{" not in segment:
            yield segment
        elif any(
            not _is_one_segment(convertor)
            for name, convertor in route.param_convertors.items()
            if "{" + name in segment
        ):
            yield _REST
            return
        else:
            yield _ANY
    if ends_with_rest:
        yield _REST


_BY_PATH: Final = frozenset(
    kind.matches for kind in (Mount, Route, WebSocketRoute, APIRoute, APIWebSocketRoute)
)
"""How the kinds of routes that are known here match."""


def _matches_by_its_path(route: BaseRoute) -> TypeGuard[Mount | Route | WebSocketRoute]:
    """Whether what a route matches can be read off its path, and nobody has changed that."""
    if not isinstance(route, Mount | Route | WebSocketRoute):
        return False
    path = route.path + "/{path:path}" if isinstance(route, Mount) else route.path
    return type(route).matches in _BY_PATH and route.path_regex == compile_path(path)[0]


def _is_one_segment(convertor: Any) -> bool:
    # Starlette's own convertors but ``path`` match no slash; one that a program registers may.
    return type(convertor).__module__ == PathConvertor.__module__ and not isinstance(
        convertor, PathConvertor
    )
