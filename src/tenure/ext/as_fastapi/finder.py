"""The import hook: finds ``fastapi`` and its modules in ``tenure.web``."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from importlib.metadata import Distribution, DistributionFinder
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from tenure import web
from tenure.ext.as_fastapi.shims import NAMES

__all__ = ["VERSION", "Finder", "StandIn"]

VERSION = web.__version__
"""The FastAPI whose public surface ``tenure.web`` has."""

# Rooms of tenure.web that FastAPI has no module for.
_OWN = ("app", "bind", "reply")


class StandIn(ModuleType):
    """A module of FastAPI's name: Tenure's module of that name, and the shims.

    What is set on it is set on Tenure's module, so that patches of it reach what they are for.
    """

    def __init__(self, name: str, real: ModuleType | None, shims: Mapping[str, Any]) -> None:
        super().__init__(name, real.__doc__ if real else None)
        own = vars(self)
        own["_real"] = real
        own.update(shims)
        if real is not None and real.__file__:
            own["__file__"] = real.__file__
        if name == "fastapi":
            own["__version__"] = VERSION

    def __getattr__(self, name: str) -> Any:
        real = vars(self)["_real"]
        if real is not None and (name == "__all__" or not name.startswith("__")):
            try:
                return getattr(real, name)
            except AttributeError:
                pass
        raise AttributeError(f"module {self.__name__!r}, of Tenure, has no attribute {name!r}")

    def __setattr__(self, name: str, value: object) -> None:
        real = vars(self)["_real"]
        is_own = name.startswith("__") or name in vars(self) or isinstance(value, StandIn)
        if is_own or real is None:
            super().__setattr__(name, value)
        else:
            setattr(real, name, value)

    def __delattr__(self, name: str) -> None:
        if name in vars(self):
            super().__delattr__(name)
        else:
            delattr(vars(self)["_real"], name)

    def __dir__(self) -> list[str]:
        real = vars(self)["_real"]
        return sorted({*vars(self), *(dir(real) if real is not None else ())} - {"_real"})


class _Loader(Loader):
    def create_module(self, spec: ModuleSpec) -> ModuleType:
        where = _in_tenure(spec.name)
        real = importlib.import_module(where) if where else None
        return StandIn(spec.name, real, NAMES.get(spec.name, {}))

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is left to do: the module of Tenure's has been executed."""


class _AsInstalled(Distribution):
    """What ``importlib.metadata`` says of ``fastapi``: plug-ins ask for its version."""

    def read_text(self, filename: str) -> str | None:
        if filename == "METADATA":
            return f"Metadata-Version: 2.1\nName: fastapi\nVersion: {VERSION}\n"
        return None

    def locate_file(self, path: Any) -> Any:
        raise FileNotFoundError(f"{path}: fastapi is Tenure's stand-in, which has no files")


class Finder(DistributionFinder):
    """Stands first in ``sys.meta_path`` and answers for ``fastapi`` only."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """The stand-in for *fullname*; None where Tenure has nothing of the name."""
        if fullname.partition(".")[0] != "fastapi":
            return None
        where = _in_tenure(fullname)
        if where is None and fullname not in NAMES:
            return None
        found = find_spec(where) if where else None
        is_package = found is None or found.submodule_search_locations is not None
        spec = ModuleSpec(fullname, _Loader(), is_package=is_package)
        if found is not None:
            spec.origin = found.origin
        return spec

    def find_distributions(
        self,
        context: DistributionFinder.Context = DistributionFinder.Context(),  # noqa: B008
    ) -> Iterator[Distribution]:
        """The version for whoever asks for ``fastapi`` by name."""
        if context.name == "fastapi":
            yield _AsInstalled()


def _in_tenure(name: str) -> str | None:
    """The module of Tenure's that *name* stands for, if there is one."""
    inside = name.removeprefix("fastapi").lstrip(".")
    if inside.partition(".")[0] in _OWN:
        return None
    where = f"tenure.web.{inside}".rstrip(".")
    try:
        return where if find_spec(where) is not None else None
    except ModuleNotFoundError:
        return None
