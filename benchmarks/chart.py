"""The ratios as an SVG chart: how far from the hand-written reference, on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape

from benchmarks.harness import Series
from benchmarks.results import Work
from benchmarks.table import amount_text

__all__ = ["draw", "drawable"]

_PARTS = {"engine": "graph", "request": "request", "sockets": "over sockets"}

WIDTH = 940
COLUMN = WIDTH / 2
LABEL = 178  # room for the contender's name
VALUES = 106  # and for the ratio and the time
BAR = COLUMN - LABEL - VALUES - 12
ROW = 17
HEAD = 52
LOW, HIGH = 0.1, 100.0

_NAMESPACE = "http://www.w3.org/2000/svg"

_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 13px }
.head { font-weight: 600; font-size: 16px }
.soft { fill: #6e7781; font-size: 11px }
.name, .value { text-anchor: end }
.scale { text-anchor: middle }
.grid { stroke: #d0d7de; stroke-width: 1 }
.line { stroke: #57606a; stroke-width: 1.5 }
.tenure { fill: #0b7a5c } .hand { fill: #8c959f } .peer { fill: #c69a4f }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .soft { fill: #9198a1 }
  .grid { stroke: #30363d } .line { stroke: #9198a1 }
  .tenure { fill: #3fb68b } .hand { fill: #6e7681 } .peer { fill: #b98a3e }
}
"""


def drawable(works: Sequence[Work]) -> list[Work]:
    """The works whose reference is written by hand."""
    return [work for work in works if work.part in _PARTS]


def draw(works: Sequence[Work], described: str) -> str:
    """The chart of *works*; *described* says where and when they were measured."""
    columns: list[tuple[float, list[str]]] = [(HEAD, []), (HEAD, [])]
    for work in works:
        # Into the column that is shorter so far.
        index = min((0, 1), key=lambda each: columns[each][0])
        top, lines = columns[index]
        lines.extend(_panel(work, index * COLUMN, top))
        columns[index] = (top + _height(work), lines)
    height = max(top for top, _ in columns) + 8
    body = [line for _, lines in columns for line in lines]
    size = f'{WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}'
    legend = f"left of the line: faster; logarithmic scale; median time; {described}"
    return "\n".join(
        [
            f'<svg xmlns="{_NAMESPACE}" viewBox="0 0 {size}" role="img">',
            f"<title>Time compared with hand-written code. {escape(described)}</title>",
            f"<style>{_STYLE}</style>",
            '<text class="head" x="12" y="22">Time, compared with hand-written code</text>',
            f'<text class="soft" x="12" y="39">{escape(legend)}</text>',
            *body,
            "</svg>\n",
        ]
    )


def _height(work: Work) -> float:
    return 58 + ROW * len(work.comparison.series)


def _panel(work: Work, left: float, top: float) -> Iterator[str]:
    series = work.comparison.series.values()
    upper, lower = top + 26, top + 26 + ROW * len(series)
    title = f"{_PARTS[work.part]}: {work.name}"
    yield f'<text class="title" x="{left + 12:.1f}" y="{top + 18:.1f}">{escape(title)}</text>'
    for label in ("0.1", "1", "10", "100"):
        x = left + LABEL + _position(float(label))
        ends = f'x1="{x:.1f}" x2="{x:.1f}" y1="{upper:.1f}" y2="{lower:.1f}"'
        yield f'<line class="{"line" if label == "1" else "grid"}" {ends}/>'
        yield f'<text class="soft scale" x="{x:.1f}" y="{lower + 12:.1f}">{label}</text>'
    for number, each in enumerate(series):
        yield from _bar(work, each, left, upper + ROW * number)


def _bar(work: Work, series: Series, left: float, top: float) -> Iterator[str]:
    middle, start = _position(1.0), left + LABEL
    end = _position(series.ratio)
    x, width = start + min(middle, end), max(abs(end - middle), 2.0)
    base, right = f"{top + 12:.1f}", start + BAR + VALUES
    yield (
        f'<text class="name" x="{start - 8:.1f}" y="{base}">{escape(series.name)}</text>'
        f'<rect class="{_kind(work, series)}" x="{x:.1f}" y="{top + 3:.1f}" '
        f'width="{width:.1f}" height="{ROW - 6}" rx="2"/>'
        f'<text class="value" x="{right - 70:.1f}" y="{base}">{series.ratio:.2f}</text>'
        f'<text class="soft value" x="{right:.1f}" y="{base}">'
        f"{amount_text(work, series.amount)}</text>"
    )


def _kind(work: Work, series: Series) -> str:
    if series.name.startswith("Tenure"):
        return "tenure"
    by_hand = ("nested", "inlined", "hand-driven", work.reference)  # how their names begin
    return "hand" if series.name.startswith(by_hand) else "peer"


def _position(ratio: float) -> float:
    """Where on the scale, from its left end."""
    bounded = min(max(ratio, LOW), HIGH)
    return BAR * math.log(bounded / LOW) / math.log(HIGH / LOW)
