"""The graph as a tree of text, a node a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tenure.view.model import View, ViewEdge, ViewNode
from tenure.view.words import call_of, facts_of, place_of_node, printable

__all__ = ["Piece", "draw_tree", "tree_lines"]


class Piece(NamedTuple):
    """A part of a line, with the word for what it is: a terminal chooses colours by it."""

    word: str
    """``"branch"``, ``"title"``, ``"parameter"``, ``"name"``, ``"fact"``, ``"scope"``,
    ``"override"``, ``"place"`` or ``"again"``."""
    text: str


def draw_tree(view: View, *, folder: str = "") -> str:
    """All entries of *view*, one below the other; places are relative to *folder*."""
    trees = (
        "\n".join("".join(piece.text for piece in line) for line in tree_lines(view, root, folder))
        for root in view.roots
    )
    return "\n\n".join(trees) + "\n"


def tree_lines(view: View, root: str, folder: str) -> Iterator[list[Piece]]:
    """The lines of one entry. What is shared is drawn once; ``↑`` refers back to it."""
    entry = view.nodes[root]
    if entry.title is not None:
        yield [Piece("title", printable(entry.title))]
    yield _described(entry, folder)
    drawn = {root}
    # Without recursion: a chain may be of any length.
    waiting = _below(entry, "")
    while waiting:
        before, edge, is_last = waiting.pop()
        node = view.nodes[edge.node]
        line = [Piece("branch", before + ("└─ " if is_last else "├─ "))]
        if edge.parameter is not None:
            line.append(Piece("parameter", f"{edge.parameter}: "))
        if edge.node in drawn:
            again = " ↑ drawn above" if node.edges else " ↑"
            yield [*line, Piece("name", node.name), Piece("again", again)]
            continue
        drawn.add(edge.node)
        yield [*line, *_described(node, folder)]
        waiting.extend(_below(node, before + ("   " if is_last else "│  ")))


def _below(node: ViewNode, before: str) -> list[tuple[str, ViewEdge, bool]]:
    last = len(node.edges) - 1
    return [(before, edge, place == last) for place, edge in enumerate(node.edges)][::-1]


def _described(node: ViewNode, folder: str) -> list[Piece]:
    pieces = [Piece("name", call_of(node))]
    for fact in facts_of(node):
        word = "fact"
        if fact.startswith("scope "):
            word = "scope"
        elif fact.startswith("overrides "):
            word = "override"
        pieces += [Piece("branch", " · "), Piece(word, fact)]
    return [*pieces, Piece("branch", " · "), Piece("place", place_of_node(node, folder))]
