"""Routes that are never reached, since one before them answers all of their paths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from tenure.ext.cli.check.findings import Finding, split_place
from tenure.ext.cli.routes import Row
from tenure.text.names import place_of

__all__ = ["unreachable"]

_SAMPLES: Final = {
    "int": "918273645",
    "float": "918273.645",
    "uuid": "91827364-5918-2736-4591-827364591827",
    "path": "§1/§2",
}
"""For each kind of path parameter a value that no program will have spelt out in a path."""


def unreachable(rows: Sequence[Row]) -> Iterator[Finding]:
    """Every route that comes too late, with the first one that is in its way."""
    for position, row in enumerate(rows):
        path = _sample(row)
        left = set(row.methods)
        for earlier in rows[:position]:
            if earlier.prefix != row.prefix or not left & set(earlier.methods):
                continue
            if earlier.route.path_regex.match(path) is None:
                continue
            left -= set(earlier.methods)
            if not left:
                yield _finding(row, earlier)
                break


def _sample(row: Row) -> str:
    """A path that the route is for, as it is matched: without the mounts around it."""
    sample: str = row.route.path_format
    for name, convertor in row.route.param_convertors.items():
        kind = type(convertor).__name__.removesuffix("Convertor").lower()
        sample = sample.replace(f"{{{name}}}", _SAMPLES.get(kind, "§1"))
    return sample


def _finding(row: Row, earlier: Row) -> Finding:
    endpoint, other = row.route.endpoint, earlier.route.endpoint
    file, line = split_place(place_of(endpoint))
    return Finding(
        rule="unreachable",
        level="warning",
        message=(
            f"{row.title} is never reached: {earlier.title} ({place_of(other)}) comes before it "
            "and answers all of its paths."
        ),
        hint="declare the more special path first",
        file=file,
        line=line,
        routes=(row.title,),
    )
