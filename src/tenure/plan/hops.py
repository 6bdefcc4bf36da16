"""Which steps share a worker thread.

Going to a thread and back costs more than most of what is done there, so neighbours go together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeGuard

from tenure.plan.steps import Call, Close, Finish, Hop, Open, Read, Root, Step, Together

__all__ = ["merge_hops"]

_Part = Read | Call | Open | Root | Finish | Close


def merge_hops(steps: Sequence[Step]) -> list[Step]:
    """The same steps in the same order, those for worker threads gathered in hops."""
    merged: list[Step] = []
    is_held = False
    position = 0
    while position < len(steps):
        parts = _hop_at(steps, position)
        step = steps[position]
        if parts:
            step = Hop(parts, waits=not (is_held or isinstance(parts[0], Close)))
        elif isinstance(step, Call) and is_held:
            step = replace(step, waits=False)
        merged.append(step)
        is_held = is_held or _holds(step)
        position += len(parts) or 1
    return merged


def _hop_at(steps: Sequence[Step], start: int) -> tuple[_Part, ...]:
    """The steps from *start* on that go to a thread together; none where the first does not."""
    parts: list[_Part] = []
    size = 0
    for step in steps[start:]:
        if _goes(step):
            parts.append(step)
            size = len(parts)
        elif parts and isinstance(step, Read | Finish):
            # Along with what surrounds it; the result is made where the root has run.
            parts.append(step)
            size = len(parts) if isinstance(step, Finish) else size
        else:
            break
    return tuple(parts[:size])


def _goes(step: Step) -> TypeGuard[_Part]:
    if isinstance(step, Call) and step.limit is not None:
        return False  # waits for a slot first, for which it needs no thread
    return isinstance(step, Call | Open | Root | Close) and step.in_thread


def _holds(step: Step) -> bool:
    parts = step.steps if isinstance(step, Hop | Together) else (step,)
    return any(isinstance(part, Open) and part.is_plain for part in parts)
