"""Finding the route of a request without asking every route.

Routes are indexed by the segments of their paths. A look-up walks the segments of the request's
path and comes back with the few routes that can match, in the order in which they were declared;
only those are asked. So the first declared match wins, as when all are asked in turn.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeGuard

from starlette.convertors import PathConvertor, StringConvertor
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute, compile_path

from tenure.web.app.changes import changes
from tenure.web.app.inclusion import flat_routes
from tenure.web.app.routes import APIRoute
from tenure.web.app.websockets import APIWebSocketRoute

__all__ = ["RouteList", "RouteTable"]


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

    __slots__ = ("ends", "first_rest", "literal", "parameter", "quick", "rest")

    def __init__(self) -> None:
        self.literal: dict[str, _Node] = {}
        """By the text of the next segment."""
        self.parameter: _Node | None = None
        """Whatever the next segment is."""
        self.ends: list[tuple[int, BaseRoute]] = []
        """Routes whose path ends here."""
        self.rest: list[tuple[int, BaseRoute]] = []
        """Routes that take whatever follows, or nothing."""
        self.first_rest = sys.maxsize
        """The position of the first of them."""
        self.quick: list[_Quick] | None = []
        """The same as ``ends``; None where one of them has to be asked."""

    def end(self, position: int, route: BaseRoute) -> None:
        """Note that the path of *route* ends here."""
        self.ends.append((position, route))
        names = _names_by_segment(route)
        if names is None or not isinstance(route, APIRoute):
            self.quick = None
        elif self.quick is not None:
            self.quick.append((position, route, names))

    def take_rest(self, position: int, route: BaseRoute) -> None:
        """Note that *route* takes what follows."""
        self.rest.append((position, route))
        self.first_rest = min(self.first_rest, position)


class RouteTable:
    """The routes of one router, inclusions resolved, ready to be looked up."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self.version = changes.count  # before the routes are looked at, for the same reason
        self._root = _Node()
        for position, route in enumerate(flat_routes(routes)):
            self._add(position, route)

    def find(self, path: str, method: str) -> tuple[APIRoute, dict[str, str]] | None:
        """The route that answers, with its path parameters, where the path says it alone.

        None where nothing matches, or somebody has to be asked: then there are ``candidates``.
        """
        if path[-1:] == "\n":
            return None  # see ``candidates``
        segments = path.split("/")
        node = self._root
        first_rest = node.first_rest
        for segment in segments:
            literal, parameter = node.literal.get(segment), node.parameter
            if literal is None:
                if parameter is None:
                    return None
                node = parameter
            elif parameter is None:
                node = literal
            else:
                return None  # two ways to go on
            first_rest = min(first_rest, node.first_rest)
        for position, route, names in node.quick or ():
            if method in route.methods:
                if position > first_rest:
                    return None
                values: dict[str, str] = {}
                for name, index in names:
                    value = values[name] = segments[index]
                    if not value:
                        return None
                return route, values
        return None

    def candidates(self, path: str) -> Iterator[BaseRoute]:
        """The routes that may match *path*, in declared order."""
        found = self._found(path)
        if path[-1:] == "\n":  # their patterns end in `$`, to which it may be there or not
            found = list(dict(found + self._found(path[:-1])).items())
        if len(found) > 1:
            found.sort(key=_position)
        return (route for _, route in found)

    def _found(self, path: str) -> list[tuple[int, BaseRoute]]:
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
        return found

    def _add(self, position: int, route: BaseRoute) -> None:
        node = self._root
        for segment in _segments_of(route):
            if segment is _REST:
                node.take_rest(position, route)
                return
            if segment is _ANY:
                if node.parameter is None:
                    node.parameter = _Node()
                node = node.parameter
            else:
                node = node.literal.setdefault(segment, _Node())
        node.end(position, route)


_Quick = tuple[int, APIRoute, tuple[tuple[str, int], ...]]
"""The position of a route, the route, and which of its segments are which parameters."""


def _names_by_segment(route: BaseRoute) -> tuple[tuple[str, int], ...] | None:
    """Which segment is which parameter of *route*; None where more decides whether it matches."""
    if not isinstance(route, APIRoute) or not route.serves_as_declared():
        return None
    names: list[tuple[str, int]] = []
    for index, segment in enumerate(route.path_format.split("/")):
        name = segment.removeprefix("{").removesuffix("}")
        if "{" + name + "}" == segment and name in route.param_convertors:
            names.append((name, index))
        elif "{" in segment:
            return None
    if any(type(each) is not StringConvertor for each in route.param_convertors.values()):
        return None
    return tuple(names)


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
