"""The variables of a generated function: what it has, what a hop assigns, what a call is given."""

from __future__ import annotations

from tenure.graph.providers import takes_positions
from tenure.plan.steps import Call, Close, Finish, Hop, Open, Plan, Read, Root, Take, flat

__all__ = ["assigned_by", "given_to", "locals_of", "seconds_of"]


def locals_of(plan: Plan) -> list[str]:
    """What the steps of a plan assign."""
    names: list[str] = []
    for step in flat(plan.steps):
        match step:
            case Read():
                names.extend(step.targets)
            case Call() | Take():
                names.append(step.target)
            case Open():
                names.extend((step.target, step.generator))
            case _:
                pass
    return names


def assigned_by(hop: Hop) -> list[str]:
    """The variables that a hop assigns for the steps after it."""
    names: list[str] = []
    for step in hop.steps:
        match step:
            case Read():
                names.extend(step.targets)
            case Call():
                names.append(step.target)
            case Open():
                names.extend((step.target, step.generator, "opened"))
            case Root():
                names.append("result")
            case Finish():
                names.append("reply")
            case Close():
                names.append("opened")
    return list(dict.fromkeys(names))


def given_to(step: Call | Open | Root) -> str:
    """The arguments of a call: by position where that means the same, since it is faster."""
    if takes_positions(step.node.call, [name for name, _ in step.arguments]):
        return ", ".join(value for _, value in step.arguments)
    return ", ".join(f"{name}={value}" for name, value in step.arguments)


def seconds_of(opened: tuple[Open, ...]) -> str:
    """After which one of the exits may be found to hang, at the earliest, as an argument."""
    seconds = min((each.exit_timeout for each in opened if each.exit_timeout), default=None)
    return "" if seconds is None else f", {seconds!r}"
