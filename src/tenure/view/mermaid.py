"""The graph as a Mermaid flowchart, for pages that draw one."""

from __future__ import annotations

from tenure.view.model import View, ViewNode
from tenure.view.palette import PALETTE, colour_of
from tenure.view.words import call_of, facts_of, place_of_node, printable

__all__ = ["draw_mermaid"]

_ENTITIES = str.maketrans(
    {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "`": "#96;"}
)


def draw_mermaid(view: View, *, folder: str = "") -> str:
    """A flowchart from left to right: what is needed stands right of what needs it."""
    lines = ["flowchart LR"]
    lines += [
        f'    {node.id}["{_label(node, folder)}"]:::of_{colour_of(node)}'
        for node in view.nodes.values()
    ]
    for node in view.nodes.values():
        for edge in node.edges:
            label = f'|"{_quoted(edge.parameter)}"|' if edge.parameter else ""
            lines.append(f"    {node.id} -->{label} {edge.node}")
    used = dict.fromkeys(colour_of(node) for node in view.nodes.values())
    for name in used:
        colours = PALETTE[name]
        lines.append(
            f"    classDef of_{name} fill:{colours.fill},stroke:{colours.line},color:{colours.text}"
        )
    return "\n".join(lines) + "\n"


def _label(node: ViewNode, folder: str) -> str:
    rows = [f"<b>{_quoted(node.title)}</b>"] if node.title is not None else []
    rows += [_quoted(call_of(node)), f"<i>{_quoted(', '.join(facts_of(node)))}</i>"]
    rows.append(f"<small>{_quoted(place_of_node(node, folder))}</small>")
    return "<br/>".join(rows)


def _quoted(text: str) -> str:
    """*text* with what would end a label, or begin a tag, as Mermaid's entities."""
    return " ".join(printable(text).translate(_ENTITIES).split())
