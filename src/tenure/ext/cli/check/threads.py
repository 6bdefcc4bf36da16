"""How often a request goes to a worker thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tenure.ext.cli.check.findings import Finding, split_place
from tenure.plan.steps import Call, Close, Hop, Open, Plan, Root, Step

__all__ = ["hops_of", "threads"]


def hops_of(plan: Plan) -> list[list[str]]:
    """What runs in each visit to a worker thread, in order."""
    hops: list[list[str]] = []
    for step in plan.steps:
        if isinstance(step, Hop):
            hops.append([name for part in step.steps for name in _names(part)])
        else:
            hops.extend([name] for name in _names(step))
    return hops


def _names(step: Step) -> Iterator[str]:
    """What of a step runs in a thread."""
    if isinstance(step, Close):
        yield from (f"{opened.name} (close)" for opened in step.opened if opened.in_thread)
    elif isinstance(step, Open) and step.in_thread:
        yield f"{step.name} (open)"
    elif isinstance(step, Call | Root) and step.in_thread:
        yield step.node.provider.name


def threads(hops: Sequence[Sequence[str]], plan: Plan, route: str) -> Finding | None:
    """The note about it, where there is any."""
    if not hops:
        return None
    file, line = split_place(plan.origin)
    times = "once" if len(hops) == 1 else f"{len(hops)} times"
    return Finding(
        rule="threads",
        level="note",
        message=(
            f"{route} goes to a worker thread {times}: {'; '.join(', '.join(hop) for hop in hops)}."
        ),
        hint="what does not block is cheaper as async def, or declared with in_thread=False",
        file=file,
        line=line,
        routes=(route,),
    )
