"""What a drawing says of a node: the same words in a tree, in Mermaid and in SVG."""

from __future__ import annotations

import os

from tenure.view.model import ViewNode

__all__ = ["call_of", "facts_of", "place_of_node", "printable"]

_KINDS = {"coroutine": "async function"}
_PLAIN = ("function", "generator", "class")


def call_of(node: ViewNode) -> str:
    """The name, with what it reads from outside: ``read_item(item_id: path, q: query)``."""
    if not node.inputs:
        return node.name
    inputs = [f"{each.name}: {each.source}" if each.source else each.name for each in node.inputs]
    return f"{node.name}({', '.join(inputs)})"


def facts_of(node: ViewNode) -> list[str]:
    """Kind, scope and whatever is out of the ordinary, a few words each."""
    where = " in a thread" if node.in_thread else ""
    if node.kind in _PLAIN and not node.in_thread:
        where = " on the event loop"
    facts = [_KINDS.get(node.kind, node.kind) + where]
    if node.scope is not None:
        facts.append(f'scope "{node.scope}"')
    if node.labels:
        facts.append(f"asks for {', '.join(node.labels)}")
    if not node.cached:
        facts.append("not cached")
    if node.lazy:
        facts.append("lazy")
    if node.concurrent:
        facts.append("concurrent")
    if node.max_concurrency is not None:
        facts.append(f"at most {node.max_concurrency} at once")
    if node.replaces is not None:
        facts.append(f"overrides {node.replaces}")
    return facts


def place_of_node(node: ViewNode, folder: str) -> str:
    """``file:line``, relative where the file is below *folder*."""
    file = node.file
    if node.line is None:
        return file
    if folder and file.startswith(folder + os.sep):
        file = file[len(folder) + 1 :]
    return f"{file}:{node.line}"


def printable(text: str) -> str:
    """*text* without what a terminal would obey, and no XML may hold."""
    return "".join(each if each.isprintable() else " " for each in text)
