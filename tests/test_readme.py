"""The programs of the README run as they stand there."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.web.apps.client import get

README = Path(__file__).parent.parent / "README.md"


def programs() -> list[str]:
    return re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


async def test_the_first_program_serves(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {"__name__": "readme"}
    exec(compile(programs()[0], str(README), "exec"), names)
    found = await get(names["app"], "/items/1")
    missing = await get(names["app"], "/items/3")
    assert (found.status, found.body) == (200, b'"hammer"')
    assert (missing.status, missing.body) == (404, b'{"detail":"no such item"}')
    printed = capsys.readouterr().out.split("\n")
    assert printed[:3] == ["opened", "committed", "closed"]
    assert printed[3::2] == ["opened", "closed"]


def test_the_second_program_uses_what_the_first_declares(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names: dict[str, Any] = {"__name__": "readme"}
    for program in programs():
        exec(compile(program, str(README), "exec"), names)
    assert capsys.readouterr().out.split("\n") == ["opened", "committed", "closed", "screw", ""]
