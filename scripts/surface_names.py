"""The public names of a package with FastAPI's surface, and the options of each.

FastAPI's modules have no `__all__`. Public is what a module defines, or imports `as` itself,
without an underscore; and of its classes what they define themselves.
"""

from __future__ import annotations

import ast
import inspect
import pkgutil
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, is_typeddict

from pydantic import BaseModel

ABSENT: Any = object()

# Not meant for users, though they have no underscore: no documentation of FastAPI names them.
INTERNAL = ("dependencies", "cli")


ASGI = {"scope", "receive", "send"}
"""What a server hands on: no option of a caller's."""


@dataclass(frozen=True)
class Name:
    """One public name: of a module (`Query`), or of one of its classes (`FastAPI.get`)."""

    module: str
    """Below the package; empty for the package itself."""
    path: str
    options: tuple[str, ...]
    """The parameters it takes, the fields of a model or the members of an enum."""
    has_own_words: bool
    """Whether the options are words of its own, such as a model's fields, not of a call."""

    @property
    def last(self) -> str:
        """What a program writes: `get`."""
        return self.path.rpartition(".")[2]

    @property
    def owner(self) -> str:
        """The class of a method, or nothing."""
        return self.path.rpartition(".")[0]


def modules_of(package: str) -> list[str]:
    """The public modules below *package*, the package itself first."""
    root = import_module(package)
    names = [each.name for each in pkgutil.walk_packages(root.__path__, package + ".")]
    below = [name.removeprefix(package + ".") for name in names]
    public = [name for name in below if not any(part.startswith("_") for part in name.split("."))]
    return ["", *(name for name in public if name.partition(".")[0] not in INTERNAL)]


def names_of(package: str, module: str) -> Iterator[Name]:
    """The public names of one module, in the order of its source."""
    loaded = import_module(f"{package}.{module}".rstrip("."))
    for name in dict.fromkeys(_written_names(loaded.__name__)):
        value = getattr(loaded, name)
        if isinstance(value, (TypeVar, ParamSpec)):
            continue
        # What stands elsewhere as well has its options there.
        is_at_home = getattr(value, "__module__", "") == loaded.__name__
        options = options_of(value) if is_at_home else ()
        yield Name(module, name, options, has_own_words(value))
        if inspect.isclass(value) and is_at_home:
            for member in _members(value):
                words = options_of(getattr(value, member))
                yield Name(module, f"{name}.{member}", words, has_own_words=False)


def found(package: str, name: Name) -> Any:
    """What *package* has under that name, or `ABSENT`."""
    whole = f"{package}.{name.module}".rstrip(".")
    try:
        value: Any = import_module(whole) if find_spec(whole) else ABSENT
    except ImportError:
        return ABSENT
    for part in name.path.split("."):
        fields = getattr(value, "__dataclass_fields__", {})
        value = fields[part] if part in fields else getattr(value, part, ABSENT)
    return value


def options_of(value: Any) -> tuple[str, ...]:
    """The words by which a caller says what is wanted."""
    if inspect.isclass(value):
        if is_typeddict(value):
            return tuple(value.__annotations__)
        if value.__module__.partition(".")[0] not in {"fastapi", "tenure"}:
            return ()  # Starlette's own class, the same in both
        if issubclass(value, BaseModel):
            return tuple(value.model_fields)
        if issubclass(value, Enum):
            return tuple(value.__members__)
    if not (inspect.isclass(value) or inspect.isroutine(value)):
        return ()
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return ()
    starred = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    plumbing = {"self", *(ASGI if {each.name for each in parameters} >= ASGI else ())}
    return tuple(
        each.name
        for each in parameters
        if each.kind not in starred and each.name not in plumbing and not each.name.startswith("_")
    )


def has_own_words(value: Any) -> bool:
    """Whether *value* is a model, a typed dict or an enum."""
    if not inspect.isclass(value):
        return False
    return issubclass(value, (BaseModel, Enum)) or is_typeddict(value)


def _members(value: type) -> list[str]:
    if has_own_words(value):
        return []
    return [
        name
        for name, member in vars(value).items()
        if not name.startswith("_")
        and (inspect.isroutine(member) or isinstance(member, (property, classmethod)))
    ]


def _written_names(module: str) -> Iterator[str]:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        return
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    loaded = import_module(module)
    for node in _statements(tree.body):
        for name in _bound(node):
            if not name.startswith("_") and hasattr(loaded, name):
                yield name


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module, those in branches too."""
    for node in body:
        yield node
        if isinstance(node, (ast.If, ast.Try)):
            yield from _statements([*node.body, *node.orelse])


def _bound(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.ImportFrom):
        yield from (each.name for each in node.names if each.asname == each.name)
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.Assign):
        yield from (each.id for each in node.targets if isinstance(each, ast.Name))


def quietly() -> None:
    """Let modules that are deprecated be imported without a word."""
    warnings.simplefilter("ignore")
