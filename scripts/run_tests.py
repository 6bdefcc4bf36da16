"""Run the test suite on every supported CPython of this machine, or on one.

    python scripts/run_tests.py                           all of them
    python scripts/run_tests.py --python 3.12 -- -x -k plan

The default interpreter, or the one asked for, runs everything. The others leave out the tests
marked `once`: their outcome does not depend on the version.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

from environment import ROOT, environment
from interpreters import Interpreter, find_all, find_one


def main() -> None:
    """Run pytest on each interpreter in turn, and report which ones it ran on."""
    parser = argparse.ArgumentParser(description="Run the tests on every supported interpreter.")
    parser.add_argument("--python", default="", help="3.12, python3.12 or a path")
    parser.add_argument("arguments", nargs="*", help="what to hand to pytest")
    options = parser.parse_args()
    everything = [] if options.python else find_all()
    interpreters = everything or [find_one(options.python)]
    report = []
    failed = False
    for interpreter in interpreters:
        once = [] if interpreter is interpreters[0] else ["-m", "not once"]
        started = time.monotonic()
        status = _run(interpreter, [*once, *options.arguments])
        failed = failed or status != 0
        outcome = "passed" if status == 0 else f"FAILED (exit status {status})"
        seconds = time.monotonic() - started
        report.append(f"Python {interpreter.full}: {outcome} in {seconds:.0f} s")
    print("\nThe tests ran on:\n  " + "\n  ".join(report), flush=True)
    sys.exit(1 if failed else 0)


def _run(interpreter: Interpreter, arguments: list[str]) -> int:
    python = environment("test", interpreter)
    print(f"\nPython {interpreter.full}", flush=True)
    return subprocess.call([str(python), "-m", "pytest", *arguments], cwd=str(ROOT))


if __name__ == "__main__":
    main()
