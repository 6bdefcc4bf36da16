"""What the library exports: every module says so in `__all__`, and nothing changes unnoticed."""

import ast
import importlib
from collections.abc import Iterator

import pytest

from tests.architecture.source import PACKAGE, Module, modules

pytestmark = pytest.mark.once

_TYPE_VARIABLES = {"ParamSpec", "TypeVar", "TypeVarTuple"}

# Extend this on purpose: a name that is here stays for the life of a major version.
EXPORTED: list[str] = []


def exported(module: Module) -> list[str] | None:
    """The names in the module's `__all__`, or None where it has none."""
    for node in module.tree.body:
        if isinstance(node, ast.Assign) and "__all__" in _names(node.targets[0]):
            return list(ast.literal_eval(node.value))
    return None


def defined(statements: list[ast.stmt]) -> Iterator[str]:
    """The names that the module itself makes, in branches of `if` and `try` too."""
    for node in statements:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Assign) and not _is_type_variable(node.value):
            yield from (name for target in node.targets for name in _names(target))
        elif isinstance(node, ast.AnnAssign):
            yield from _names(node.target)
        elif type(node).__name__ == "TypeAlias":
            yield from _names(node.name)  # type: ignore[attr-defined]
        else:
            yield from (name for branch in _branches(node) for name in defined(branch))


def imported(statements: list[ast.stmt]) -> Iterator[str]:
    """The names that the module takes from others."""
    for node in statements:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                yield alias.asname or alias.name.split(".")[0]
        else:
            yield from (name for branch in _branches(node) for name in imported(branch))


def _is_type_variable(value: ast.expr) -> bool:
    """A type variable is a way to write a signature, nothing that a module has to offer."""
    made_by = value.func if isinstance(value, ast.Call) else None
    return isinstance(made_by, ast.Name) and made_by.id in _TYPE_VARIABLES


def _names(target: ast.expr) -> list[str]:
    return [node.id for node in ast.walk(target) if isinstance(node, ast.Name)]


def _branches(node: ast.stmt) -> list[list[ast.stmt]]:
    if not isinstance(node, (ast.If, ast.Try, ast.With)):
        return []
    branches = [getattr(node, field, []) for field in ("body", "orelse", "finalbody")]
    return branches + [handler.body for handler in getattr(node, "handlers", [])]


def public(module: Module) -> set[str]:
    return {name for name in defined(module.tree.body) if not name.startswith("_")}


@pytest.mark.parametrize("name", modules())
def test_all_names_what_a_module_defines_and_nothing_it_lacks(name: str) -> None:
    module = modules()[name]
    listed = exported(module)
    if listed is None:
        assert not public(module), f"{name} has no __all__, but defines these"
        return
    assert len(listed) == len(set(listed)), f"{name}.__all__ names something twice"
    assert public(module) <= set(listed), f"{name}.__all__ lacks what the module defines"
    made = {*defined(module.tree.body), *imported(module.tree.body)}
    submodules = {other.rpartition(".")[2] for other in modules() if other.startswith(name + ".")}
    if "__getattr__" not in made:
        assert set(listed) <= made | submodules, f"{name}.__all__ names what the module lacks"


def test_tenure_exports_what_it_is_known_for() -> None:
    package = importlib.import_module(PACKAGE)
    assert sorted(getattr(package, "__all__", [])) == sorted(EXPORTED)
    for name in EXPORTED:
        assert hasattr(package, name), name
