"""Programs in files of their own, and the command run on them in this process."""

import itertools
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tenure.ext.cli.check.collecting import Report, check
from tenure.ext.cli.commands import run_command
from tenure.ext.cli.loading import find_target

_HEAD = """
from __future__ import annotations
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Annotated, Any
from tenure.web import APIRouter, Depends, FastAPI, Security, WebSocket
from tenure.web.responses import StreamingResponse
app = FastAPI()
"""
_numbers = itertools.count(1)


class Outcome(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def _untouched_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forget the modules of the programs: another test may have one of the same name."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None)).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Write a program with the usual imports and an `app`; the folder is the current one."""
    monkeypatch.chdir(tmp_path)

    def write(text: str, *, head: str = _HEAD) -> Path:
        file = tmp_path / f"program_{next(_numbers)}.py"
        file.write_text(head.lstrip() + textwrap.dedent(text), encoding="utf-8")
        return file

    return write


@pytest.fixture
def checked(write: Callable[..., Path]) -> Callable[[str], Report]:
    """Check a program."""
    return lambda text: check(find_target(str(write(text))))


@pytest.fixture
def tenure(capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run the command, as far as a process of its own makes no difference."""

    def tenure(*arguments: object) -> Outcome:
        capfd.readouterr()
        status = run_command([str(each) for each in arguments])
        return Outcome(status, *capfd.readouterr())

    return tenure
