"""One declared value as pydantic sees it: validated, defaulted, or reported as missing."""

from __future__ import annotations

import copy
import functools
import warnings
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Final, NamedTuple
from uuid import UUID

import pydantic
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from tenure.web.bind.shapes import union_members

__all__ = ["NOTHING", "NO_ERRORS", "Errors", "Loc", "Nothing", "Outcome", "Validation", "missing"]

Loc = tuple[int | str, ...]
"""Where a value stands: ``("query", "limit")``."""
Errors = Sequence[dict[str, Any]]
"""What is wrong with a value, as the body of a 422 response shows it."""
Outcome = tuple[Any, Errors]
"""The value and no errors, or None and the errors."""

NO_ERRORS: Final[Errors] = ()


class Nothing:
    """The type of ``NOTHING``: a request does not hold the value; None may be a value."""

    def __repr__(self) -> str:
        return "NOTHING"

    def __bool__(self) -> bool:
        return False


NOTHING: Final = Nothing()

# Parametrised at run time only, which type checkers do not follow.
_ANNOTATED: Any = Annotated

# What a description says to a validator or to JSON Schema, besides its constraints. Names and the
# like concern fields of models only, and pydantic warns of them elsewhere.
_ATTRIBUTES: Final = (
    "default",
    "default_factory",
    "title",
    "field_title_generator",
    "description",
    "examples",
    "discriminator",
    "json_schema_extra",
    "deprecated",
)


def missing(loc: Loc) -> dict[str, Any]:
    """The entry for a required value that the request does not hold."""
    return {"type": "missing", "loc": loc, "msg": "Field required", "input": None}


def located(error: ValidationError, loc: Loc) -> list[dict[str, Any]]:
    """Pydantic's entries with *loc*, the place of the whole value, put in front."""
    return [
        {**entry, "loc": loc + tuple(entry["loc"])} for entry in error.errors(include_url=False)
    ]


class Validation:
    """The validator of one ``FieldInfo`` and what holds when there is no value.

    Everything is decided when it is made; ``validate`` and ``absent`` run per request.
    """

    __slots__ = (
        "_absent",
        "_adapter",
        "_config",
        "_info",
        "_validates_default",
        "run",
        "takes_any_integer",
        "takes_any_text",
    )

    def __init__(self, info: FieldInfo, config: ConfigDict | None = None) -> None:
        self._info, self._config = info, config
        self._adapter: TypeAdapter[Any] | None = None
        if config is None and _is_common(info):
            annotation: Any = info.annotation
            validator = _shared(annotation)
        else:
            self._adapter = _adapter(info, config)
            validator = _validator_of(self._adapter)
        self.run = validator.run
        """Validate a value, or raise pydantic's ValidationError."""
        kind = validator.kind
        self.takes_any_text = kind == "str"
        """Whether a text is valid, and stays as it is; if pydantic can read its characters."""
        self.takes_any_integer = kind == "int"
        self._absent = None if info.is_required() else _default_of(info)
        self._validates_default = bool(info.validate_default)

    @property
    def adapter(self) -> TypeAdapter[Any]:
        """Pydantic's own: what JSON is written with, and JSON Schema is made from."""
        if self._adapter is None:
            self._adapter = _adapter(self._info, self._config)
        return self._adapter

    def validate(self, value: Any, loc: Loc) -> Outcome:
        """The validated value, or what is wrong with it at *loc*."""
        try:
            return self.run(value, from_attributes=True), NO_ERRORS
        except ValidationError as error:
            return None, located(error, loc)

    def absent(self, loc: Loc) -> Outcome:
        """The default, or that the value is missing at *loc*."""
        if self._absent is None:
            return None, [missing(loc)]
        value = self._absent()
        return self.validate(value, loc) if self._validates_default else (value, NO_ERRORS)


def _adapter(info: FieldInfo, config: ConfigDict | None) -> TypeAdapter[Any]:
    attributes = {name: getattr(info, name) for name in _ATTRIBUTES}
    # The constraints are in the metadata, in order, and must not be applied a second time: so
    # the attributes travel in a description of their own, which has no constraints.
    parts = (info.annotation, *info.metadata, pydantic.Field(**attributes))
    with warnings.catch_warnings():
        # ``deprecated`` has no effect on validation, of which pydantic warns; it is wanted in
        # the JSON schema.
        warnings.filterwarnings("ignore", category=_unsupported_attribute_warning())
        return TypeAdapter[Any](_ANNOTATED[parts], config=config)


def _unsupported_attribute_warning() -> type[Warning]:
    try:
        from pydantic.warnings import UnsupportedFieldAttributeWarning
    except ImportError:  # pragma: no cover - pydantic before 2.12 does not warn
        return Warning
    return UnsupportedFieldAttributeWarning


class _Validator(NamedTuple):
    """What validates a value, and what is known of it."""

    run: Callable[..., Any]
    kind: str
    """``str`` for any text, ``int`` for any integer; see ``_unconstrained``."""


def _validator_of(adapter: TypeAdapter[Any]) -> _Validator:
    if adapter.pydantic_complete:
        return _Validator(adapter.validator.validate_python, _unconstrained(adapter))
    # A forward reference could not be resolved yet: the adapter tries again when it is used.
    return _Validator(adapter.validate_python, "")


_COMMON: Final = frozenset(
    {str, int, float, bool, bytes, datetime, date, time, timedelta, Decimal, UUID}
)
"""Types of which many parameters are, and which no program drops."""


def _is_common(info: FieldInfo) -> bool:
    """Whether *info* asks for a common type, optional or not, and nothing more.

    Such values are validated alike wherever they are declared, whatever their default.
    """
    if info.metadata or info.discriminator is not None:
        return False
    annotation: Any = info.annotation
    if isinstance(annotation, type):
        return annotation in _COMMON
    members = union_members(annotation)
    return len(members) == 2 and any(
        other is type(None) and isinstance(member, type) and member in _COMMON
        for member, other in (members, members[::-1])
    )


@functools.lru_cache(None)  # there are few common types
def _shared(annotation: Any) -> _Validator:
    return _validator_of(_adapter(FieldInfo(annotation=annotation), None))


def _unconstrained(adapter: TypeAdapter[Any]) -> str:
    """``str`` for a plain ``str``, optional or not; nothing where there is more to it."""
    if not adapter.pydantic_complete:
        return ""
    schema: Any = adapter.core_schema
    while schema["type"] in ("default", "nullable"):
        if not schema.keys() <= _WRAPPER_KEYS:
            return ""
        schema = schema["schema"]
    return str(schema["type"]) if schema.keys() <= {"type", "metadata"} else ""


_WRAPPER_KEYS: Final = {
    "type",
    "schema",
    "metadata",
    "default",
    "default_factory",
    "default_factory_takes_data",
    "validate_default",
    "copy_default",
}


def _default_of(info: FieldInfo) -> Callable[[], Any]:
    """A function that makes the default: a copy for each request, as it may be changed."""
    factory: Callable[..., Any] | None = info.default_factory
    if factory is not None:
        return lambda: copy.deepcopy(factory())
    default = info.default
    try:
        if copy.deepcopy(default) is default:
            return lambda: default
    except Exception:  # noqa: S110 - what cannot be copied fails where it is needed
        pass
    return lambda: copy.deepcopy(default)
