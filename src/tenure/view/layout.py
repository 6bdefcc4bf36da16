"""Where each node of a drawing stands: in columns, what is needed right of what needs it.

The usual way of drawing layers: the longest way from an entry point gives the column; an edge that
passes columns gets a waypoint in each, so that it goes around the boxes; a few sweeps put everyone
near its neighbours, first in order, then in height.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tenure.view.model import View

__all__ = ["Box", "Layout", "arrange"]

_COLUMN_GAP = 90.0
_ROW_GAP = 18.0
_WAYPOINT_HEIGHT = 6.0
_SWEEPS = 8


@dataclass(eq=False, slots=True)
class Box:
    """A node's rectangle, or the waypoint of an edge, which has no width."""

    node: str | None
    """The ``id`` in the view; None for a waypoint."""
    column: int
    width: float
    height: float
    x: float = 0.0
    y: float = 0.0
    """The corner with the smallest coordinates."""
    reach: float = 0.0
    """Where its column ends: up to there an edge goes straight, past wider boxes."""
    left: list[Box] = field(default_factory=list)
    right: list[Box] = field(default_factory=list)

    @property
    def middle(self) -> float:
        """The height at which edges arrive and leave."""
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Layout:
    """The boxes of all nodes, and the way of each edge."""

    boxes: Mapping[str, Box]
    routes: Sequence[tuple[str | None, tuple[Box, ...]]]
    """For each edge its parameter and the boxes on its way, both ends included."""
    width: float
    height: float


def arrange(view: View, size_of: Callable[[str], tuple[float, float]]) -> Layout:
    """Place the nodes of *view*, whose boxes have the width and height ``size_of(id)``."""
    columns_of = _columns(view)
    boxes = {each: Box(each, columns_of[each], *size_of(each)) for each in _in_tree_order(view)}
    columns: list[list[Box]] = [[] for _ in range(max(columns_of.values(), default=0) + 1)]
    for box in boxes.values():
        columns[box.column].append(box)
    routes = [
        (edge.parameter, _route(boxes[node.id], boxes[edge.node], columns))
        for node in view.nodes.values()
        for edge in node.edges
    ]
    _order(columns)
    width = _place_columns(columns)
    height = _place_rows(columns)
    return Layout(boxes, routes, width, height)


def _columns(view: View) -> dict[str, int]:
    """How far each node is from an entry point, on the longest way."""
    columns = dict.fromkeys(view.nodes, 0)
    for node in reversed(list(view.nodes.values())):  # what needs something comes before it
        for edge in node.edges:
            columns[edge.node] = max(columns[edge.node], columns[node.id] + 1)
    return columns


def _in_tree_order(view: View) -> list[str]:
    """All nodes, depth first: the order in which a tree has them."""
    order: dict[str, None] = {}
    waiting = list(reversed(view.roots))
    while waiting:
        node = waiting.pop()
        if node not in order:
            order[node] = None
            waiting.extend(edge.node for edge in reversed(view.nodes[node].edges))
    return list(order)


def _route(start: Box, end: Box, columns: list[list[Box]]) -> tuple[Box, ...]:
    route = [start]
    for column in range(start.column + 1, end.column):
        waypoint = Box(None, column, 0.0, _WAYPOINT_HEIGHT)
        columns[column].append(waypoint)
        route.append(waypoint)
    route.append(end)
    for one, other in itertools.pairwise(route):
        one.right.append(other)
        other.left.append(one)
    return tuple(route)


def _order(columns: list[list[Box]]) -> None:
    """Sort each column by where its neighbours stand, from the left and from the right in turn."""
    ranks = {box: rank for column in columns for rank, box in enumerate(column)}
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for column in columns if forward else columns[::-1]:
            wanted: dict[Box, float] = {}
            for box in column:
                near = [ranks[each] for each in (box.left if forward else box.right)]
                wanted[box] = sum(near) / len(near) if near else ranks[box]
            column.sort(key=wanted.__getitem__)
            ranks.update((box, rank) for rank, box in enumerate(column))


def _place_columns(columns: list[list[Box]]) -> float:
    x = 0.0
    for column in columns:
        widest = max((box.width for box in column), default=0.0)
        for box in column:
            box.x, box.reach = x, x + widest
            if box.node is None:
                box.width = widest  # an edge crosses the whole column at one height
        x += widest + _COLUMN_GAP
    return x - _COLUMN_GAP


def _place_rows(columns: list[list[Box]]) -> float:
    for column in columns:
        _spread(column, [0.0] * len(column))
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for column in columns if forward else columns[::-1]:
            wanted: list[float] = []
            for box in column:
                beside = box.left if forward else box.right
                near = [each.middle for each in beside or [box]]
                wanted.append(sum(near) / len(near) - box.height / 2)
            _spread(column, wanted)
    boxes = [box for column in columns for box in column]
    top = min((box.y for box in boxes), default=0.0)
    for box in boxes:
        box.y -= top
    return max((box.y + box.height for box in boxes), default=0.0)


def _spread(column: list[Box], wanted: list[float]) -> None:
    """Give each box the height it wants, as far as those above leave room; then move up again.

    Those that had to give way are moved as one, to where they are right on the average.
    """
    blocks: list[tuple[list[Box], float]] = []  # boxes that touch, and where the first should be
    for box, height in zip(column, wanted, strict=True):
        group, start = [box], height
        while blocks and blocks[-1][1] + _extent(blocks[-1][0]) + _ROW_GAP > start:
            above, above_start = blocks.pop()
            own = start - _extent(above) - _ROW_GAP
            start = (above_start * len(above) + own * len(group)) / (len(above) + len(group))
            group = [*above, *group]
        blocks.append((group, start))
    for group, start in blocks:
        y = start
        for box in group:
            box.y = y
            y += box.height + _ROW_GAP


def _extent(boxes: list[Box]) -> float:
    return sum(box.height for box in boxes) + _ROW_GAP * (len(boxes) - 1)
