"""Run the test suite on every supported CPython of this machine, or on one.

    python scripts/run_tests.py                           all of them
    python scripts/run_tests.py --python 3.12 -- -x -k plan

The default interpreter, or the one asked for, runs everything. The others leave out the tests
marked `once`: their outcome does not depend on the version.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from environment import ROOT, environment
from interpreters import Interpreter, find_all, find_one


def main() -> None:
    """Run pytest on each interpreter, and report which ones it ran on."""
    parser = argparse.ArgumentParser(description="Run the tests on every supported interpreter.")
    parser.add_argument("--python", default="", help="3.12, python3.12 or a path")
    parser.add_argument("arguments", nargs="*", help="what to hand to pytest")
    options = parser.parse_args()
    everything = [] if options.python else find_all()
    interpreters = everything or [find_one(options.python)]
    print("Python " + ", ".join(each.full for each in interpreters), flush=True)
    results = _run_all(interpreters, options.arguments)
    report = [
        f"Python {result.interpreter.full}: "
        + ("passed" if result.status == 0 else f"FAILED (exit status {result.status})")
        + f" in {result.seconds:.0f} s"
        for result in results
    ]
    print("\nThe tests ran on:\n  " + "\n  ".join(report), flush=True)
    sys.exit(1 if any(result.status for result in results) else 0)


class Result(NamedTuple):
    """One run of the suite."""

    interpreter: Interpreter
    status: int
    seconds: float


def _run_all(interpreters: list[Interpreter], arguments: list[str]) -> list[Result]:
    """As many at a time as there are processors, but two at most: some tests start servers.

    What the first one prints is shown at once, what the others print when they are done.
    """
    # One after the other: they share the folder of environments and the package cache.
    pythons = [environment("test", interpreter) for interpreter in interpreters]

    def run(number: int) -> Result:
        once = [] if number == 0 else ["-m", "not once"]
        command = [str(pythons[number]), "-m", "pytest", *once, *arguments]
        started = time.monotonic()
        if number == 0:
            status = subprocess.call(command, cwd=str(ROOT))
        else:
            done = subprocess.run(
                command,
                cwd=str(ROOT),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
            )
            status = done.returncode
            print(f"\nPython {interpreters[number].full}", flush=True)
            sys.stdout.buffer.write(done.stdout)
            sys.stdout.flush()
        return Result(interpreters[number], status, time.monotonic() - started)

    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        return list(pool.map(run, range(len(interpreters))))


if __name__ == "__main__":
    main()
