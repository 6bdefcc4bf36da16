"""Measures contenders against each other in one run, so that what disturbs one disturbs all.

Time is cut into slices of a few milliseconds. In each round every contender has one slice,
between two slices of the reference; a contender's ratio in that round is its time per operation
over the mean of the two. The order changes from round to round (rotated, every other round
reversed). What is reported is the median of the ratios over the rounds, and their spread. On a
machine that does other things as well, ratios stay comparable where times do not.

Time is that of the processor, which this process has used in all its threads: what waits for a
processor that others use is not counted. The clock on the wall is read as well, for works in
which threads wait for each other.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter, process_time
from typing import NamedTuple

__all__ = ["Batch", "Comparison", "Contender", "Effort", "Series", "compare", "repeat", "spread"]

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


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure."""

    rounds: int
    slice_seconds: float
    is_quick: bool = False
    """For a first impression, not for numbers to be quoted."""


class _Time(NamedTuple):
    cpu: float
    wall: float


@dataclass(slots=True)
class Series:
    """What was measured of one contender, round by round."""

    name: str
    amounts: list[float] = field(default_factory=list)
    """Per operation: seconds, or bytes where memory is compared."""
    ratios: list[float] = field(default_factory=list)
    """To the reference in the same round."""
    wall_ratios: list[float] = field(default_factory=list)
    """The same by the clock on the wall; empty where that is what ``ratios`` are."""

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


async def compare(contenders: Sequence[Contender], effort: Effort) -> Comparison:
    """Measure *contenders* in the running event loop; the first is the reference."""
    reference, *others = contenders
    counts = {each.name: await _calibrate(each, effort.slice_seconds) for each in contenders}
    series = {each.name: Series(each.name) for each in contenders}
    with _garbage_frozen():
        for number in range(effort.rounds):
            before = await _slice(reference, counts[reference.name])
            _add(series[reference.name], before, before, before)
            for contender in _in_turn(others, number):
                taken = await _slice(contender, counts[contender.name])
                after = await _slice(reference, counts[reference.name])
                _add(series[contender.name], taken, before, after)
                before = after
    return Comparison(series)


def _add(series: Series, taken: _Time, before: _Time, after: _Time) -> None:
    series.amounts.append(taken.cpu)
    series.ratios.append(2 * taken.cpu / (before.cpu + after.cpu))
    series.wall_ratios.append(2 * taken.wall / (before.wall + after.wall))


def _in_turn(contenders: Sequence[Contender], number: int) -> Iterator[Contender]:
    """All of them, each round starting with another one, every other round backwards."""
    if not contenders:
        return
    start = number % len(contenders)
    rotated = [*contenders[start:], *contenders[:start]]
    yield from reversed(rotated) if number % 2 else rotated


async def _calibrate(contender: Contender, slice_seconds: float) -> int:
    """How often the work fits into one slice; warms the contender up on the way."""
    count = 1
    while (await _slice(contender, count)).cpu * count < slice_seconds / 2:
        count *= 2
    # Until now the interpreter was still adapting to the code.
    taken = await _slice(contender, count)
    return max(1, round(slice_seconds / taken.cpu))


async def _slice(contender: Contender, count: int) -> _Time:
    """The time of one operation out of *count*.

    Each slice is a task of its own: what a contender leaves with its task (a cancel scope's
    state, context variables) does not reach the next one.
    """
    return await asyncio.create_task(_timed(contender.batch, count))


async def _timed(batch: Batch, count: int) -> _Time:
    wall, cpu = perf_counter(), process_time()
    await batch(count)
    return _Time((process_time() - cpu) / count, (perf_counter() - wall) / count)


@contextmanager
def _garbage_frozen() -> Iterator[None]:
    """Let collections look at what the measured code makes, not at what was built before."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
