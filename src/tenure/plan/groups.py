"""Which dependencies are opened at the same time."""

from __future__ import annotations

from collections.abc import Sequence

from tenure.graph.nodes import Node

__all__ = ["concurrent_groups"]


def concurrent_groups(nodes: Sequence[Node]) -> list[tuple[Node, ...]]:
    """*nodes* in order, neighbours that are marked concurrent and independent together.

    What only a later member of a group needs is solved before the group. Nothing else moves, so
    what is declared between two of them (a guard, say) stays between them, and parts them.
    """
    ordered: list[tuple[Node, ...]] = []
    position = 0
    while position < len(nodes):
        if nodes[position].concurrent and nodes[position].scope != "app":
            before, members, taken = _group_at(nodes, position)
            ordered.extend((node,) for node in before)
            ordered.append(tuple(members))
            position += taken
        else:
            ordered.append((nodes[position],))
            position += 1
    return ordered


def _group_at(nodes: Sequence[Node], start: int) -> tuple[list[Node], list[Node], int]:
    """What goes before the group that starts there, its members, how many nodes that takes."""
    before: list[Node] = []
    members = [nodes[start]]
    taken = 1
    waiting: list[Node] = []
    """Seen since the last member, and independent of the group."""
    for count, node in enumerate(nodes[start + 1 :], 2):
        below = _all_below(node)
        if (
            node.scope == "app"
            or not below.isdisjoint(members)
            or not _nest([*members, *waiting, node])
        ):
            break
        if not node.concurrent or not below.issuperset(waiting):
            waiting.append(node)
            continue
        before += waiting
        members.append(node)
        waiting = []
        taken = count
    return before, members, taken


def _all_below(node: Node) -> set[Node]:
    found: set[Node] = set()
    stack = [node]
    while stack:
        for below in stack.pop().dependencies():
            if below not in found:
                found.add(below)
                stack.append(below)
    return found


def _nest(nodes: Sequence[Node]) -> bool:
    """Whether all that has to be closed belongs to one scope, so that any order nests."""
    return len({node.scope for node in nodes if node.provider.kind.opens}) <= 1
