"""The library's source as syntax trees: its modules, and what each one imports."""

import ast
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
PACKAGE = "tenure"

# Ways to import a module without an import statement.
_IMPORTING_CALLS = {"import_module", "__import__"}


@dataclass(frozen=True)
class Import:
    """One imported module or name: `from a.b import c` has the target `a.b.c`."""

    target: str
    line: int
    # Under `if TYPE_CHECKING:`, so it never happens in a running program.
    for_types: bool
    # In a `try` or `with suppress` that goes on without it.
    optional: bool


@dataclass(frozen=True)
class Module:
    """One file of the library."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def room(self) -> str:
        """The first name below the package; the package's own module is the room `__init__`."""
        return self.name.split(".")[1] if "." in self.name else "__init__"

    def place(self, line: int) -> str:
        return f"{self.path.relative_to(ROOT)}:{line}"


@functools.cache
def modules() -> dict[str, Module]:
    """Every module of the library by its dotted name."""
    found = {}
    for path in sorted((SOURCE / PACKAGE).rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = Module(name, path, ast.parse(path.read_text(encoding="utf-8")))
    return found


def imports(module: Module) -> Iterator[Import]:
    """Everything the module imports, at whatever depth: in functions and for type checkers too."""
    for_types = {id(node) for node in _below(module.tree, _is_for_types)}
    optional = {id(node) for node in _below(module.tree, _goes_on_without)}
    for node in ast.walk(module.tree):
        for target in _targets(module, node):
            line = getattr(node, "lineno", 0)
            yield Import(target, line, id(node) in for_types, id(node) in optional)


def _targets(module: Module, node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        origin = _origin(module, node)
        yield from (f"{origin}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Call) and _name(node.func) in _IMPORTING_CALLS:
        for argument in node.args[:1]:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value


def _below(tree: ast.AST, holds: Callable[[ast.AST], bool]) -> Iterator[ast.AST]:
    """All nodes in the body of each `if`, `try` or `with` for which `holds`."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.If, ast.Try, ast.With)) and holds(node):
            for statement in node.body:
                yield from ast.walk(statement)


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and _name(node.test) == "TYPE_CHECKING"


def _goes_on_without(node: ast.AST) -> bool:
    """Is it `try: ... except ImportError` or `with suppress(ImportError)`?"""
    if isinstance(node, ast.Try):
        return any(_name(handler.type) == "ImportError" for handler in node.handlers)
    contexts = [item.context_expr for item in node.items] if isinstance(node, ast.With) else []
    return any(
        isinstance(context, ast.Call)
        and _name(context.func) == "suppress"
        and "ImportError" in map(_name, context.args)
        for context in contexts
    )


def imported_module(target: str) -> str | None:
    """The module of the library that a target lies in, or None when it is not the library's."""
    known = modules()
    while target not in known:
        target, dot, _ = target.rpartition(".")
        if not dot:
            return None
    return target


def _origin(module: Module, node: ast.ImportFrom) -> str:
    """The absolute name of the module that a `from ... import` names."""
    if not node.level:
        return node.module or ""
    is_package = module.path.name == "__init__.py"
    parts = module.name.split(".")
    parts = parts[: len(parts) - node.level + is_package]
    return ".".join([*parts, node.module] if node.module else parts)


def _name(expression: ast.expr | None) -> str:
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""
