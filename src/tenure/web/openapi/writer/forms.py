"""Schemas of forms: models whose fields lie side by side in one flat list of names."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from pydantic import AliasChoices, BaseModel, GetJsonSchemaHandler
from pydantic.fields import FieldInfo

from tenure.web.bind.fields import Field
from tenure.web.bind.models import config_of_field
from tenure.web.bind.names import request_names
from tenure.web.bind.shapes import is_nullable

__all__ = ["form_model_schema", "merge_form_schemas"]


def form_model_schema(
    model: type[BaseModel], core_schema: Any, handler: GetJsonSchemaHandler
) -> dict[str, Any]:
    """The schema of *model* in a form, where a field may go by several names.

    JSON schemas of models know one name of a field. Here the preferred one is shown, and where
    there are more, that one of them has to be there.
    """
    schema = handler(core_schema)
    named = handler.resolve_ref_schema(schema)
    others = _other_names(model, named)
    if not others:
        return schema
    # A copy: the model may be used elsewhere, where it has its own names.
    own = copy.deepcopy(named)
    own["properties"] = {
        others.get(name, (name,))[0]: value for name, value in own["properties"].items()
    }
    own["required"] = []
    for name in named.get("required", ()):
        accepted = others.get(name, (name,))
        if len(accepted) == 1:
            own["required"].append(accepted[0])
        else:
            choices = [{"required": [each]} for each in accepted]
            own.setdefault("allOf", []).append({"anyOf": choices})
    return own


def _other_names(model: type[BaseModel], schema: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """The names in the form of those properties of *schema* that do not say it themselves."""
    others: dict[str, tuple[str, ...]] = {}
    for name, info in model.model_fields.items():
        written = _name_in_schema(name, info)
        if written not in schema.get("properties", ()):
            continue
        names = _form_names(model, name, info)
        if names[0] != written or (len(names) > 1 and written in schema.get("required", ())):
            others[written] = names
    return others


def _name_in_schema(name: str, info: FieldInfo) -> str:
    alias = info.validation_alias
    if isinstance(alias, AliasChoices):
        first = alias.choices[0]
        return first if isinstance(first, str) else ""
    return (alias if isinstance(alias, str) else "") or info.alias or name


def _form_names(model: type[BaseModel], name: str, info: FieldInfo) -> tuple[str, ...]:
    return tuple(each.alias for each in request_names(name, info, config_of_field(model, info)))


def merge_form_schemas(fields: Sequence[Field], schema: dict[str, Any]) -> None:
    """Make the schema of an object with numbered parts one of the form, in place.

    Single values are properties; each model is one more condition on the same object.
    """
    parts = schema.pop("properties")
    schema.pop("required", None)
    properties: dict[str, Any] = {}
    required: dict[str, None] = {}
    conditions: list[dict[str, Any]] = []
    for index, field in enumerate(fields):
        part = parts[f"field_{index}"]
        if field.form_models:
            conditions.extend(_conditions(field, part))
        elif properties.setdefault(field.names[0].alias, part) is not part:
            conditions.append({"properties": {field.names[0].alias: part}})
        if field.required and not field.form_models:
            required[field.names[0].alias] = None
    if properties:
        schema["properties"] = properties
    if required:
        schema["required"] = list(required)
    schema["allOf"] = conditions


def _conditions(field: Field, part: dict[str, Any]) -> list[dict[str, Any]]:
    """What a form has to hold for one model; an optional one is absent with all its fields."""
    part.pop("default", None)
    if not is_nullable(field.info.annotation):
        return [part]
    part["anyOf"] = [each for each in part["anyOf"] if each.get("type") != "null"]
    absent = _absent(field)
    return [{"not": absent}, part] if field.required else [{"anyOf": [absent, part]}]


def _absent(field: Field) -> dict[str, Any]:
    models = field.form_models
    if any(each.model_config.get("extra") in ("allow", "forbid") for each in models):
        return {"maxProperties": 0}
    names = {
        name
        for model in models
        for each, info in model.model_fields.items()
        for name in _form_names(model, each, info)
    }
    if not names:
        return {}
    return {"not": {"anyOf": [{"required": [name]} for name in sorted(names)]}}
