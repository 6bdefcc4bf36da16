"""What the parts of the benchmark hand to the report."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from benchmarks.harness import Comparison, Measured

__all__ = ["LeftOut", "Verdict", "Work"]


class LeftOut(Exception):  # noqa: N818 - not an error: a contender that cannot do a work
    """Why a contender does not take part."""


@dataclass(slots=True)
class Work:
    """One work and what its contenders needed for it."""

    part: str
    """The part of the benchmark: ``engine``."""
    name: str
    comparison: Comparison
    reference: str
    left_out: Sequence[tuple[str, str]] = ()
    """Contenders that do not take part, and why."""
    clock: Literal["processor", "wall", "memory"] = "processor"
    """What was measured."""
    beside: Comparison | None = None
    """The same by the other clock."""
    remark: str = ""
    """What was measured, where the name does not say it."""

    @classmethod
    def of(
        cls,
        part: str,
        name: str,
        measured: Measured,
        left_out: Sequence[tuple[str, str]] = (),
        *,
        waits: bool = False,
        remark: str = "",
    ) -> Work:
        """Interleaved slices; the wall's clock counts where the work *waits* for others."""
        reference = next(iter(measured.wall.series))
        chosen, beside = measured.processor, measured.wall
        if waits:
            chosen, beside = beside, chosen
        clock: Literal["processor", "wall"] = "wall" if waits else "processor"
        return cls(part, name, chosen, reference, left_out, clock, beside, remark)


@dataclass(slots=True)
class Verdict:
    """One target of the project, and whether it is reached."""

    part: str
    work: str
    demand: str
    """In words: ``at most 0.65 of nested async with``."""
    limit: float
    values: Sequence[float] = field(default_factory=list)
    """Round by round; the median counts."""
    at_least: bool = False
    missing: str = ""
    """Why nothing was measured."""
    bound: str = ""
    """The contender that shows how far one can get, where the target may be out of reach."""
    bound_value: float | None = None
    """What that one has reached, in the same run."""

    @property
    def value(self) -> float | None:
        """What was reached."""
        return statistics.median(self.values) if self.values else None

    @property
    def reached(self) -> bool:
        """Whether the median is within the limit."""
        if self.value is None:
            return False
        return self.value >= self.limit if self.at_least else self.value <= self.limit
