"""The report in the terminal: one table of all works, then the targets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.guarantees import QUESTIONS, Kept
from benchmarks.harness import Series, spread
from benchmarks.results import Verdict, Work

__all__ = [
    "CLOCKS",
    "amount_text",
    "outcome_text",
    "print_guarantees",
    "print_targets",
    "print_works",
    "value_text",
]

CLOCKS = {"processor": "processor time", "wall": "the clock on the wall", "memory": "memory"}


def print_works(works: Sequence[Work]) -> None:
    """Every contender of every work."""
    print(f"\n{'':38}{'ratio':>9}{'spread':>8}{'median':>12}{'best':>12}")
    for work in works:
        remark = f"; {work.remark}" if work.remark else ""
        print(f"\n{work.part}: {work.name} ({CLOCKS[work.clock]}{remark})")
        for series in work.comparison.series.values():
            print(_row(work, series))
        for name, reason in work.left_out:
            print(f"  {name:36}  left out: {reason}")


def _row(work: Work, series: Series) -> str:
    is_reference = series.name == work.reference
    # The reference's ratio is always one; what varies is its time.
    varied = spread(series.amounts if is_reference else series.ratios)
    median, best = amount_text(work, series.amount), amount_text(work, series.best)
    return f"  {series.name:36}{series.ratio:9.2f}{varied:8.0%}{median:>12}{best:>12}"


def amount_text(work: Work, amount: float) -> str:
    """``12.3 us``, ``45.6 kB``, or requests per second."""
    if work.part == "sockets":
        return f"{1 / amount:,.0f} /s"
    if work.clock == "memory":
        return f"{amount / 1000:.1f} kB"
    for factor, unit in ((1e6, "us"), (1e3, "ms")):
        if amount * factor < 1000:
            return f"{amount * factor:.2f} {unit}"
    return f"{amount:.2f} s"


def print_guarantees(kept: Sequence[Kept]) -> None:
    """What the contenders of the engine promise."""
    print("\nengine: what the time buys")
    for number, question in enumerate(QUESTIONS, start=1):
        print(f"  {number}: {question}")
    for each in kept:
        answers = ["yes" if answer else "no" for answer in each.answers]
        print(f"  {each.name:36}{''.join(f'{answer:>6}' for answer in answers)}")


def print_targets(verdicts: Sequence[Verdict]) -> None:
    """What has to be reached, and what was."""
    print(f"\n{'target':78}{'measured':>10}")
    for line in _target_lines(verdicts):
        print(line)
    reached = sum(verdict.reached for verdict in verdicts)
    print(f"\n{reached} of {len(verdicts)} targets reached")


def _target_lines(verdicts: Sequence[Verdict]) -> Iterator[str]:
    for verdict in verdicts:
        described = f"{verdict.part}: {verdict.work}: {verdict.demand}"
        outcome = outcome_text(verdict, "NOT REACHED")
        yield f"{described:78}{value_text(verdict):>10}  {outcome}"


def outcome_text(verdict: Verdict, missed: str) -> str:
    """Whether the target is reached; if not, in the word *missed*, how far one could get."""
    if verdict.missing:
        return f"{missed}: {verdict.missing}"
    if verdict.reached:
        return "reached"
    if verdict.bound_value is None:
        return missed
    return f"{missed}; limit: {verdict.bound} {verdict.bound_value:.3f}"


def value_text(verdict: Verdict) -> str:
    """What was reached, as short as it can be compared with the limit."""
    return "-" if verdict.value is None else f"{verdict.value:.3f}"
