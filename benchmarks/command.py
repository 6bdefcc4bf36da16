"""The command line of the benchmark."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

from benchmarks import documents
from benchmarks.concurrency import measure_concurrency
from benchmarks.engine import measure_engine
from benchmarks.guarantees import find_out
from benchmarks.harness import Effort
from benchmarks.machine import describe
from benchmarks.overrides import measure_overrides
from benchmarks.requests import measure_requests
from benchmarks.results import Work
from benchmarks.routes import measure_routes
from benchmarks.sockets import measure_sockets
from benchmarks.startup import measure_startup
from benchmarks.table import print_guarantees, print_targets, print_works
from benchmarks.targets import judge

__all__ = ["main"]

PARTS: dict[str, Callable[[Effort], list[Work]]] = {
    "engine": measure_engine,
    "requests": measure_requests,
    "sockets": measure_sockets,
    "routes": measure_routes,
    "startup": measure_startup,
    "concurrency": measure_concurrency,
    "overrides": measure_overrides,
}

QUICK = Effort(rounds=5, slice_seconds=0.004, is_quick=True)
FULL = Effort(rounds=21, slice_seconds=0.012)


def main() -> None:
    """Measure, print, and keep the numbers of a full run."""
    options = _options()
    effort = QUICK if options.quick else FULL
    machine = describe()
    print(", ".join(f"{name}: {value}" for name, value in machine.items() if name != "packages"))
    print(", ".join(f"{name} {value}" for name, value in machine["packages"].items()))
    works: list[Work] = []
    kept = find_out() if "engine" in (options.only or PARTS) else []
    for part in options.only or PARTS:
        began = time.monotonic()
        print(f"{part} ...", end=" ", file=sys.stderr, flush=True)
        works += PARTS[part](effort)
        print(f"{time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    verdicts = judge(works)
    print_works(works)
    if kept:
        print_guarantees(kept)
    print_targets(verdicts)
    if not options.quick and not options.only:
        for path in documents.write(machine, effort, works, verdicts, kept):
            print(f"written: {path.relative_to(documents.DOCS.parent)}")
    if options.strict and not all(verdict.reached for verdict in verdicts):
        sys.exit(1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a first impression in a minute")
    parser.add_argument("--strict", action="store_true", help="fail when a target is missed")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), help="some parts only")
    return parser.parse_args()
