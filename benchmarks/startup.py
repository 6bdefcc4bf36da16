"""What it costs to start an application of 500 routes with a 30-level tree each."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.harness import Comparison, Effort
from benchmarks.results import Work
from benchmarks.startup_child import LEVELS

__all__ = ["measure_startup"]

ROOT = Path(__file__).resolve().parent.parent

FRAMEWORKS = {"FastAPI": "fastapi", "Tenure": "tenure.web"}
TREES = {"own": "own trees", "shared": "one tree"}
PHASES = {"started": "start", "asked": "start and ask each"}

Round = dict[str, dict[str, dict[str, float]]]
"""By framework, phase and what was measured."""


def measure_startup(effort: Effort) -> list[Work]:
    """The frameworks in turn, each time in a process of its own."""
    works = []
    rounds, routes = (1, 50) if effort.is_quick else (2, 500)
    remark = f"{routes} routes, {LEVELS} levels of dependencies"
    for trees, title in TREES.items():
        measured = [_round(trees, routes) for _ in range(rounds)]
        for phase, phase_title in PHASES.items():
            name = f"{phase_title}, {title}"
            seconds = _comparison(measured, phase, "seconds", 1)
            works.append(Work("startup", name, seconds, "FastAPI", remark=remark))
            if not measured[0]["FastAPI"][phase]["bytes"]:
                continue  # a system on which the memory of a process cannot be read
            name, memory = f"per route, {name}", _comparison(measured, phase, "bytes", routes)
            works.append(Work("memory", name, memory, "FastAPI", clock="memory", remark=remark))
    return works


def _comparison(rounds: list[Round], phase: str, quantity: str, divisor: int) -> Comparison:
    amounts = [
        {framework: phases[phase][quantity] / divisor for framework, phases in each.items()}
        for each in rounds
    ]
    return Comparison.of_rounds(amounts, "FastAPI")


def _round(trees: str, routes: int) -> Round:
    measured = {}
    for framework, module in FRAMEWORKS.items():
        command = [sys.executable, "-m", "benchmarks.startup_child", module, trees, str(routes)]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
        measured[framework] = json.loads(done.stdout)
    return measured
