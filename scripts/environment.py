"""Virtual environments under `.venv/`, each installed from one file of exact versions.

Run as a program, it makes the environment of a kind, if it is not there yet, and runs Python in it:

    python scripts/environment.py example -m examples.ledger
    python scripts/environment.py --python 3.12 test -m pytest -x
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

from interpreters import Interpreter, find_one

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".venv"

# An environment that does not hold the project itself, only tools.
WITHOUT_PROJECT = {"lock"}


def environment(kind: str, interpreter: Interpreter) -> Path:
    """The Python of the environment of `kind`, made or made anew where its inputs have changed."""
    name = interpreter.minor if kind == "test" else f"{interpreter.minor}-{kind}"
    folder = HOME / name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "installed"
    state = _state(kind, interpreter)
    HOME.mkdir(exist_ok=True)
    with _only_one(HOME / f"{name}.lock"):
        if not python.exists() or not stamp.exists() or stamp.read_text() != state:
            print(f"Installing into .venv/{name} ...", file=sys.stderr, flush=True)
            _install(kind, interpreter, folder, python)
            stamp.write_text(state)
    return python


def _state(kind: str, interpreter: Interpreter) -> str:
    """What an environment was made from; it is made anew when this changes."""
    # The tools' own settings, at the end of pyproject.toml, change nothing that is installed.
    project = (ROOT / "pyproject.toml").read_bytes().partition(b"\n[tool.")[0]
    digest = hashlib.sha256(_requirements(kind).read_bytes() + project)
    return f"{interpreter.full} {interpreter.path} {digest.hexdigest()}\n"


def _requirements(kind: str) -> Path:
    return ROOT / "requirements" / f"{kind}.txt"


def _install(kind: str, interpreter: Interpreter, folder: Path, python: Path) -> None:
    _quietly([interpreter.path, "-m", "venv", "--clear", str(folder)])
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # Python compiles what is imported when it is imported; compiling everything takes longer than
    # the rest of the installation.
    pip += ["--no-input", "--progress-bar", "off", "--no-compile"]
    _quietly([*pip, "--require-hashes", "--requirement", str(_requirements(kind))])
    if kind not in WITHOUT_PROJECT:
        # The build backend is one of the locked packages, so nothing unlocked is downloaded here.
        _quietly([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)])


def _quietly(command: list[str]) -> None:
    """Run a command whose output matters only when it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        sys.stderr.buffer.write(done.stdout)
        sys.exit("This command failed: " + " ".join(command))


@contextlib.contextmanager
def _only_one(path: Path) -> Generator[None]:
    """Hold the lock file at `path`, so that targets run at once do not install into one folder."""
    if os.name == "nt":
        yield
        return
    import fcntl

    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main() -> None:
    """Run Python, with the arguments given, in the environment of a kind."""
    parser = argparse.ArgumentParser(description="Run Python in one of the project's environments.")
    parser.add_argument("kind", help="a file name under requirements/, without .txt")
    parser.add_argument("--python", default="", help="3.12, python3.12 or a path")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="what to hand to Python")
    options = parser.parse_args()
    python = environment(options.kind, find_one(options.python))
    os.chdir(ROOT)
    # As if the environment were activated: tools look for their Python on PATH.
    os.environ["VIRTUAL_ENV"] = str(python.parent.parent)
    os.environ["PATH"] = os.pathsep.join([str(python.parent), os.environ.get("PATH", os.defpath)])
    # Replaces this process, so that signals reach the program that was asked for.
    os.execv(python, [str(python), *options.arguments])


if __name__ == "__main__":
    main()
