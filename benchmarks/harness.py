"""Measures contenders against each other in one run, so that what disturbs one disturbs all.

Time is cut into slices of a few milliseconds. In each round every contender has one slice,
between two slices of the reference; a contender's ratio in that round is its time per operation
over the mean of the two. The order changes from round to round (rotated, every other round
reversed). What is reported is the median of the ratios over the rounds, and their spread. On a
machine that does other things as well, ratios stay comparable where times do not.

Two clocks are read. The processor's counts what this process has used in all its threads, and
nothing while others use the processor; it is what works are compared by that never wait. The
clock on the wall is for works that do.
"""

from __future__ import annotations

import asyncio
import gc
import math
import statistics
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter, process_time
from typing import NamedTuple

__all__ = [
    "Batch",
    "Comparison",
    "Contender",
    "Effort",
    "Measured",
    "Series",
    "compare",
    "repeat",
    "spread",
]

Batch = Callable[[int], Awaitable[object]]
"""Does the work as many times as it is told, one after the other."""


def repeat(call: Callable[[], Awaitable[object]]) -> Batch:
    """A batch of a function without arguments."""

    async def batch(count: int) -> object:
        result = None
        for _ in range(count):
            result = await call()
        return result

    return batch


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to do the work that is compared."""

    name: str
    batch: Batch
    processor: Callable[[], float] = process_time
    """The seconds of processor time used so far, by whoever does the work."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure."""

    rounds: int
    slice_seconds: float
    is_quick: bool = False
    """For a first impression, not for numbers to be quoted."""


@dataclass(slots=True)
class Series:
    """What was measured of one contender, round by round."""

    name: str
    amounts: list[float] = field(default_factory=list)
    """Per operation: seconds, or bytes where memory is compared."""
    ratios: list[float] = field(default_factory=list)
    """To the reference in the same round."""

    @property
    def ratio(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.ratios)

    @property
    def amount(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.amounts)

    @property
    def best(self) -> float:
        """The least: of the round that was disturbed least."""
        return min(self.amounts)


@dataclass(slots=True)
class Comparison:
    """The series of one work, the reference's among them."""

    series: dict[str, Series]

    def __getitem__(self, name: str) -> Series:
        return self.series[name]

    def __contains__(self, name: str) -> bool:
        return name in self.series

    def quotients(self, name: str, over: str) -> list[float]:
        """Round by round: how much *name* needs for one unit of *over*'s."""
        pairs = zip(self[name].ratios, self[over].ratios, strict=True)
        return [mine / other for mine, other in pairs]

    @classmethod
    def of_rounds(cls, rounds: Sequence[dict[str, float]], reference: str) -> Comparison:
        """What was measured elsewhere: in each round one amount for every contender."""
        series = {name: Series(name) for name in rounds[0]}
        for amounts in rounds:
            for name, amount in amounts.items():
                series[name].amounts.append(amount)
                series[name].ratios.append(amount / amounts[reference])
        return cls(series)


def spread(values: Sequence[float]) -> float:
    """The range that holds the middle half of *values*, relative to their median."""
    if len(values) < 2:
        return 0.0
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return (high - low) / middle


class Measured(NamedTuple):
    """The same slices by both clocks."""

    processor: Comparison
    wall: Comparison


async def compare(contenders: Sequence[Contender], effort: Effort) -> Measured:
    """Measure *contenders* in the running event loop; the first is the reference."""
    if not contenders:
        raise RuntimeError("every contender was left out")
    reference, *others = contenders
    counts = {each.name: await _calibrate(each, effort.slice_seconds) for each in contenders}
    measured = Measured(_empty(contenders), _empty(contenders))
    with _garbage_frozen():
        for number in range(effort.rounds):
            before = await _slice(reference, counts[reference.name])
            _add(measured, reference, before, before, before)
            for contender in _in_turn(others, number):
                taken = await _slice(contender, counts[contender.name])
                after = await _slice(reference, counts[reference.name])
                _add(measured, contender, taken, before, after)
                before = after
    return measured


def _empty(contenders: Sequence[Contender]) -> Comparison:
    return Comparison({each.name: Series(each.name) for each in contenders})


def _add(
    measured: Measured, contender: Contender, taken: _Time, before: _Time, after: _Time
) -> None:
    for comparison, mine, first, second in zip(measured, taken, before, after, strict=True):
        series = comparison[contender.name]
        series.amounts.append(mine)
        # A clock that ticks in steps may not have moved at all.
        series.ratios.append(2 * mine / (first + second) if first + second else math.nan)


def _in_turn(contenders: Sequence[Contender], number: int) -> Iterator[Contender]:
    """All of them, each round starting with another one, every other round backwards."""
    if not contenders:
        return
    start = number % len(contenders)
    rotated = [*contenders[start:], *contenders[:start]]
    yield from reversed(rotated) if number % 2 else rotated


class _Time(NamedTuple):
    processor: float
    wall: float


async def _calibrate(contender: Contender, slice_seconds: float) -> int:
    """How often the work fits into one slice; warms the contender up on the way."""
    count = 1
    while (await _slice(contender, count)).wall * count < slice_seconds / 2:
        count *= 2
    # Until now the interpreter was still adapting to the code; and the processor's clock does
    # not mind if somebody else was busy meanwhile.
    taken = await _slice(contender, count)
    return max(1, round(slice_seconds / (taken.processor or taken.wall)))


async def _slice(contender: Contender, count: int) -> _Time:
    """The time of one operation out of *count*.

    Each slice is a task of its own: what a contender leaves with its task (a cancel scope's
    state, context variables) does not reach the next one.
    """
    return await asyncio.create_task(_timed(contender, count))


async def _timed(contender: Contender, count: int) -> _Time:
    batch, clock = contender.batch, contender.processor
    wall, used = perf_counter(), clock()
    await batch(count)
    return _Time((clock() - used) / count, (perf_counter() - wall) / count)


@contextmanager
def _garbage_frozen() -> Iterator[None]:
    """Let collections look at what the measured code makes, not at what was built before."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
