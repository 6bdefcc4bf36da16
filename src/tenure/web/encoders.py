"""Any object as what ``json.dumps`` accepts: dicts, lists, strings, numbers, booleans, None."""

from __future__ import annotations

import datetime as dt
import sys
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, is_dataclass, replace
from decimal import Decimal
from enum import Enum
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)
from pathlib import Path, PurePath
from re import Pattern
from types import GeneratorType
from typing import Any, cast
from uuid import UUID

from pydantic import BaseModel
from pydantic.main import IncEx
from pydantic.networks import AnyUrl, NameEmail
from pydantic.types import SecretBytes, SecretStr
from pydantic_core import PydanticUndefinedType, Url

from tenure.web.exceptions import PydanticV1NotSupportedError

__all__ = ["ENCODERS_BY_TYPE", "decimal_encoder", "isoformat", "jsonable_encoder"]

Encoder = Callable[[Any], Any]


def isoformat(o: dt.date | dt.time) -> str:
    """The text of a date, time or datetime in ISO 8601."""
    return o.isoformat()


def decimal_encoder(dec_value: Decimal) -> int | float:
    """An int where the number is written without decimal places, a float otherwise.

    So an integer key kept as ``NUMERIC`` survives the way to JSON and back.
    """
    exponent = dec_value.as_tuple().exponent
    return int(dec_value) if isinstance(exponent, int) and exponent >= 0 else float(dec_value)


ENCODERS_BY_TYPE: dict[type[Any], Encoder] = {
    bytes: bytes.decode,
    dt.date: isoformat,
    dt.datetime: isoformat,
    dt.time: isoformat,
    dt.timedelta: dt.timedelta.total_seconds,
    Decimal: decimal_encoder,
    Enum: lambda member: member.value,
    frozenset: list,
    deque: list,
    GeneratorType: list,
    IPv4Address: str,
    IPv4Interface: str,
    IPv4Network: str,
    IPv6Address: str,
    IPv6Interface: str,
    IPv6Network: str,
    NameEmail: str,
    Path: str,
    Pattern: lambda pattern: pattern.pattern,
    SecretBytes: str,
    SecretStr: str,
    set: list,
    UUID: str,
    Url: str,
    AnyUrl: str,
}
"""How to encode values of a type; programs may add their own types."""

_DICTS: tuple[type[Any], ...] = (dict,)
_SEQUENCES: tuple[type[Any], ...] = (list, set, frozenset, GeneratorType, tuple, deque)
_COLOR_CLASSES = (("pydantic.color", "Color"), ("pydantic_extra_types.color", "Color"))


@dataclass(frozen=True, slots=True)
class _Options:
    """The options that hold for an object and everything inside it."""

    by_alias: bool
    exclude_unset: bool
    exclude_defaults: bool
    exclude_none: bool
    custom_encoder: Mapping[Any, Encoder]
    sqlalchemy_safe: bool


def jsonable_encoder(
    obj: Any,
    include: IncEx | None = None,
    exclude: IncEx | None = None,
    by_alias: bool = True,
    exclude_unset: bool = False,
    exclude_defaults: bool = False,
    exclude_none: bool = False,
    custom_encoder: Mapping[Any, Encoder] | None = None,
    sqlalchemy_safe: bool = True,
) -> Any:
    """Turn *obj* into something that ``json.dumps`` accepts.

    ``include`` and ``exclude`` select fields of models and keys of dicts, of *obj* itself or
    of each item where it is a list. The ``exclude_*`` flags and ``by_alias`` are pydantic's.
    ``custom_encoder`` maps types to functions and wins over everything but the inside of
    models. ``sqlalchemy_safe`` drops the keys starting with ``_sa`` that SQLAlchemy adds.
    """
    options = _Options(
        by_alias=by_alias,
        exclude_unset=exclude_unset,
        exclude_defaults=exclude_defaults,
        exclude_none=exclude_none,
        custom_encoder=custom_encoder or {},
        sqlalchemy_safe=sqlalchemy_safe,
    )
    return _encode(obj, _selection(include), _selection(exclude), options)


def _selection(names: Any) -> Any:
    """The names as pydantic wants them; lists and tuples are accepted here too."""
    if names is None or isinstance(names, set | dict):
        return cast(Any, names)
    return set(names)


def _encode(obj: Any, include: Any, exclude: Any, options: _Options) -> Any:
    if options.custom_encoder and (encoder := _custom_encoder(obj, options)) is not None:
        return encoder(obj)
    if isinstance(obj, BaseModel):
        return _encode_model(obj, include, exclude, options)
    if is_dataclass(obj):
        if isinstance(obj, type):
            raise ValueError(f"{obj!r} is a class, not a value; only its instances have fields")
        return _encode(asdict(obj), include, exclude, options)
    if isinstance(obj, Enum):
        return obj.value
    if isinstance(obj, PurePath):
        return str(obj)
    if obj is None or isinstance(obj, str | int | float):
        return obj
    if isinstance(obj, PydanticUndefinedType):
        return None
    if isinstance(obj, _DICTS):
        return _encode_dict(obj, include, exclude, options)
    if isinstance(obj, _SEQUENCES):
        return [_encode(item, include, exclude, options) for item in obj]
    if (known := _known_encoder(obj)) is not None:
        return known(obj)
    return _encode(_fields_of(obj), include, exclude, options)


def _custom_encoder(obj: Any, options: _Options) -> Encoder | None:
    encoders = options.custom_encoder
    if type(obj) in encoders:
        return encoders[type(obj)]
    return next((each for type_, each in encoders.items() if isinstance(obj, type_)), None)


def _encode_model(obj: BaseModel, include: Any, exclude: Any, options: _Options) -> Any:
    dumped = obj.model_dump(
        mode="json",
        include=include,
        exclude=exclude,
        by_alias=options.by_alias,
        exclude_unset=options.exclude_unset,
        exclude_none=options.exclude_none,
        exclude_defaults=options.exclude_defaults,
    )
    # What pydantic wrote is done: the program's encoders see nothing of the inside.
    return _encode(dumped, None, None, replace(options, custom_encoder={}))


def _encode_dict(obj: dict[Any, Any], include: Any, exclude: Any, options: _Options) -> Any:
    encoded: dict[Any, Any] = {}
    for key, value in obj.items():
        if options.exclude_none and value is None:
            continue
        if options.sqlalchemy_safe and isinstance(key, str) and key.startswith("_sa"):
            continue
        # Selections name keys of this level only; whatever is nested is kept whole.
        if include is not None and key not in include:
            continue
        if exclude is not None and key in exclude:
            continue
        encoded_key = _encode(key, None, None, options)
        encoded[encoded_key] = _encode(value, None, None, options)
    return encoded


def _known_encoder(obj: Any) -> Encoder | None:
    encoder = ENCODERS_BY_TYPE.get(type(obj))  # pyright: ignore[reportUnknownArgumentType]
    if encoder is not None:
        return encoder
    for type_, each in ENCODERS_BY_TYPE.items():
        if isinstance(obj, type_):
            return each
    # Colours print as text. Their modules are imported only by programs that use them.
    for module, name in _COLOR_CLASSES:
        color = getattr(sys.modules.get(module), name, None)
        if isinstance(color, type) and isinstance(obj, color):
            return str
    return None


def _fields_of(obj: Any) -> dict[Any, Any]:
    """What an object of an unknown class holds: as a mapping, else its attributes."""
    v1_model = getattr(sys.modules.get("pydantic.v1.main"), "BaseModel", None)
    if v1_model is not None and isinstance(obj, v1_model):
        raise PydanticV1NotSupportedError(
            f"{obj!r} is a model of pydantic.v1, which is not supported;"
            f" make {type(obj).__qualname__} a model of pydantic 2"
        )
    try:
        return dict(obj)
    except Exception as not_a_mapping:
        try:
            return cast(dict[Any, Any], vars(obj))
        except Exception as no_attributes:
            raise ValueError([not_a_mapping, no_attributes]) from no_attributes
