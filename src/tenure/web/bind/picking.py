"""Raw values taken out of query strings, headers, cookies, path parameters and forms."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final

from pydantic.fields import FieldInfo
from starlette.datastructures import UploadFile

from tenure.web.bind.shapes import is_json, is_sequence
from tenure.web.bind.validation import NOTHING
from tenure.web.params import Location

__all__ = ["SINGLE", "Picker", "grouped", "is_empty_upload", "picker"]

_REPEATING = (Location.query, Location.header, Location.body)

Picker = Callable[[Any, str], Any]
"""``pick(values, key)`` answers what *values* hold under *key*, or ``NOTHING``."""


def picker(info: FieldInfo, location: Location) -> Picker:
    """How the value that *info* describes is taken out of the raw values at *location*.

    The body stands for forms: JSON needs no picking. Where names can repeat, a sequence reads
    every occurrence; anything else reads one.
    """
    sequence = is_sequence(info.annotation)
    is_form = location is Location.body
    if sequence and location in _REPEATING and not is_json(info):
        return _pick_form_list if is_form else _pick_list
    if is_form:
        return _pick_form_text
    if sequence:
        return _pick_text_of_sequence
    return _pick_header if location is Location.header else _pick_one


# Asking first costs less than ``get``, which on Starlette's mappings raises and catches KeyError.
def _pick_one(values: Any, key: str) -> Any:
    return values[key] if key in values else NOTHING  # noqa: SIM401 - see above


def _pick_header(values: Any, key: str) -> Any:
    found = values.getlist(key)  # one pass over the headers, where asking first would take two
    return found[0] if found else NOTHING


SINGLE: Final[Collection[Picker]] = (_pick_one, _pick_header)
"""Those that take the text under a name as it is."""


def _pick_text_of_sequence(values: Any, key: str) -> Any:
    # A sequence where names do not repeat (a cookie), or written as JSON: no text, no sequence.
    return (values[key] if key in values else NOTHING) or NOTHING  # noqa: SIM401


def _pick_list(values: Any, key: str) -> Any:
    return values.getlist(key) or NOTHING


def _pick_form_text(values: Any, key: str) -> Any:
    value = values[key] if key in values else NOTHING  # noqa: SIM401
    return NOTHING if value == "" or is_empty_upload(value) else value


def _pick_form_list(values: Any, key: str) -> Any:
    return [each for each in values.getlist(key) if not is_empty_upload(each)] or NOTHING


def is_empty_upload(value: Any) -> bool:
    """Whether it is what a browser sends for a file input without a file."""
    return isinstance(value, UploadFile) and value.filename == "" and value.size == 0


def grouped(items: Iterable[tuple[str, Any]], consumed: Collection[str]) -> Mapping[str, Any]:
    """What is left of *items*: one value as itself, several under one name as a list."""
    found: dict[str, list[Any]] = {}
    for key, value in items:
        if key not in consumed:
            found.setdefault(key, []).append(value)
    return {key: each[0] if len(each) == 1 else each for key, each in found.items()}
