"""Finds the CPython interpreters of this machine that Tenure supports.

Standard library only, and it runs on the oldest Python that `make` may find: the scripts have to
say what is missing rather than fail on their own syntax.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

OLDEST = (3, 11)
NEWEST_TRIED = (3, 13)

# Asks an interpreter about itself. Importing ensurepip finds the Debian packages that come without
# the means to make a virtual environment.
_QUESTION = """
import ensurepip, json, platform, sys, venv
print(json.dumps([list(sys.version_info[:3]), sys.executable, sys.version_info.releaselevel,
                  platform.python_implementation()]))
"""


class Interpreter(NamedTuple):
    """A CPython that starts and can make virtual environments."""

    version: tuple[int, int, int]
    path: str

    @property
    def minor(self) -> str:
        """The name that people use: `3.13`."""
        return f"{self.version[0]}.{self.version[1]}"

    @property
    def full(self) -> str:
        """The exact version: `3.13.1`."""
        return f"{self.minor}.{self.version[2]}"


def interpreter_at(path: str) -> Interpreter | None:
    """Ask the program at `path` what it is; None when it is nothing we can use.

    A name on PATH proves nothing: version managers put launchers there, which start the real
    program or fail, depending on what is selected. So the answer holds the program's own path.
    """
    try:
        answer = subprocess.run(
            [path, "-I", "-c", _QUESTION], capture_output=True, text=True, timeout=60, check=True
        )
        version, program, release, implementation = json.loads(answer.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    if implementation != "CPython" or release != "final" or tuple(version[:2]) < OLDEST:
        return None
    return Interpreter(tuple(version), program)


def find_all() -> list[Interpreter]:
    """Every usable interpreter, one per minor version, the default one first.

    The default is the newest that Tenure is known to work on; still newer ones follow the rest.
    """
    found: dict[tuple[int, ...], Interpreter] = {}
    for path in _candidates():
        interpreter = interpreter_at(path)
        if interpreter is None:
            continue
        known = found.get(interpreter.version[:2])
        if known is None or known.version < interpreter.version:
            found[interpreter.version[:2]] = interpreter
    return sorted(
        found.values(),
        key=lambda each: (each.version[:2] <= NEWEST_TRIED, each.version),
        reverse=True,
    )


def find_one(wanted: str) -> Interpreter:
    """The interpreter that `wanted` names: `3.12`, `python3.12`, a path, or "" for the default."""
    path = shutil.which(wanted) if wanted else None
    interpreter = interpreter_at(path) if path else None
    if interpreter is not None:
        return interpreter
    everything = find_all()
    for interpreter in everything:
        if not wanted or wanted in (interpreter.minor, "python" + interpreter.minor):
            return interpreter
    subject = f"{wanted!r} is not" if wanted else "No interpreter is"
    oldest = f"{OLDEST[0]}.{OLDEST[1]}"
    found = ", ".join(f"{each.full} at {each.path}" for each in everything) or "none"
    sys.exit(
        f"{subject} a CPython {oldest} or newer that can make virtual environments.\n"
        f"Found here: {found}.\n"
        "Name one with PYTHON=..., or install one (on Debian together with its -venv package)."
    )


def _candidates() -> list[str]:
    names = [f"python3.{minor}" for minor in range(OLDEST[1], OLDEST[1] + 20)]
    on_path = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    managed = sorted(Path.home().glob(".pyenv/versions/*/bin"))
    paths = [sys.executable]
    paths += [str(folder / name) for folder in on_path for name in [*names, "python3"]]
    paths += [str(folder / name) for folder in managed for name in names]
    return [path for path in dict.fromkeys(paths) if os.access(path, os.X_OK)]


if __name__ == "__main__":
    for each in find_all():
        print(each.full, each.path)
