"""Models whose fields are read one by one from the query string, the headers or the cookies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, is_dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

from tenure.web.bind.names import RequestName, request_names
from tenure.web.bind.picking import Picker, grouped, picker
from tenure.web.bind.shapes import is_subclass
from tenure.web.bind.validation import NOTHING, Outcome, Validation
from tenure.web.params import Location

__all__ = ["ModelReader", "config_of_field"]


def config_of_field(model: type[BaseModel], info: FieldInfo) -> ConfigDict | None:
    """The configuration that holds for one field: none where its type has its own."""
    annotation: Any = info.annotation
    if is_subclass(annotation, (BaseModel, dict)) or is_dataclass(annotation):
        return None
    return model.model_config


@dataclass(frozen=True, slots=True)
class _ModelField:
    name: str
    names: tuple[RequestName, ...]
    pick: Picker
    unconverted: frozenset[str]
    """Names that a header would have without conversion; not accepted as extra headers."""


class ModelReader:
    """Reads one model; what no field takes is left to the model's own rule for extra values."""

    def __init__(
        self,
        model: type[BaseModel],
        validation: Validation,
        location: Location,
        *,
        convert_underscores: bool,
        is_optional: bool,
    ) -> None:
        self._validation = validation
        self._loc = (location.value,)
        self._in_headers = location is Location.header
        self._items = _ITEMS.get(location, _plain_items)
        self._fields = tuple(
            self._field(model, name, info, location, convert_underscores=convert_underscores)
            for name, info in model.model_fields.items()
        )
        self._own_names = frozenset(
            each.key.lower() if self._in_headers else each.key
            for field in self._fields
            for each in field.names
        )
        self._is_optional = is_optional
        self._extra_counts = model.model_config.get("extra") in ("allow", "forbid")
        self._names_in_errors = self._in_headers and model.model_config.get("loc_by_alias", True)

    def _field(
        self,
        model: type[BaseModel],
        name: str,
        info: FieldInfo,
        location: Location,
        *,
        convert_underscores: bool,
    ) -> _ModelField:
        # A Header() inside the model decides for its field.
        convert = getattr(info, "convert_underscores", convert_underscores)
        names = request_names(
            name,
            info,
            config_of_field(model, info),
            convert_underscores=self._in_headers and convert,
        )
        return _ModelField(
            name,
            names,
            picker(info, location),
            frozenset(each.alias.lower() for each in names if each.alias != each.key),
        )

    def read(self, values: Any) -> Outcome:
        """Validate what the fields find in *values*, and everything that none of them took."""
        collected: dict[str, Any] = {}
        consumed: set[str] = set()
        spelled: dict[str, str] = {}
        for field in self._fields:
            names = field.names
            chosen = next((each for each in names if each.key in values), names[0])
            value = field.pick(values, chosen.key)
            if value is not NOTHING:
                collected[chosen.alias] = value
            if self._in_headers:
                consumed.add(chosen.key.lower())
                consumed |= field.unconverted
                if chosen.alias != chosen.key:
                    spelled[field.name] = chosen.key
            else:
                consumed.add(chosen.key)
        collected.update(grouped(self._items(values), consumed))
        if self._is_optional and not self._is_supplied(values, collected):
            return self._validation.absent(self._loc)
        value, errors = self._validation.validate(collected, self._loc)
        if errors and spelled and self._names_in_errors:
            errors = [_renamed(entry, spelled) for entry in errors]
        return value, errors

    def _is_supplied(self, values: Any, collected: Mapping[str, Any]) -> bool:
        """Whether the request says anything that the model would take note of."""
        if not self._own_names.isdisjoint(values):
            return True
        return self._extra_counts and bool(collected)


def _renamed(entry: dict[str, Any], spelled: Mapping[str, str]) -> dict[str, Any]:
    """An error that names the header as the client has to write it."""
    loc = entry["loc"]
    if len(loc) > 1 and loc[1] in spelled:
        entry["loc"] = (loc[0], spelled[loc[1]], *loc[2:])
    return entry


def _plain_items(values: Any) -> Iterable[tuple[str, Any]]:
    return [(key, values.get(key)) for key in values]


def _query_items(values: Any) -> Iterable[tuple[str, Any]]:
    items: Iterable[tuple[str, Any]] = values.multi_items()
    return items


def _header_items(values: Any) -> Iterable[tuple[str, Any]]:
    items: Iterable[tuple[str, Any]] = values.items()
    return items


_ITEMS: Mapping[Location, Callable[[Any], Iterable[tuple[str, Any]]]] = {
    Location.query: _query_items,
    Location.header: _header_items,
}
"""Where names repeat, and how to see every occurrence."""
