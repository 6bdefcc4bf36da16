"""The page of the documentation with the numbers of a full run, as Markdown."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.guarantees import QUESTIONS, Kept
from benchmarks.harness import Effort, spread
from benchmarks.results import Verdict, Work
from benchmarks.table import CLOCKS, amount_text, outcome_text, value_text

__all__ = ["page"]

_HEAD = """\
# The benchmark

`make bench` writes this page, the numbers (`benchmarks.json`) and the chart.

![Time compared with hand-written code](benchmarks.svg)

## How it is measured

- Every contender first shows that it does the work: the values, the order of the exits, nothing
  left open. One that cannot is left out, with the reason.
- The timed code is the checked code, down to the calls that note what is opened and closed.
- All contenders of a work are measured in one process, in {rounds} rounds of slices of
  {slice:.0f} ms. Each slice lies between two slices of the reference; its ratio is to the mean of
  the two. The order rotates and turns round. *Ratio* is the median of the rounds, *spread* the
  range of their middle half relative to it. The same code, entered twice, comes out within 2 %.
- Garbage is collected as ever, but what was built before is not looked at.
- *Processor time* is what the process used, all threads together; it does not count what other
  programs of the machine take. Works in which threads, processes or timers wait for each other
  are measured by the clock on the wall.
- In process the event loop is asyncio's own. Over sockets every contender has one uvicorn worker
  on uvloop with httptools, and the same client loads all of them in turn.
- Startup is measured in new processes; memory is what the operating system counts.
"""


def page(
    machine: dict[str, Any],
    effort: Effort,
    works: Sequence[Work],
    verdicts: Sequence[Verdict],
    kept: Sequence[Kept],
) -> str:
    """The whole page."""
    head = _HEAD.format(slice=effort.slice_seconds * 1000, rounds=effort.rounds)
    parts = (_machine(machine), _targets(verdicts), _guarantees(kept), _works(works))
    return "\n".join([head, *itertools.chain(*parts)]) + "\n"


def _machine(machine: dict[str, Any]) -> Iterator[str]:
    yield "## Where\n"
    for name, value in machine.items():
        if name == "packages":
            versions = ", ".join(f"{package} {version}" for package, version in value.items())
            yield f"- packages: {versions}"
        elif name == "load":
            yield f"- load of the machine when it began: {value}"
        else:
            yield f"- {name}: {value}"


def _targets(verdicts: Sequence[Verdict]) -> Iterator[str]:
    yield "\n## Targets\n"
    yield "| work | target | measured | |"
    yield "|---|---|---|---|"
    for verdict in verdicts:
        outcome = outcome_text(verdict, "**not reached**")
        work = f"{verdict.part}: {verdict.work}"
        yield f"| {work} | {verdict.demand} | {value_text(verdict)} | {outcome} |"


def _guarantees(kept: Sequence[Kept]) -> Iterator[str]:
    yield "\n## What the time buys\n"
    yield "The contenders of the engine's comparison, brought into trouble:\n"
    yield f"| | {' | '.join(QUESTIONS)} |"
    yield "|---|" + "---|" * len(QUESTIONS)
    for each in kept:
        answers = " | ".join("yes" if answer else "no" for answer in each.answers)
        yield f"| {each.name} | {answers} |"


def _works(works: Sequence[Work]) -> Iterator[str]:
    yield "\n## All numbers"
    for work in works:
        remark = f"; {work.remark}" if work.remark else ""
        yield f"\n### {work.part}: {work.name}\n"
        yield f"By {CLOCKS[work.clock]}{remark}.\n"
        yield "| | ratio | spread | median | best |"
        yield "|---|---|---|---|---|"
        for series in work.comparison.series.values():
            values = series.amounts if series.name == work.reference else series.ratios
            median, best = amount_text(work, series.amount), amount_text(work, series.best)
            yield (
                f"| {series.name} | {series.ratio:.2f} | {spread(values):.0%} | {median} | {best} |"
            )
        if work.left_out:
            yield ""
        for name, reason in work.left_out:
            yield f"- {name} is left out: {reason}."
