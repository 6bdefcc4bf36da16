"""Which test or program uses a public name, and with which options.

A name is used where `web.Name` or `Name` stands in a function or class of `tests/`. An option is
used where it is a keyword of such a call. A method counts where its owner is known: a variable
that the same function, or one around it, has made from the owner's class, or a subclass of it.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

Uses = dict[tuple[str, str], set[str]]
"""`(name, option)` to the places of its use. The option is empty for the name itself, and `#0`
for what is given by position."""

# Programs that are run on both frameworks show most; then what tests them from outside.
FOLDERS = ("compat", "web", "reference", "examples", "typing")


# What Tenure calls otherwise, and knows by FastAPI's name as well.
ALIASES = {"App": "FastAPI"}


@dataclass
class _Place:
    """A function or class of a test file, and what its variables are."""

    label: str
    kinds: dict[str, str] = field(default_factory=dict)
    """Variables and the classes they were made from."""
    names: dict[str, str] = field(default_factory=dict)
    """Variables that stand for an attribute, such as a name of the framework."""


def uses_in(tests: Path, classes: set[str]) -> Uses:
    """All uses below *tests*; *classes* are the names whose methods are looked for."""
    uses: Uses = defaultdict(set)
    for folder in FOLDERS:
        for file in sorted((tests / folder).rglob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            _Reader(uses, classes, file.relative_to(tests).as_posix()).read(tree)
    return uses


class _Reader:
    def __init__(self, uses: Uses, classes: set[str], file: str) -> None:
        self._uses = uses
        self._classes = classes
        self._file = file

    def read(self, tree: ast.Module) -> None:
        self._walk(tree, [_Place("")])

    def _walk(self, node: ast.AST, around: list[_Place]) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                # Decorators and defaults belong to the function around.
                for outside in _outside_of(child):
                    self._see(outside, around)
                    self._walk(outside, around)
                inside = _Place(around[0].label or f"{self._file}::{child.name}")
                if isinstance(child, ast.ClassDef):
                    self._note_overrides(child, inside.label)
                else:
                    self._note_parameters(child, inside)
                self._walk(ast.Module(body=child.body, type_ignores=[]), [inside, *around])
            else:
                self._see(child, around)
                self._walk(child, around)

    def _note_value(self, target: ast.expr, value: ast.expr, place: _Place) -> None:
        if not isinstance(target, ast.Name):
            return
        if isinstance(value, ast.Attribute) and isinstance(value.value, (ast.Name, ast.Attribute)):
            place.names[target.id] = value.attr
        kind = _last(value.func) if isinstance(value, ast.Call) else ""
        kind = ALIASES.get(kind, place.names.get(kind, kind))
        if kind in self._classes:
            place.kinds[target.id] = kind

    def _note_overrides(self, node: ast.ClassDef, label: str) -> None:
        for base in node.bases:
            for each in node.body:
                if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    self._uses[f"{_last(base)}.{each.name}", ""].add(label)

    def _note_parameters(self, node: ast.FunctionDef | ast.AsyncFunctionDef, place: _Place) -> None:
        for argument in [*node.args.args, *node.args.kwonlyargs]:
            for part in ast.walk(argument.annotation) if argument.annotation else ():
                if isinstance(part, (ast.Name, ast.Attribute)) and _last(part) in self._classes:
                    place.kinds.setdefault(argument.arg, _last(part))

    def _see(self, node: ast.AST, around: list[_Place]) -> None:
        label = around[0].label
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            for target, value in _pairs(node.targets[0], node.value):
                self._note_value(target, value, around[0])
        if not label:
            return
        if isinstance(node, ast.Call):
            for name in self._names(node.func, around):
                words = [each.arg for each in node.keywords if each.arg]
                for word in [*words, *(f"#{number}" for number in range(len(node.args)))]:
                    self._uses[name, word].add(label)
        if isinstance(node, (ast.Name, ast.Attribute)):
            for name in self._names(node, around):
                self._uses[name, ""].add(label)

    def _names(self, node: ast.expr, around: list[_Place]) -> Iterator[str]:
        last = _last(node)
        if not last:
            return
        if isinstance(node, ast.Name):
            last = next((each.names[last] for each in around if last in each.names), last)
        last = ALIASES.get(last, last)
        yield last
        if not isinstance(node, ast.Attribute):
            return
        if isinstance(node.value, ast.Attribute) and node.value.attr == "router":
            yield f"APIRouter.{last}"
        if isinstance(node.value, ast.Name):
            for place in around:
                if (kind := place.kinds.get(node.value.id)) is not None:
                    yield f"{kind}.{last}"
                    return
            yield f"{node.value.id}.{last}"


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return list(zip(target.elts, value.elts, strict=False))
    return [(target, value)]


def _outside_of(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> list[ast.expr]:
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases]
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    annotations = [each.annotation for each in every if each.annotation is not None]
    defaults = [*arguments.defaults, *(each for each in arguments.kw_defaults if each is not None)]
    returns = [node.returns] if node.returns is not None else []
    return [*node.decorator_list, *annotations, *defaults, *returns]


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""
