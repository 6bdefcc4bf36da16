"""The names of a web framework, whichever it is."""

from importlib import import_module
from types import ModuleType
from typing import Any


class Framework:
    """The public names of a package that has FastAPI's surface.

    `web.Depends` is the package's `Depends`, `web.responses` its module `responses`. A program
    of this family reaches the framework through this object only, so that the same function
    builds the same application twice.
    """

    def __init__(self, package: str) -> None:
        self.package = package

    def __getattr__(self, name: str) -> Any:
        value = getattr(import_module(self.package), name, self)
        if value is self:
            value = self._module(name)
        if isinstance(value, ModuleType) and hasattr(value, "__path__"):
            # A package: its modules are imported when they are asked for, like those here.
            value = Framework(value.__name__)
        # Kept, so that each name is looked up once.
        setattr(self, name, value)
        return value

    def _module(self, name: str) -> ModuleType:
        try:
            return import_module(f"{self.package}.{name}")
        except ModuleNotFoundError as error:
            message = f"{self.package} has neither a name nor a module {name!r}"
            raise AttributeError(message) from error

    def __repr__(self) -> str:
        return f"Framework({self.package!r})"


FASTAPI = Framework("fastapi")
TENURE = Framework("tenure.web")
