"""Let packages that import ``fastapi`` work on Tenure, as they are.

After ``install()`` an import of ``fastapi``, of any of its modules or of a name in them gives
what ``tenure.web`` has under that name, whether FastAPI is installed or not. Call it before the
first such import, for instance in the first lines of the program::

    from tenure.ext import as_fastapi

    as_fastapi.install()

or leave the program as it is and start it with ``python -m tenure.ext.as_fastapi -m uvicorn
main:app``. ``shims`` has the names that are no part of FastAPI's public surface, but are used by
plug-ins.
"""

from __future__ import annotations

import sys
from types import ModuleType

from tenure.errors import TenureError
from tenure.ext.as_fastapi.finder import Finder, StandIn
from tenure.ext.as_fastapi.shims import add_attributes, remove_attributes

__all__ = ["AlreadyImportedError", "install", "is_installed", "uninstall"]

_NAMED = 8
"""How many modules that import FastAPI an error names."""


class AlreadyImportedError(TenureError, ImportError):
    """FastAPI itself has been imported, so part of the program would run on it."""


def install() -> None:
    """Make imports of ``fastapi`` give Tenure's modules, from now on and in all of the process.

    Does nothing when that is so already. Raises ``AlreadyImportedError`` when FastAPI has been
    imported: classes of both in one program would not know each other.
    """
    if is_installed():
        return
    present = _fastapi_modules()
    if present:
        raise AlreadyImportedError(_refusal(present))
    add_attributes()
    sys.meta_path.insert(0, Finder())


def uninstall() -> None:
    """Let imports of ``fastapi`` find FastAPI again.

    Modules that were imported in between keep what they have got.
    """
    sys.meta_path[:] = [each for each in sys.meta_path if not isinstance(each, Finder)]
    for name, module in list(sys.modules.items()):
        if isinstance(module, StandIn):
            del sys.modules[name]
    remove_attributes()


def is_installed() -> bool:
    """Whether an import of ``fastapi`` gives Tenure's modules."""
    return any(isinstance(each, Finder) for each in sys.meta_path)


def _fastapi_modules() -> list[str]:
    return sorted(
        name
        for name, module in sys.modules.items()
        if _is_fastapi(name) and not isinstance(module, StandIn)
    )


def _is_fastapi(name: str) -> bool:
    return name == "fastapi" or name.startswith("fastapi.")


def _refusal(present: list[str]) -> str:
    importers = _importers()
    by = f" by {', '.join(importers[:_NAMED])}" if importers else ""
    more = f" and {len(importers) - _NAMED} more modules" if len(importers) > _NAMED else ""
    return (
        f"FastAPI has been imported already{by}{more} ({len(present)} modules of it are loaded, "
        f"{present[0]} first), so Tenure cannot stand in for it. "
        "Call tenure.ext.as_fastapi.install() before these imports, or start the program with "
        "python -m tenure.ext.as_fastapi -m MODULE."
    )


def _importers() -> list[str]:
    """The modules that have something of FastAPI's among their names."""
    return sorted(
        name
        for name, module in list(sys.modules.items())
        if not _is_fastapi(name)
        and any(_is_of_fastapi(value) for value in list(vars(module).values()))
    )


def _is_of_fastapi(value: object) -> bool:
    if isinstance(value, ModuleType):
        return _is_fastapi(value.__name__)
    if isinstance(value, type) or callable(value):
        home = getattr(value, "__module__", None)
        return isinstance(home, str) and _is_fastapi(home)
    return False
