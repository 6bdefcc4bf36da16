"""Small functions that programs import from FastAPI's module of the same name."""

from __future__ import annotations

import re
import warnings
from typing import Any, Protocol

from tenure.web.datastructures import DefaultPlaceholder, DefaultType
from tenure.web.elsewhere import offer_names_elsewhere
from tenure.web.exceptions import FastAPIDeprecationWarning

__all__ = [
    "deep_dict_update",
    "generate_operation_id_for_path",
    "generate_unique_id",
    "get_path_param_names",
    "get_value_or_default",
    "is_body_allowed_for_status_code",
]

_RANGES_WITH_BODY = frozenset({"default", "1XX", "2XX", "3XX", "4XX", "5XX"})
_WITHOUT_BODY = frozenset({204, 205, 304})


class _Route(Protocol):
    """What an operation id is made of."""

    @property
    def name(self) -> str: ...
    @property
    def path_format(self) -> str: ...
    @property
    def methods(self) -> set[str] | None: ...


def is_body_allowed_for_status_code(status_code: int | str | None) -> bool:
    """Whether a response with this status (or OpenAPI range, ``"4XX"``) may have a body."""
    if status_code is None or status_code in _RANGES_WITH_BODY:
        return True
    code = int(status_code)
    return code >= 200 and code not in _WITHOUT_BODY


def get_path_param_names(path: str) -> set[str]:
    """The names in braces of a path without convertors: ``{"a"}`` for ``/items/{a}``."""
    return set(re.findall(r"\{(.*?)\}", path))


def generate_unique_id(route: _Route) -> str:
    """The default operation id of a route: its name, path and first method."""
    method = next(iter(route.methods or ()), "")
    return _operation_id(route.name, route.path_format, method)


def generate_operation_id_for_path(*, name: str, path: str, method: str) -> str:
    """Make an operation id of its parts. Deprecated in FastAPI, kept for programs that use it."""
    warnings.warn(
        "tenure.web.utils.generate_operation_id_for_path() is deprecated: use generate_unique_id()",
        FastAPIDeprecationWarning,
        stacklevel=2,
    )
    return _operation_id(name, path, method)


def _operation_id(name: str, path: str, method: str) -> str:
    return re.sub(r"\W", "_", f"{name}{path}") + f"_{method.lower()}"


def deep_dict_update(main_dict: dict[Any, Any], update_dict: dict[Any, Any]) -> None:
    """Update in place: nested dicts are merged, lists appended, everything else replaced."""
    for key, value in update_dict.items():
        present: Any = main_dict.get(key)
        if isinstance(present, dict) and isinstance(value, dict):
            deep_dict_update(present, value)  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(present, list) and isinstance(value, list):
            main_dict[key] = [*present, *value]
        else:
            main_dict[key] = value


def get_value_or_default(
    first_item: DefaultPlaceholder | DefaultType,
    *extra_items: DefaultPlaceholder | DefaultType,
) -> DefaultPlaceholder | DefaultType:
    """The first argument that is not a placeholder, else the first argument."""
    for item in (first_item, *extra_items):
        if not isinstance(item, DefaultPlaceholder):
            return item
    return first_item


offer_names_elsewhere(__name__)
