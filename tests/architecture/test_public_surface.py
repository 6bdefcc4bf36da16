"""What the library exports: every module says so in `__all__`, and nothing changes unnoticed."""

import ast
import importlib
import tomllib
from collections.abc import Iterator

import pytest

from tests.architecture.source import PACKAGE, ROOT, Module, modules

pytestmark = pytest.mark.once

# Packages that users do not import from. Their modules lie open to each other.
INTERNAL = (
    "tenure.ext.as_fastapi.",
    "tenure.ext.cli.",
    "tenure.ext.pytest.",
    "tenure.container.",
    "tenure.graph",
    "tenure.life",
    "tenure.plan",
    "tenure.text",
    "tenure.view",
    "tenure.web.app",
    "tenure.web.bind",
    "tenure.web.reply",
)

_TYPE_VARIABLES = {"ParamSpec", "TypeVar", "TypeVarTuple"}

# Extend this on purpose: a name that is here stays for the life of a major version.
EXPORTED = [
    "ApplicationError",
    "Container",
    "DeclarationError",
    "DependencyError",
    "Depends",
    "DidNotYieldError",
    "ExitTimeoutError",
    "Fault",
    "GraphError",
    "LimitError",
    "MarkerError",
    "Outcome",
    "ScopeError",
    "SwallowedError",
    "TenureError",
    "TenureWarning",
    "UnitOfWork",
    "WrongKindError",
    "YieldedTwiceError",
]


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
        elif isinstance(node, ast.Assign):
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


def _names(target: ast.expr) -> list[str]:
    return [node.id for node in ast.walk(target) if isinstance(node, ast.Name)]


def _branches(node: ast.stmt) -> list[list[ast.stmt]]:
    if not isinstance(node, (ast.If, ast.Try, ast.With)):
        return []
    branches = [getattr(node, field, []) for field in ("body", "orelse", "finalbody")]
    return branches + [handler.body for handler in getattr(node, "handlers", [])]


def signature_words(statements: list[ast.stmt]) -> Iterator[str]:
    """Type variables and aliases such as `Reader = Callable[..., Any]`.

    They are ways to write a signature; a module exports them if users need them for their own.
    """
    for node in statements:
        if isinstance(node, ast.Assign) and (
            isinstance(node.value, ast.Subscript) or set(_names(node.value)) & _TYPE_VARIABLES
        ):
            yield from _names(node.targets[0])


def is_internal(module: Module) -> bool:
    return module.name.startswith(INTERNAL)


@pytest.mark.parametrize("name", modules())
def test_all_names_only_what_the_module_has(name: str) -> None:
    module = modules()[name]
    listed = exported(module) or []
    assert len(listed) == len(set(listed)), f"{name}.__all__ names something twice"
    made = {*defined(module.tree.body), *imported(module.tree.body)}
    submodules = {other.rpartition(".")[2] for other in modules() if other.startswith(name + ".")}
    if "__getattr__" not in made:
        assert set(listed) <= made | submodules, f"{name}.__all__ names what the module lacks"


@pytest.mark.parametrize("name", [name for name in modules() if not is_internal(modules()[name])])
def test_a_public_module_exports_all_that_it_defines_without_an_underscore(name: str) -> None:
    module = modules()[name]
    names = set(defined(module.tree.body)) - set(signature_words(module.tree.body))
    names = {each for each in names if not each.startswith("_")}
    listed = exported(module)
    assert listed is not None or not names, f"{name} has no __all__"
    assert names <= set(listed or []), f"{name}.__all__ lacks what the module defines"


def test_tenure_exports_what_it_is_known_for() -> None:
    package = importlib.import_module(PACKAGE)
    assert sorted(package.__all__) == EXPORTED
    for name in EXPORTED:
        assert hasattr(package, name), name


def test_the_version_is_the_one_in_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert importlib.import_module(PACKAGE).__version__ == project["version"]
