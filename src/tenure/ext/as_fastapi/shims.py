"""Names that are no part of FastAPI's public surface, but that plug-ins import.

Each is here for the plug-ins that are named beside it, and does what they use it for:

``fastapi.routing._IncludedRouter`` (fastapi-pagination)
    What stands in ``app.routes`` for an included router; it has ``original_router``.
names of ``fastapi.dependencies.utils`` (fastapi-pagination)
    For a dependency that is added to a route after it was declared. The body's field is worked out
    by Tenure itself.
"""

from __future__ import annotations

import inspect
from typing import Any

from tenure.web.app.inclusion import Inclusion
from tenure.web.routing import APIRoute

__all__ = ["NAMES", "add_attributes", "remove_attributes"]


def _nothing(*_: Any, **__: Any) -> None:
    """In place of what works out the body's field, which Tenure does by itself."""


def _lenient_issubclass(cls: Any, class_or_tuple: Any) -> bool:
    return inspect.isclass(cls) and issubclass(cls, class_or_tuple)


NAMES: dict[str, dict[str, Any]] = {
    "fastapi.routing": {"_IncludedRouter": Inclusion},
    "fastapi.dependencies.utils": {
        "_get_body_field": _nothing,
        "_get_flat_body_params": _nothing,
        "lenient_issubclass": _lenient_issubclass,
    },
}
"""By module: what it has besides the names of Tenure's module."""

_ATTRIBUTES: list[tuple[type, str, Any]] = [
    (APIRoute, "_embed_body_fields", False),
    (Inclusion, "original_router", property(lambda inclusion: inclusion.router)),
]


def add_attributes() -> None:
    """Give routes what plug-ins read of them."""
    for owner, name, value in _ATTRIBUTES:
        setattr(owner, name, value)


def remove_attributes() -> None:
    """Take it from them."""
    for owner, name, _ in _ATTRIBUTES:
        if name in vars(owner):
            delattr(owner, name)
