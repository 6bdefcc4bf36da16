"""The graph as an SVG image that needs nothing else: no script, no style sheet, no font."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from html import escape

from tenure.view.layout import Box, Layout, arrange
from tenure.view.model import View, ViewNode
from tenure.view.palette import PALETTE, colour_of
from tenure.view.words import call_of, facts_of, place_of_node, printable

__all__ = ["draw_svg"]

_MARGIN = 24.0
_PADDING = 10.0
_ROW = 17.0
_LEGEND = 40.0
_SMALL, _NORMAL = 11, 13
_GLYPH = 0.602
"""The width of a monospaced character, as a part of the font's size."""
_FONT = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"


def draw_svg(view: View, *, folder: str = "") -> str:
    """An image of all entries: what is needed stands right of what needs it."""
    rows = {node.id: _rows(node, folder) for node in view.nodes.values()}
    layout = arrange(view, lambda node: _size(rows[node]))
    used = {colour_of(node) for node in view.nodes.values()}
    legend = [name for name in PALETTE if name in used]
    width = max(layout.width, _legend_width(legend)) + 2 * _MARGIN
    height = layout.height + _LEGEND + 2 * _MARGIN
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="{_FONT}" font-size="{_NORMAL}">'
        ),
        "<title>Dependencies</title>",
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
        (
            '<marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" '
            'markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#8c959f"/></marker>'
        ),
        f'<g transform="translate({_MARGIN:.0f} {_MARGIN:.0f})">',
        *_edges(layout),
        *(
            line
            for node in view.nodes.values()
            for line in _box(node, layout.boxes[node.id], rows[node.id])
        ),
        *_labels(layout),
        *_legend_lines(legend, layout.height + _LEGEND),
        "</g>",
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _rows(node: ViewNode, folder: str) -> list[tuple[str, int, str]]:
    """Text, size and weight of each line in a box."""
    rows = [(node.title, _NORMAL, "bold")] if node.title is not None else []
    rows.append((call_of(node), _NORMAL, "normal" if rows else "bold"))
    rows.append((", ".join(facts_of(node)), _SMALL, "normal"))
    rows.append((place_of_node(node, folder), _SMALL, "normal"))
    return rows


def _size(rows: Sequence[tuple[str, int, str]]) -> tuple[float, float]:
    widest = max(len(text) * size * _GLYPH for text, size, _ in rows)
    return widest + 2 * _PADDING, len(rows) * _ROW + 2 * _PADDING - 4


def _box(node: ViewNode, box: Box, rows: Sequence[tuple[str, int, str]]) -> Iterator[str]:
    colours = PALETTE[colour_of(node)]
    yield (
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" rx="6" fill="{colours.fill}" stroke="{colours.line}"/>'
    )
    baseline = box.y + _PADDING + _ROW - 6
    for text, size, weight in rows:
        yield (
            f'<text x="{box.x + _PADDING:.1f}" y="{baseline:.1f}" font-size="{size}" '
            f'font-weight="{weight}" fill="{colours.text}">{_plain(text)}</text>'
        )
        baseline += _ROW


def _edges(layout: Layout) -> Iterator[str]:
    for _, route in layout.routes:
        parts = [f"M{route[0].x + route[0].width:.1f} {route[0].middle:.1f}"]
        for one, other in itertools.pairwise(route):
            begin, end = one.reach, other.x
            bend = (begin + end) / 2
            parts.append(
                f"H{begin:.1f} C{bend:.1f} {one.middle:.1f} {bend:.1f} {other.middle:.1f} "
                f"{end:.1f} {other.middle:.1f}"
            )
        way = " ".join(parts)
        yield f'<path d="{way}" fill="none" stroke="#8c959f" marker-end="url(#arrow)"/>'


def _labels(layout: Layout) -> Iterator[str]:
    """The parameter that an edge fills, where it arrives; on the boxes' side of all lines."""
    written: set[tuple[str, Box]] = set()
    for parameter, route in layout.routes:
        end = route[-1]
        if parameter is None or (parameter, end) in written:
            continue
        above = sum(1 for _, other in written if other is end)
        written.add((parameter, end))
        yield (
            f'<text x="{end.x - 10:.1f}" y="{end.middle - 5 - 11 * above:.1f}" font-size="10" '
            f'text-anchor="end" fill="#57606a" stroke="#ffffff" stroke-width="3" '
            f'paint-order="stroke">{_plain(parameter)}</text>'
        )


def _legend_lines(names: Sequence[str], y: float) -> Iterator[str]:
    x = 0.0
    for name in names:
        colours = PALETTE[name]
        yield (
            f'<rect x="{x:.1f}" y="{y - 10:.1f}" width="14" height="14" rx="3" '
            f'fill="{colours.fill}" stroke="{colours.line}"/>'
        )
        yield (
            f'<text x="{x + 20:.1f}" y="{y + 1:.1f}" font-size="{_SMALL}" fill="#57606a">'
            f"{_plain(colours.meaning)}</text>"
        )
        x += _legend_width([name])


def _legend_width(names: Sequence[str]) -> float:
    return sum(44 + len(PALETTE[name].meaning) * _SMALL * _GLYPH for name in names)


def _plain(text: str) -> str:
    return escape(printable(text), quote=True)
