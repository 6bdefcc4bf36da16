"""Every promise of docs/guarantees.md names tests that exist."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "guarantees.md"


def _rows() -> list[str]:
    lines = PAGE.read_text().splitlines()
    return [line for line in lines if line.startswith("| ") and "`" in line.rpartition(" | ")[2]]


def _tests_of(file: Path) -> set[str]:
    body = ast.parse(file.read_text()).body
    return {each.name for each in body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_promise_names_tests_that_exist() -> None:
    rows = _rows()
    assert rows
    for row in rows:
        named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", row.rpartition(" | ")[2])
        assert named, row
        for file, test in named:
            assert test in _tests_of(TESTS / file), f"{file}::{test}"
