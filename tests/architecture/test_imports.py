"""Who imports whom: the table of rooms in docs/architecture.md, cycles, and the web's weight."""

import ast
import os
import re
import subprocess
import sys

import pytest

from tests.architecture.source import (
    PACKAGE,
    ROOT,
    SOURCE,
    Module,
    imported_module,
    imports,
    modules,
)

# The rows of the table: `| `text/` | what it is for | what it may import |`.
_ROW = re.compile(r"^\| `(\w+)(?:/|\.py)` \| .* \| ([^|]+) \|$", re.MULTILINE)

# The last room of the engine. Up to here a module needs the standard library and anyio only.
LAST_OF_ENGINE = "container"

# Single modules of the engine that are too small for a row: what each may import.
BESIDE_THE_TABLE: dict[str, set[str]] = {}

# What the engine may import from outside, beside the standard library.
OUTSIDE_ENGINE = {"anyio"}


def rooms() -> dict[str, set[str]]:
    """What each room may import, from the table in docs/architecture.md.

    A room may import itself. The package's own `__init__` is the face of the engine: it may import
    all of it, and is imported by rooms outside the engine only.
    """
    allowed: dict[str, set[str]] = {}
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for room, words in _ROW.findall(text):
        above = set(allowed)
        named = set(re.findall(r"\w+", words))
        allowed[room] = {room} | (above if named == {"all", "above"} else named)
        if room == LAST_OF_ENGINE:
            for small, others in BESIDE_THE_TABLE.items():
                allowed.setdefault(small, {small} | others)
            allowed["__init__"] = {"__init__"} | set(allowed)
    return allowed


def is_engine(module: Module) -> bool:
    """Is the module part of what a user without the web extra imports?"""
    return module.room in rooms()["__init__"]


def test_the_table_of_rooms_is_read_and_consistent() -> None:
    allowed = rooms()
    assert {"errors", "text", "graph", "plan", "life", "container", "web"} <= set(allowed)
    assert allowed["errors"] == {"errors"}
    assert allowed["web"] >= {"container", "graph", "__init__"}
    for room, others in allowed.items():
        assert others <= set(allowed), f"{room} may import rooms that the table does not have"
    assert "life" not in allowed["plan"]
    assert "plan" not in allowed["life"]


def test_every_module_is_in_a_room_of_the_table() -> None:
    strays = sorted({module.room for module in modules().values()} - set(rooms()))
    assert not strays, f"rooms without a row in docs/architecture.md: {strays}"


def test_rooms_import_only_what_the_table_allows() -> None:
    allowed = rooms()
    faults = []
    for module in modules().values():
        for one in imports(module):
            target = imported_module(one.target)
            if target is None:
                continue
            room = modules()[target].room
            if room not in allowed.get(module.room, {room}):
                faults.append(f"{module.place(one.line)}: {module.room} imports {one.target}")
    assert not faults, "\n".join(faults)


def test_the_engine_needs_anyio_only() -> None:
    known = {PACKAGE, *sys.stdlib_module_names, *OUTSIDE_ENGINE}
    faults = [
        f"{module.place(one.line)}: {one.target}"
        for module in modules().values()
        if is_engine(module)
        for one in imports(module)
        if one.target.split(".")[0] not in known and not one.optional
    ]
    assert not faults, "\n".join(faults)


def test_private_names_stay_in_their_module() -> None:
    faults = [
        f"{module.place(one.line)}: {one.target}"
        for module in modules().values()
        for one in imports(module)
        if (name := one.target.rpartition(".")[2]).startswith("_")
        and not name.startswith("__")
        and imported_module(one.target) is not None
    ]
    assert not faults, "\n".join(faults)


def test_nothing_imports_fastapi() -> None:
    faults = [
        module.place(one.line)
        for module in modules().values()
        for one in imports(module)
        if one.target.split(".")[0] == "fastapi"
    ]
    assert not faults, "\n".join(faults)


def test_there_are_no_import_cycles() -> None:
    # Imports in functions count. Those for type checkers do not: two records of one room may name
    # each other in annotations. Between rooms the table above forbids that as well.
    graph = {
        module.name: {
            target
            for one in imports(module)
            if not one.for_types
            and (target := imported_module(one.target)) not in (None, module.name)
        }
        for module in modules().values()
    }
    cycle = _find_cycle(graph)
    assert not cycle, " imports ".join(cycle)


def test_all_ways_to_import_are_seen() -> None:
    source = """
from typing import TYPE_CHECKING
from .. import errors
from .steps import Step as Other
import tenure.web.params
if TYPE_CHECKING:
    from tenure.life import scope
try:
    import typing_extensions
except ImportError:
    pass
with suppress(ImportError):
    import annotated_types
def late():
    import_module("tenure.container")
"""
    path = SOURCE / "tenure" / "plan" / "sample.py"
    seen = list(imports(Module("tenure.plan.sample", path, ast.parse(source))))
    assert {one.target for one in seen} == {
        "typing.TYPE_CHECKING",
        "tenure.errors",
        "tenure.plan.steps.Step",
        "tenure.web.params",
        "tenure.life.scope",
        "typing_extensions",
        "annotated_types",
        "tenure.container",
    }
    assert [one.target for one in seen if one.for_types] == ["tenure.life.scope"]
    optional = [one.target for one in seen if one.optional]
    assert optional == ["typing_extensions", "annotated_types"]


def test_the_search_for_cycles_finds_one() -> None:
    assert not _find_cycle({"a": {"b", "c"}, "b": {"c"}, "c": set()})
    assert _find_cycle({"a": {"b"}, "b": {"c"}, "c": {"d", "b"}, "d": set()}) == ["b", "c", "b"]


def _find_cycle(graph: dict[str, set[str]]) -> list[str]:
    """A way from some module back to itself, or nothing."""
    finished: set[str] = set()

    def search(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name not in finished:
            for other in sorted(graph[name]):
                if cycle := search(other, [*path, name]):
                    return cycle
            finished.add(name)
        return []

    for name in graph:
        if cycle := search(name, []):
            return cycle
    return []


@pytest.mark.parametrize("everything", [False, True], ids=["tenure", "all of the engine"])
def test_the_engine_loads_neither_starlette_nor_pydantic(everything: bool) -> None:
    names = [PACKAGE]
    if everything:
        names += [module.name for module in modules().values() if is_engine(module)]
    assert loaded_by(*names) & {"starlette", "pydantic", "pydantic_core"} == set()


def test_neither_the_web_nor_its_security_schemes_load_the_writer_of_documents() -> None:
    loaded = loaded_by("tenure.web", "tenure.web.security", "tenure.web.routing")
    assert "tenure.web.openapi.models.security" in loaded
    heavy = ("tenure.web.openapi.writer", "tenure.web.openapi.models.document")
    assert [name for name in sorted(loaded) if name.startswith(heavy)] == []


def loaded_by(*names: str) -> set[str]:
    """The modules that a new process has after it has imported *names*."""
    result = subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            "-c",
            f"import sys, {', '.join(names)}; print(*sys.modules)",
        ],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    return set(result.stdout.split())
