"""Limits that one unit of work can never keep: it needs more at once than there may be."""

from __future__ import annotations

from collections.abc import Iterator

from tenure.ext.cli.check.findings import Finding, split_place
from tenure.ext.cli.check.uses import chain_to
from tenure.graph.markers import Limit
from tenure.graph.nodes import Graph, Node
from tenure.plan.steps import Call, Open, Plan, flat

__all__ = ["never_free"]


def never_free(graph: Graph, plan: Plan, route: str) -> Iterator[Finding]:
    """Every limit of which a request holds all there is when it asks for one more."""
    held: dict[Limit, list[Node]] = {}
    for step in flat(plan.steps):
        if not isinstance(step, Open | Call) or (isinstance(step, Open) and not step.is_slot):
            continue
        limit = step.node.limit
        if limit is None:
            continue
        holders = held.setdefault(limit, [])
        if len(holders) == limit.max_concurrency:
            yield _finding(graph, [*holders, step.node], limit.max_concurrency, route)
        if step.opens:
            holders.append(step.node)


def _finding(graph: Graph, nodes: list[Node], size: int, route: str) -> Finding:
    provider = nodes[-1].provider
    file, line = split_place(provider.place)
    others = "one" if size == 1 else f"{size}"
    return Finding(
        rule="limit",
        level="error",
        message=(
            f"{provider.name} would wait for ever: a request holds {others} when it asks for "
            f"another, and there are no more (max_concurrency={size})."
        ),
        hint=(
            "let one request take it once (without use_cache=False, and in one scope), or raise "
            f"max_concurrency to {size + 1} at least"
        ),
        chain="\n".join(chain_to(graph, node) for node in nodes),
        file=file,
        line=line,
        routes=(route,),
    )
