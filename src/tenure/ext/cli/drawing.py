"""The formats of ``tenure graph``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from tenure.errors import GraphError
from tenure.ext.cli.loading import UsageProblem
from tenure.ext.cli.routes import Row, source_of_input
from tenure.ext.cli.terminal import show_trees, write
from tenure.view.mermaid import draw_mermaid
from tenure.view.model import Entry, View, as_data, view_of
from tenure.view.svg import draw_svg
from tenure.view.tree import draw_tree

__all__ = ["GraphFormat", "draw", "format_for"]


class GraphFormat(StrEnum):
    """What a graph can be drawn as."""

    tree = "tree"
    mermaid = "mermaid"
    svg = "svg"
    json = "json"


_ENDINGS = {
    ".svg": GraphFormat.svg,
    ".json": GraphFormat.json,
    ".mmd": GraphFormat.mermaid,
    ".mermaid": GraphFormat.mermaid,
}


def format_for(wanted: GraphFormat | None, file: Path | None) -> GraphFormat:
    """The format that was named, or else the one that the name of the file stands for."""
    if wanted is not None:
        return wanted
    return _ENDINGS.get(file.suffix.lower(), GraphFormat.tree) if file else GraphFormat.tree


def draw(rows: Sequence[Row], wanted: GraphFormat, file: Path | None) -> None:
    """Draw the graphs of *rows* to *file* or to standard output.

    A tree and JSON show each route for itself; the drawings let routes share what they have in
    common. Raises ``GraphError`` with the faults of all routes.
    """
    entries = _entries(rows)
    folder = str(Path.cwd())
    try:
        if wanted is GraphFormat.tree:
            views = [_view([row], [entry]) for row, entry in zip(rows, entries, strict=True)]
            if file is None:
                show_trees(views, folder)
            else:
                write("\n".join(draw_tree(view, folder=folder) for view in views), file)
        elif wanted is GraphFormat.json:
            write(_as_json(rows, entries), file)
        elif wanted is GraphFormat.svg:
            write(draw_svg(_view(rows, entries), folder=folder), file)
        else:
            write(draw_mermaid(_view(rows, entries), folder=folder), file)
    except OSError as error:
        raise UsageProblem(f"{file} cannot be written: {error.strerror}") from error


def _entries(rows: Sequence[Row]) -> list[Entry]:
    entries: list[Entry] = []
    faults = []
    for row in rows:
        try:
            entries.append(Entry(row.title, row.graph()))
        except GraphError as error:
            faults += [fault for fault in error.faults if fault not in faults]
    if faults:
        raise GraphError(faults)
    return entries


def _view(rows: Sequence[Row], entries: Sequence[Entry]) -> View:
    overrides = {original: call for row in rows for original, call in row.overrides.items()}
    return view_of(entries, overrides=overrides, source_of=source_of_input)


def _as_json(rows: Sequence[Row], entries: Sequence[Entry]) -> str:
    routes = [
        {
            "methods": list(row.methods),
            "path": row.path,
            "name": row.name,
            "graph": as_data(_view([row], [entry])),
        }
        for row, entry in zip(rows, entries, strict=True)
    ]
    return json.dumps({"routes": routes}, indent=2) + "\n"
