"""Who holds what is limited and who waits for it, and whether the waiting can ever end.

Plain data, guarded by the lock of ``life.limits``. A *line* is one limit with its holders and its
queue. A *holding* is given back when its unit of work is done with it, or, where it is the slot of
a call, when the call returns. A *wait* keeps back the unit that waits, and those around it: what
they hold is not given back before the wait is over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from tenure.errors import LimitError

__all__ = ["Holding", "Limited", "Line", "Unit", "Wait", "stuck"]

_MOST_HOLDERS = 8
"""How many are named in an error."""


class Limited(Protocol):
    """What errors say about who takes a slot; a plan's ``Open`` and ``Call`` are such."""

    @property
    def name(self) -> str:
        """The dependency's name."""
        ...

    @property
    def place(self) -> str:
        """Where it is defined, ``file:line``."""
        ...


class Unit:
    """One unit of work that takes slots.

    *parent* is the unit that it is a part of, where that is kept open for several calls.
    """

    __slots__ = ("around", "is_begun", "parent", "tasks", "waits")

    def __init__(self, parent: Unit | None = None) -> None:
        self.parent = parent
        self.is_begun = False
        self.around: tuple[Unit, ...] = ()
        """The units that cannot go on before this one does."""
        self.tasks: frozenset[Any] = frozenset()
        """The tasks which those units, and this one, were in when it began."""
        self.waits: set[Wait] = set()
        """What keeps it back: waits of its own, and of units inside it."""

    def begin(self, task: Any, at_work: Iterable[Unit]) -> None:
        """Note what is around it, when it is about to take its first slot."""
        if self.is_begun:
            return
        self.is_begun = True
        found: dict[Unit, None] = {}
        above = [*at_work, *([self.parent] if self.parent is not None else [])]
        tasks = {task}
        for unit in above:
            if unit is not self:
                found.update(dict.fromkeys((unit, *unit.around)))
                tasks |= unit.tasks
        self.around = tuple(found)
        self.tasks = frozenset(tasks)


class Line:
    """One limit: who holds its slots, and who waits for one."""

    __slots__ = ("__weakref__", "holdings", "size", "waits")

    def __init__(self, size: int) -> None:
        self.size = size
        self.holdings: set[Holding] = set()
        self.waits: deque[Wait] = deque()


class Holding:
    """A slot that is taken."""

    __slots__ = ("is_call", "limited", "line", "task", "unit")

    def __init__(self, line: Line, unit: Unit, limited: Limited, task: Any, is_call: bool) -> None:
        self.line = line
        self.unit = unit
        self.limited = limited
        self.task = task
        self.is_call = is_call
        """Whether it is given back when a call returns, not when the unit is done with it."""

    def kept_by(self) -> list[Wait]:
        """The waits that are to end before it is given back."""
        if not self.is_call:
            return list(self.unit.waits)
        return [wait for wait in self.unit.waits if self.task in wait.tasks]


class Wait:
    """Somebody in the queue of a line; *at_work* are the units in whose task it is."""

    __slots__ = ("error", "holding", "is_granted", "is_queued", "tasks", "units", "wake")

    def __init__(self, holding: Holding, at_work: Iterable[Unit], wake: Callable[[], bool]) -> None:
        unit = holding.unit
        self.holding = holding
        """What it will be."""
        together = [unit, *at_work]
        self.units = tuple(dict.fromkeys(each for one in together for each in (one, *one.around)))
        self.tasks = frozenset({holding.task}).union(*(one.tasks for one in together))
        self.wake = wake
        """Answers whether anybody is there to be woken."""
        self.is_granted = False
        self.is_queued = False
        self.error: LimitError | None = None

    def enter(self) -> None:
        """Queue up."""
        self.is_queued = True
        self.holding.line.waits.append(self)
        for unit in self.units:
            unit.waits.add(self)

    def leave(self) -> None:
        """Keep nobody back any more."""
        self.is_queued = False
        for unit in self.units:
            unit.waits.discard(self)

    def withdraw(self) -> None:
        """Leave the queue."""
        self.leave()
        self.holding.line.waits.remove(self)


def stuck(wait: Wait) -> LimitError | None:
    """The error for a wait that can never end, None for one that can.

    It can where one holder at least is kept back by nothing, or by waits only that can end.
    """
    reached = _reached_from(wait)
    if reached is None:
        return None
    remaining = set(reached)
    is_settled = False
    while not is_settled:
        is_settled = True
        for each in reached:
            if each in remaining and not all(
                any(other in remaining for other in kept_by) for kept_by in reached[each]
            ):
                remaining.discard(each)
                is_settled = False
    return _error(wait, remaining) if wait in remaining else None


def _reached_from(wait: Wait) -> dict[Wait, list[list[Wait]]] | None:
    """By wait, what keeps each holder of its line; None if *wait* is seen to end at once."""
    reached: dict[Wait, list[list[Wait]]] = {}
    pending = [wait]
    while pending:
        each = pending.pop()
        if each in reached:
            continue
        keeping = [holding.kept_by() for holding in each.holding.line.holdings]
        reached[each] = keeping
        if all(keeping):  # otherwise it can end, whatever the others do
            pending.extend(other for kept_by in keeping for other in kept_by)
        elif each is wait:
            return None
    return reached


def _error(wait: Wait, remaining: set[Wait]) -> LimitError:
    limited, line = wait.holding.limited, wait.holding.line
    mine = set(wait.units)
    others: list[str] = []
    is_own = True
    seen: set[Line] = set()
    pending = [wait]
    while pending:
        each = pending.pop(0)
        if each.holding.line in seen:
            continue
        seen.add(each.holding.line)
        for holding in each.holding.line.holdings:
            keeping = [other for other in holding.kept_by() if other in remaining]
            pending += keeping
            is_own = is_own and holding.unit in mine
            others.append(_held(holding, keeping, wait, is_own=holding.unit in mine))
    lines = list(dict.fromkeys(others))[:_MOST_HOLDERS]
    if is_own:
        hint = (
            "let one unit of work take it once (without use_cache=False, and from one place), or "
            f"raise max_concurrency to {line.size + 1} at least"
        )
    else:
        hint = (
            "let all units of work take what is limited in the same order, and each once, or "
            "raise max_concurrency"
        )
    head = (
        f"{_named(limited)} would wait for ever: {_at_most(line.size)} "
        f"(max_concurrency={line.size})."
    )
    text = "\n".join([head, *(f"  {each}" for each in lines), f"Hint: {hint}."])
    return LimitError(text)


def _held(holding: Holding, keeping: list[Wait], wait: Wait, *, is_own: bool) -> str:
    who = "this unit of work" if is_own else "another"
    held = f"{_named(holding.limited)} is held by {who}"
    if wait in keeping:
        return held if is_own else f"{held}, which waits for this one"
    names = dict.fromkeys(_named(each.holding.limited) for each in keeping)
    return f"{held}, which waits for {' and '.join(names)}"


def _at_most(size: int) -> str:
    return "only one may be alive" if size == 1 else f"only {size} may be alive"


def _named(limited: Limited) -> str:
    return f"{limited.name} ({limited.place})"
