"""Type checkers accept right uses and reject wrong ones, in strict mode.

The files `accepted*.py` and `rejected*.py` are only read. In the latter each wrong line is marked
with `type: ignore`; a mark that nothing needs is an error as well.
"""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
FILES = [str(each) for each in sorted(HERE.glob("*.py")) if each.stem.startswith(("acc", "rej"))]


def check(*command: str) -> str:
    """Run a type checker that belongs to the environment for `make lint`; what it says."""
    if importlib.util.find_spec(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed here")
    result = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=os.environ | {"MYPYPATH": "src"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_mypy_agrees() -> None:
    # Without our settings, which are milder in tests: those of a user who is strict.
    said = check("mypy", "--config-file=", "--strict", "--explicit-package-bases", *FILES)
    assert f"no issues found in {len(FILES)} source files" in said


def test_pyright_agrees(tmp_path: Path) -> None:
    settings = {
        "include": [os.path.relpath(each, tmp_path) for each in FILES],  # absolute: ignored
        "extraPaths": [str(ROOT / "src")],
        "pythonVersion": "3.11",
        "typeCheckingMode": "strict",
        "reportUnnecessaryTypeIgnoreComment": True,
    }
    project = tmp_path / "pyrightconfig.json"
    project.write_text(json.dumps(settings), encoding="utf-8")
    said = check(
        "pyright", "--outputjson", "--pythonpath", sys.executable, "--project", str(project)
    )
    assert json.loads(said)["summary"]["filesAnalyzed"] == len(FILES)
