"""Which colour a node has, and why: by how long it lives."""

from __future__ import annotations

from typing import NamedTuple

from tenure.view.model import ViewNode

__all__ = ["PALETTE", "Colours", "colour_of"]


class Colours(NamedTuple):
    """The colours of one class of nodes, as ``#rrggbb``."""

    fill: str
    line: str
    text: str
    meaning: str
    """What a legend says."""


PALETTE = {
    "entry": Colours("#24292f", "#24292f", "#ffffff", "entry point"),
    "value": Colours("#f6f8fa", "#8c959f", "#1f2328", "leaves nothing open"),
    "function": Colours("#fff8c5", "#bf8700", "#1f2328", 'closed with scope "function"'),
    "request": Colours("#ddf4ff", "#0969da", "#1f2328", 'closed with scope "request"'),
    "app": Colours("#dafbe1", "#1a7f37", "#1f2328", 'closed with scope "app"'),
}


def colour_of(node: ViewNode) -> str:
    """The name of its colours in ``PALETTE``."""
    if node.title is not None:
        return "entry"
    opens = node.kind in ("generator", "async generator") or node.scope == "app"
    if opens and node.scope in PALETTE:
        return node.scope or "value"
    return "value"
