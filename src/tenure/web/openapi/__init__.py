"""The OpenAPI document of an application, and the pages that show it."""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tenure.web.openapi import constants as constants
    from tenure.web.openapi import models as models
    from tenure.web.openapi import utils as utils
else:
    _MODULES = frozenset({"constants", "models", "utils"})

    def __getattr__(name: str) -> ModuleType:
        """The modules that nothing needs before the document is made: when they are named."""
        if name in _MODULES:
            return import_module(f"{__name__}.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
