"""Finding the route of a request without asking every route.

Routes are indexed by the segments of their paths. A look-up walks the segments of the request's
path and comes back with the few routes that can match, in the order in which they were declared;
only those are asked. So the first declared match wins, as when all are asked in turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, SupportsIndex

from starlette.convertors import PathConvertor
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

__all__ = ["RouteList", "RouteTable", "changes"]


class _Changes:
    """How often any list of routes of the process has changed."""

    def __init__(self) -> None:
        self.count = 0


changes: Final = _Changes()


class RouteList(list[BaseRoute]):
    """The routes of a router: a list that notes when it changes, so that tables are made anew."""

    def append(self, route: BaseRoute) -> None:
        """Add a route at the end."""
        changes.count += 1
        super().append(route)

    def extend(self, routes: Iterable[BaseRoute]) -> None:
        """Add routes at the end."""
        changes.count += 1
        super().extend(routes)

    def insert(self, index: SupportsIndex, route: BaseRoute) -> None:
        """Add a route before another."""
        changes.count += 1
        super().insert(index, route)

    def remove(self, route: BaseRoute) -> None:
        """Take a route out."""
        changes.count += 1
        super().remove(route)

    def pop(self, index: SupportsIndex = -1) -> BaseRoute:
        """Take a route out by its position."""
        changes.count += 1
        return super().pop(index)

    def clear(self) -> None:
        """Take all routes out."""
        changes.count += 1
        super().clear()

    def reverse(self) -> None:
        """Turn the order round."""
        changes.count += 1
        super().reverse()

    def sort(self, **options: Any) -> None:
        """Bring the routes in another order."""
        changes.count += 1
        super().sort(**options)

    def __setitem__(self, index: Any, value: Any) -> None:
        """Put another route in the place of one."""
        changes.count += 1
        super().__setitem__(index, value)

    def __delitem__(self, index: Any) -> None:
        """Take routes out by position."""
        changes.count += 1
        super().__delitem__(index)

    def __iadd__(self, routes: Iterable[BaseRoute]) -> RouteList:  # type: ignore[override,misc]  # noqa: PYI034
        """Add routes at the end."""
        changes.count += 1
        super().extend(routes)
        return self


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
        self.version = changes.count
        self._root = _Node()
        for position, route in enumerate(routes):
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
    if isinstance(route, Mount):
        path: str = route.path
        ends_with_rest = True
    elif isinstance(route, Route | WebSocketRoute):
        path = route.path_format
        ends_with_rest = False
    else:
        yield _REST
        return
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


def _is_one_segment(convertor: Any) -> bool:
    # Starlette's own convertors but ``path`` match no slash; one that a program registers may.
    return type(convertor).__module__ == PathConvertor.__module__ and not isinstance(
        convertor, PathConvertor
    )
