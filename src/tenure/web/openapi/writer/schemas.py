"""JSON schemas of everything in a document, written by pydantic in one go.

In one go, because the name of a schema depends on the others: two models of the same name are
told apart by their modules, and a model that is both read and written differently is split in
``-Input`` and ``-Output``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, cast, get_args, get_origin

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from tenure.web.bind.shapes import is_subclass
from tenure.web.openapi.constants import REF_TEMPLATE
from tenure.web.openapi.writer.fields import Mode, SchemaField, field_of_type

__all__ = ["Schemas", "named_types"]


class _Generator(GenerateJsonSchema):
    def bytes_schema(self, schema: core_schema.BytesSchema) -> JsonSchemaValue:
        """Bytes as OpenAPI 3.1 describes them: raw, unless the model says that JSON has base64."""
        reading = self.mode == "validation"
        coding = self._config.val_json_bytes if reading else self._config.ser_json_bytes
        written = {"type": "string", "contentMediaType": "application/octet-stream"}
        if coding == "base64":
            written["contentEncoding"] = "base64"
        self.update_with_validations(written, schema, self.ValidationsMapping.bytes)
        return written


class Schemas:
    """The schemas of *fields*; those with a name are collected in ``definitions``.

    Unless *separate_input_output* a model is described as it is read, from both sides.
    """

    def __init__(
        self, fields: Sequence[SchemaField], *, separate_input_output: bool = True
    ) -> None:
        self._separate = separate_input_output
        inputs: list[tuple[SchemaField, Mode, Any]] = [
            (each, self._mode(each), each.core_schema) for each in _with_named_types(fields)
        ]
        schemas, definitions = _Generator(ref_template=REF_TEMPLATE).generate_definitions(inputs)
        self._schemas = cast(Mapping[tuple[SchemaField, Mode], dict[str, Any]], schemas)
        self.definitions = cast(dict[str, dict[str, Any]], definitions)
        for definition in self.definitions.values():
            if "description" in definition:
                # What follows a form feed in a docstring is not for readers of the API.
                definition["description"] = definition["description"].split("\f")[0]

    def of(self, field: SchemaField, alias: str | None = None) -> dict[str, Any]:
        """The schema of *field*, a reference or with a title made of *alias*."""
        schema = dict(self._schemas[field, self._mode(field)])
        if "$ref" not in schema:
            words = (field.alias if alias is None else alias).title().replace("_", " ")
            schema["title"] = field.info.title or words
        return schema

    def _mode(self, field: SchemaField) -> Mode:
        # A computed field exists on the way out only, so it cannot be left out there.
        if self._separate or _has_computed_fields(field):
            return field.mode
        return "validation"


def _with_named_types(fields: Sequence[SchemaField]) -> list[SchemaField]:
    """*fields*, and the models and enums within them, those too that their schemas hide."""
    modes: tuple[Mode, ...] = ("validation", "serialization")
    alone = {each.info.annotation for each in fields if isinstance(each.info.annotation, type)}
    within = [
        field_of_type(found.__name__, found, mode)
        for mode in modes
        for found in named_types(each.info.annotation for each in fields if each.mode == mode)
        if found not in alone
    ]
    return [*fields, *within]


def named_types(annotations: Iterator[Any]) -> dict[type[Any], None]:
    """The models and enums in *annotations* and in the fields of models, each once."""
    found: dict[type[Any], None] = {}
    waiting = list(annotations)
    while waiting:
        annotation = waiting.pop()
        if is_subclass(annotation, (BaseModel, Enum)):
            if annotation in found:
                continue
            found[annotation] = None
            if issubclass(annotation, BaseModel):
                waiting.extend(each.annotation for each in annotation.model_fields.values())
        elif get_origin(annotation) is not None:
            waiting.extend(get_args(annotation))
    return found


def _has_computed_fields(field: SchemaField) -> bool:
    # Dataclasses may have computed fields as well; only their core schema tells.
    if field.core_schema.get("schema", {}).get("computed_fields"):
        return True
    seen: set[type[Any]] = set()
    waiting: list[Any] = [field.info.annotation]
    while waiting:
        annotation = waiting.pop()
        if not is_subclass(annotation, BaseModel):
            waiting.extend(get_args(annotation))
        elif annotation not in seen:
            seen.add(annotation)
            if annotation.model_computed_fields:
                return True
            waiting.extend(each.annotation for each in annotation.model_fields.values())
    return False
