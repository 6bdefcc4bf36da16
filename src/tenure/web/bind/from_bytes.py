"""Which types a body can be validated to straight from its bytes.

Errors, and what validators of the user's see, are those of a body that ``json.loads`` has read.
Reading and validating in one go, as pydantic can, costs a fraction of that. It is done where
nobody can tell: where the outcome is the same for every text that it accepts, and no code of the
user's runs in between. What it does not accept is read the long way, for the errors.

What is safe is listed; everything else is not. ``tests/web/values/test_from_bytes.py`` holds both
ways against each other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic_core import SchemaValidator, from_json

__all__ = ["has_long_number", "parse", "validator_of_bytes"]

_Schema = Mapping[str, Any]


def validator_of_bytes(adapter: TypeAdapter[Any]) -> Callable[[bytes], Any] | None:
    """The function that validates JSON, None where it could differ from ``json.loads`` first.

    It raises ``ValueError`` for what has to be read the long way.
    """
    if not adapter.pydantic_complete:
        return None  # a forward reference is still to be resolved
    validator = adapter.validator
    # Plug-ins of pydantic are told what kind of input there is.
    if type(validator) is not SchemaValidator or not _is_safe(adapter.core_schema):
        return None
    validate = validator.validate_json

    def from_bytes(body: bytes) -> Any:
        if has_long_number(body):
            raise ValueError("a number too long")
        return validate(body)

    return from_bytes


def parse(body: bytes) -> Any:
    """What ``json.loads`` makes of *body*, in less time; raises what it raises."""
    if not has_long_number(body):
        try:
            return from_json(body)
        except ValueError:
            pass  # it takes less than ``json.loads``, and finds other words for what is wrong
    return json.loads(body)


_LONG: Final = 309
_STEP: Final = 29
_DIGITS: Final = bytes(ord("0") if code in b"0123456789" else ord(" ") for code in range(256))


def has_long_number(body: bytes) -> bool:
    """Whether there are as many digits in a row as no float has in front of its point.

    There pydantic finds infinity where ``json.loads`` finds a number that is no float, and a
    program may have set how many digits an integer may have.
    """
    if len(body) < _LONG:
        return False
    # So many digits cannot hide between bytes at a distance: most bodies are done with these.
    if b"0" * (_LONG // _STEP) not in body[::_STEP].translate(_DIGITS):
        return False
    return b"0" * _LONG in body.translate(_DIGITS)


_EVERYWHERE: Final = frozenset({"type", "ref", "metadata", "serialization"})
_BOUNDS: Final = frozenset({"le", "ge", "lt", "gt"})
_LENGTHS: Final = frozenset({"min_length", "max_length"})

_KEYS: Final[Mapping[str, frozenset[str]]] = {
    "any": frozenset(),
    "none": frozenset(),
    "bool": frozenset({"strict"}),
    "int": _BOUNDS | {"multiple_of", "strict"},
    "float": _BOUNDS | {"multiple_of", "allow_inf_nan", "strict"},
    "str": _LENGTHS
    | {"pattern", "strip_whitespace", "to_lower", "to_upper", "regex_engine", "strict"},
    "date": _BOUNDS | {"strict"},
    "time": _BOUNDS | {"tz_constraint", "microseconds_precision", "strict"},
    "datetime": _BOUNDS | {"tz_constraint", "microseconds_precision", "strict"},
    "uuid": frozenset({"version", "strict"}),
    "literal": frozenset({"expected"}),
    "enum": frozenset({"cls", "members", "sub_type", "strict"}),
    "list": _LENGTHS | {"items_schema", "strict"},
    "set": _LENGTHS | {"items_schema", "strict"},
    "frozenset": _LENGTHS | {"items_schema", "strict"},
    "tuple": _LENGTHS | {"items_schema", "variadic_item_index", "strict"},
    "dict": _LENGTHS | {"keys_schema", "values_schema", "strict"},
    "nullable": frozenset({"schema", "strict"}),
    "default": frozenset(
        {
            "schema",
            "default",
            "default_factory",
            "default_factory_takes_data",
            "validate_default",
            "copy_default",
            "strict",
        }
    ),
    "model": frozenset(
        {
            "cls",
            "schema",
            "config",
            "custom_init",
            "root_model",
            "frozen",
            "generic_origin",
            "revalidate_instances",
            "strict",
        }
    ),
    "model-fields": frozenset(
        {
            "fields",
            "model_name",
            "computed_fields",
            "extra_behavior",
            "extras_schema",
            "extras_keys_schema",
            "from_attributes",
            "strict",
        }
    ),
    "model-field": frozenset(
        {
            "schema",
            "validation_alias",
            "serialization_alias",
            "serialization_exclude",
            "frozen",
        }
    ),
    "definitions": frozenset({"schema", "definitions"}),
    "definition-ref": frozenset({"schema_ref"}),
}
"""The kinds of schemas that are safe, and what may be said of each."""

_CONFIG: Final = frozenset(
    {
        "title",
        "strict",
        "extra_fields_behavior",
        "str_strip_whitespace",
        "str_to_lower",
        "str_to_upper",
        "str_min_length",
        "str_max_length",
        "validate_by_alias",
        "validate_by_name",
        "loc_by_alias",
        "from_attributes",
        "validate_default",
        "allow_inf_nan",
        "hide_input_in_errors",
        "regex_engine",
        "cache_strings",
        "revalidate_instances",
    }
)

_NESTED: Final = ("schema", "items_schema", "values_schema", "extras_schema")
_KEY_TYPES: Final = ("any", "str", "int")
_PLAIN_VALUES: Final = (str, int)


def _is_safe(schema: _Schema) -> bool:
    kind = schema["type"]
    allowed = _KEYS.get(kind)
    if allowed is None or not schema.keys() <= allowed | _EVERYWHERE:
        return False
    # Strictly, JSON's texts are dates and its arrays are sets; the objects read from it are not.
    if schema.get("strict") or not _OWN_RULES.get(kind, _no_more)(schema):
        return False
    return all(_is_safe(each) for each in _inside(schema))


def _inside(schema: _Schema) -> list[_Schema]:
    found: list[_Schema] = []
    for name in _NESTED:
        inner = schema.get(name)
        if inner is not None:
            found.extend(inner if isinstance(inner, list) else [inner])
    found.extend(schema.get("definitions", ()))
    found.extend(schema.get("fields", {}).values())
    return found


def _no_more(_schema: _Schema) -> bool:
    return True


def _is_plain_dict(schema: _Schema) -> bool:
    keys: _Schema = schema.get("keys_schema", {"type": "any"})
    return keys["type"] in _KEY_TYPES and _is_safe(keys)


def _is_plain_literal(schema: _Schema) -> bool:
    return all(type(each) in _PLAIN_VALUES for each in schema["expected"])


def _is_plain_enum(schema: _Schema) -> bool:
    return all(type(each.value) in _PLAIN_VALUES for each in schema["members"])


def _is_plain_default(schema: _Schema) -> bool:
    # A factory of the user's is not to be called early, or once more for the errors.
    factory = schema.get("default_factory")
    return factory is None or factory in (list, dict, set, frozenset, tuple)


def _is_plain_model(schema: _Schema) -> bool:
    config: _Schema = schema.get("config", {})
    makes: Any = schema["cls"].__new__
    return (
        not schema.get("custom_init")
        and not config.get("strict")
        and all(name in _CONFIG or name.startswith("ser_") for name in config)
        and makes is object.__new__
    )


def _has_plain_keys(schema: _Schema) -> bool:
    keys: _Schema = schema.get("extras_keys_schema", {"type": "str"})
    return keys == {"type": "str"}


def _has_plain_alias(schema: _Schema) -> bool:
    return isinstance(schema.get("validation_alias", ""), str)


_OWN_RULES: Final[Mapping[str, Callable[[_Schema], bool]]] = {
    "dict": _is_plain_dict,
    "literal": _is_plain_literal,
    "enum": _is_plain_enum,
    "default": _is_plain_default,
    "model": _is_plain_model,
    "model-fields": _has_plain_keys,
    "model-field": _has_plain_alias,
}
