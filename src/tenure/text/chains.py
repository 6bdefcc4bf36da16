"""Chains and cycles of dependencies, drawn one step a line."""

from __future__ import annotations

from collections.abc import Sequence

from tenure.text.names import name_of, place_of

__all__ = ["draw_chain", "draw_cycle"]


def draw_chain(calls: Sequence[object], *, last: str = "") -> str:
    """The way from the entry point down, each step with its place; *last* is added below."""
    lines = [_step(depth, call) for depth, call in enumerate(calls)]
    if last:
        lines.append("   " * len(calls) + "└─ " + last)
    return "\n".join(lines)


def draw_cycle(entry: Sequence[object], cycle: Sequence[object]) -> str:
    """A chain that ends where its cycle begins again, marked at both ends."""
    lines = [_step(depth, call) for depth, call in enumerate([*entry, *cycle])]
    back = len(entry)
    lines[back] += "   ◄─ the cycle begins here"
    lines.append("   " * len(lines) + f"└─ {name_of(cycle[0])}   ◄─ again")
    return "\n".join(lines)


def _step(depth: int, call: object) -> str:
    indent = "" if depth == 0 else "   " * depth + "└─ "
    return f"{indent}{name_of(call)}  ({place_of(call)})"
