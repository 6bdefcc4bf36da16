"""What a full run leaves in the documentation: a page, the numbers as JSON, and the chart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import chart
from benchmarks.guarantees import QUESTIONS, Kept
from benchmarks.harness import Effort, spread
from benchmarks.page import page
from benchmarks.results import Verdict, Work

__all__ = ["write"]

DOCS = Path(__file__).resolve().parent.parent / "docs"


def write(
    machine: dict[str, Any],
    effort: Effort,
    works: Sequence[Work],
    verdicts: Sequence[Verdict],
    kept: Sequence[Kept],
) -> list[Path]:
    """Write the files; their paths."""
    numbers, drawing = DOCS / "benchmarks.json", DOCS / "benchmarks.svg"
    text = DOCS / "benchmarks.md"
    report = {
        "machine": machine,
        "rounds": effort.rounds,
        "slice_seconds": effort.slice_seconds,
        "works": [_work(work) for work in works],
        "guarantees": {each.name: dict(zip(QUESTIONS, each.answers, strict=True)) for each in kept},
        "targets": [_target(verdict) for verdict in verdicts],
    }
    numbers.write_text(json.dumps(report, indent=1) + "\n")
    described = f"{machine['python']}, {machine['date']}"
    drawing.write_text(chart.draw(chart.drawable(works), described))
    text.write_text(page(machine, effort, works, verdicts, kept))
    return [text, numbers, drawing]


def _work(work: Work) -> dict[str, Any]:
    return {
        "part": work.part,
        "name": work.name,
        "remark": work.remark,
        "measured": work.clock,
        "unit": "bytes" if work.clock == "memory" else "seconds",
        "reference": work.reference,
        "contenders": [
            {
                "name": series.name,
                "ratio": _rounded(series.ratio),
                "spread": _rounded(spread(series.ratios)),
                "median": _rounded(series.amount),
                "best": _rounded(series.best),
            }
            | ({"ratio_by_other_clock": _rounded(beside.ratio)} if beside else {})
            for series in work.comparison.series.values()
            for beside in [work.beside[series.name] if work.beside else None]
        ],
        "left_out": dict(work.left_out),
    }


def _target(verdict: Verdict) -> dict[str, Any]:
    return {
        "part": verdict.part,
        "work": verdict.work,
        "demand": verdict.demand,
        "limit": verdict.limit,
        "value": None if verdict.value is None else _rounded(verdict.value),
        "reached": verdict.reached,
        "missing": verdict.missing,
    } | (
        {"bound": verdict.bound, "bound_value": _rounded(verdict.bound_value)}
        if verdict.bound_value is not None
        else {}
    )


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
