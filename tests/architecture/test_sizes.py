"""Files and functions stay small, and source becomes code in one place only."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, modules

pytestmark = pytest.mark.once

LONGEST_FILE = 400
LONGEST_FUNCTION = 50

# Folders whose Python is held to the bounds. Tests are not: tables of cases may be long.
FOLDERS = ["src", "examples", "scripts", "benchmarks"]

# Functions that are longer on purpose: "path:qualified name" -> the reason.
LONG_FUNCTIONS = {
    "src/tenure/web/applications.py:App.__init__": "FastAPI's options, kept one attribute each",
}

# The one module that turns source text into code.
LOADER = "tenure.plan.loader"


def files() -> list[Path]:
    return [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]


def functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, int]]:
    """Each function's qualified name and length: from `def` to its end, without the docstring."""
    for node in ast.iter_child_nodes(tree):
        name = prefix
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            name = f"{prefix}.{node.name}" if prefix else node.name
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield name, _lines(node) - _docstring_lines(node)
        yield from functions(node, name)


def _lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return _lines(node.body[0]) if ast.get_docstring(node, clean=False) is not None else 0


def test_files_are_short() -> None:
    faults = [
        f"{path.relative_to(ROOT)} has {lines} lines"
        for path in files()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    ]
    assert not faults, "\n".join(faults)


def test_functions_are_short() -> None:
    long = {
        f"{path.relative_to(ROOT).as_posix()}:{name}": lines
        for path in files()
        for name, lines in functions(ast.parse(path.read_text(encoding="utf-8")))
        if lines > LONGEST_FUNCTION
    }
    faults = [f"{name} has {lines} lines" for name, lines in long.items()]
    assert set(long) <= set(LONG_FUNCTIONS), "\n".join(faults)
    assert set(LONG_FUNCTIONS) <= set(long), "LONG_FUNCTIONS names functions that are short now"


def test_lengths_are_counted_without_docstrings() -> None:
    tree = ast.parse(
        'class A:\n def b(\n  self):\n  """x\n  y"""\n  async def c(): ...\n  return c'
    )
    assert dict(functions(tree)) == {"A.b": 4, "A.b.c": 1}


def test_source_becomes_code_in_the_loader_only() -> None:
    faults = [
        module.place(node.lineno)
        for module in modules().values()
        if module.name != LOADER
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Name) and node.id in ("exec", "compile")
    ]
    assert not faults, "\n".join(faults)
