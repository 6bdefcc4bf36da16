"""What the plans of this process hold open now: found by looking at their coroutines.

Costs nothing until it is asked for, and then a walk over all objects of the process; for tests.
"""

from __future__ import annotations

import gc
import inspect
import types
from collections.abc import Iterator
from dataclasses import dataclass

from tenure.plan.steps import Open

__all__ = ["Alive", "alive"]


@dataclass(frozen=True, slots=True)
class Alive:
    """One generator that is open."""

    running: types.CoroutineType[object, object, object]
    """The unit of work that has opened it, not finished yet."""
    step: Open
    unit: str
    """What the unit of work is for: the name of its function."""

    def __str__(self) -> str:
        return f"{self.step.name} ({self.step.place}), opened for {self.unit}"


def alive() -> Iterator[Alive]:
    """Every generator that a compiled plan has opened and not closed, in order of opening."""
    # A comparison of types is a third of what ``isinstance`` costs, and there are many objects.
    coroutine = types.CoroutineType
    for each in [each for each in gc.get_objects() if type(each) is coroutine]:
        if _is_plan(each):
            frame: types.FrameType | None = each.cr_frame
            if frame is None:
                continue
            opens: tuple[Open, ...] = frame.f_globals.get("opens", ())
            for step in opens[: frame.f_locals.get("opened", 0)]:
                if not step.is_slot:
                    yield Alive(each, step, each.__name__.removeprefix("solve_"))


def _is_plan(coroutine: types.CoroutineType[object, object, object]) -> bool:
    if not coroutine.cr_code.co_filename.startswith("<tenure plan"):
        return False
    return inspect.getcoroutinestate(coroutine) in (inspect.CORO_SUSPENDED, inspect.CORO_RUNNING)
