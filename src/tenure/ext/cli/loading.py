"""From what stands on the command line to the application it means."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Router

from tenure.errors import GraphError

__all__ = ["ImportFailed", "Loaded", "Target", "UsageProblem", "find_target", "load"]

_FILES = ("main.py", "app.py", "api.py", "app/main.py", "app/app.py", "app/api.py")
_NAMES = ("app", "application", "api")
_FACTORIES = ("create_app", "make_app", "build_app", "get_app")


class UsageProblem(Exception):  # noqa: N818 - told to the user in one line, never seen as an error
    """What was asked for does not exist, or is ambiguous; the text is one line."""


class ImportFailed(Exception):  # noqa: N818 - as above
    """Importing or making the application raised; ``__cause__`` has what it was."""

    def __init__(self, what: str, error: BaseException) -> None:
        self.error = error
        self.place = _place_of_failure(error)
        first = str(error).strip().split("\n")[0]
        reason = f"{type(error).__name__}: {first}" if first else type(error).__name__
        where = f" ({self.place})" if self.place else ""
        super().__init__(f"{what} cannot be imported: {reason}{where}")


@dataclass(frozen=True, slots=True)
class Target:
    """A module and, where it was named, the attribute in it."""

    module: str
    attribute: str | None
    folder: str
    """Where the module is looked for first."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """An application, and how a server imports it again."""

    app: Any
    target: str
    """``module:attribute``."""
    folder: str
    is_factory: bool


def find_target(text: str | None) -> Target:
    """What ``module:app``, ``module``, ``path/to/file.py:app`` or a file or folder stands for.

    Without *text* the usual files are looked for. Raises ``UsageProblem``.
    """
    if text is None:
        found = next((name for name in _FILES if Path(name).is_file()), None)
        if found is None:
            raise UsageProblem(f"name an application, module:app; there is no {_one_of(_FILES)}")
        text = found
    named = re.fullmatch(r"(.+?):([A-Za-z_][\w.]*)", text)
    module, attribute = (named[1], named[2]) if named else (text, None)
    path = Path(module)
    if path.suffix == ".py" or "/" in module or "\\" in module or module == ".":
        return _target_of_file(path, attribute)
    if not all(part.isidentifier() for part in module.split(".")):
        raise UsageProblem(f"{text!r} is neither module:app nor a file")
    return Target(module, attribute, str(Path.cwd()))


def _target_of_file(path: Path, attribute: str | None) -> Target:
    if path.is_dir():
        inside = next((path / name for name in _FILES if (path / name).is_file()), None)
        if inside is None and (path / "__init__.py").is_file():
            inside = path / "__init__.py"
        if inside is None:
            raise UsageProblem(f"in {path} there is no {_one_of(_FILES)}")
        path = inside
    if not path.is_file():
        raise UsageProblem(f"there is no file {path}")
    path = path.resolve()
    parts = [] if path.name == "__init__.py" else [path.stem]
    folder = path.parent
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    return Target(".".join(parts), attribute, str(folder))


def load(target: Target, *, is_factory: bool = False) -> Loaded:
    """Import the application, and make it where a function does.

    Raises ``UsageProblem`` when there is no such thing, ``GraphError`` when what it declares is
    faulty, ``ImportFailed`` when its code raises something else.
    """
    if target.folder not in sys.path:
        sys.path.insert(0, target.folder)
    module = _imported(target)
    name = target.attribute or _name_in(module, is_factory=is_factory)
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            raise UsageProblem(f"module {target.module} has no {name}{_instead(module)}")
        found = getattr(found, part)
    whole = f"{target.module}:{name}"
    makes = is_factory or (not _is_app(found) and _is_factory(found))
    if makes:
        found = _made(whole, found)
    if not callable(found):
        raise UsageProblem(f"{whole} is no application but of type {type(found).__name__}")
    return Loaded(found, whole, target.folder, makes)


def _imported(target: Target) -> ModuleType:
    try:
        return importlib.import_module(target.module)
    except GraphError:
        raise
    except ModuleNotFoundError as error:
        if error.name and (
            target.module == error.name or target.module.startswith(error.name + ".")
        ):
            raise UsageProblem(f"there is no module {error.name} in {target.folder}") from error
        raise ImportFailed(target.module, error) from error
    except (Exception, SystemExit) as error:
        raise ImportFailed(target.module, error) from error


def _made(whole: str, factory: Any) -> Any:
    if not callable(factory):
        raise UsageProblem(f"{whole} is of type {type(factory).__name__}, no function to be called")
    try:
        return factory()
    except GraphError:
        raise
    except (Exception, SystemExit) as error:
        raise ImportFailed(f"{whole}()", error) from error


def _name_in(module: ModuleType, *, is_factory: bool) -> str:
    if not is_factory:
        usual = [name for name in _NAMES if _is_app(getattr(module, name, None))]
        if usual:
            return usual[0]
        found = _apps_of(module)
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageProblem(
                f"module {module.__name__} has several applications: name one, "
                f"{module.__name__}:{found[0]} ({', '.join(found)})"
            )
    factories = [name for name in _FACTORIES if _is_factory(getattr(module, name, None))]
    if factories:
        return factories[0]
    wanted = _FACTORIES if is_factory else (*_NAMES, *_FACTORIES)
    raise UsageProblem(f"in module {module.__name__} there is no {_one_of(wanted)}: name one")


def _is_app(value: Any) -> bool:
    return isinstance(value, Starlette | Router)


def _is_factory(value: Any) -> bool:
    """Whether it is a function that can be called without arguments."""
    if not inspect.isfunction(value) or inspect.iscoroutinefunction(value):
        return False
    return all(
        parameter.default is not parameter.empty
        or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        for parameter in inspect.signature(value).parameters.values()
    )


def _apps_of(module: ModuleType) -> list[str]:
    return [name for name, value in vars(module).items() if isinstance(value, Starlette)]


def _instead(module: ModuleType) -> str:
    found = _apps_of(module)
    return f", but {', '.join(found)}" if found else ""


def _one_of(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _place_of_failure(error: BaseException) -> str:
    """``file:line`` of the user's code that failed: of the syntax error, or the inmost frame."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno or 1}"
    own = str(Path(__file__).parents[2])  # src/tenure
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith((own, "<", sys.base_prefix)) and _is_users(frame.filename)
    ]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""


def _is_users(file: str) -> bool:
    return "site-packages" not in Path(file).parts
