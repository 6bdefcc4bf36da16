"""The body of a request as one schema, although several parameters may read parts of it."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, GetPydanticSchema, create_model
from pydantic.fields import FieldInfo

from tenure.web import params
from tenure.web.bind.fields import Field
from tenure.web.bind.shapes import is_nullable
from tenure.web.openapi.writer.fields import SchemaField, field_of_parameter, field_of_type
from tenure.web.openapi.writer.forms import form_model_schema, merge_form_schemas
from tenure.web.openapi.writer.parameters import examples_of
from tenure.web.openapi.writer.schemas import Schemas

__all__ = ["BodyField", "body_field", "body_object"]


@dataclass(frozen=True, slots=True)
class BodyField:
    """The whole body of a request."""

    field: SchemaField
    media_type: str
    required: bool
    described_by: Any
    """The marker that holds the examples, where one parameter is the whole body."""


def body_field(fields: Sequence[Field], *, is_embedded: bool, unique_id: str) -> BodyField | None:
    """What *fields* make together; the model of several is named after the operation."""
    if not fields:
        return None
    first = fields[0]
    if is_embedded:
        return _embedded(fields, _model_of(fields, unique_id))
    if any(each.form_models and is_nullable(each.info.annotation) for each in fields):
        return _optional_form(first, _model_of(fields, unique_id))
    return BodyField(field_of_parameter(first), _media_type(first), first.required, first.marker)


def body_object(body: BodyField, schemas: Schemas) -> dict[str, Any]:
    """The ``requestBody`` of an operation."""
    content = {"schema": schemas.of(body.field), **examples_of(body.described_by)}
    written: dict[str, Any] = {"content": {body.media_type: content}}
    return {"required": True, **written} if body.required else written


def _embedded(fields: Sequence[Field], model: type[BaseModel]) -> BodyField:
    required = any(each.required for each in fields)
    info = FieldInfo(annotation=model) if required else FieldInfo(annotation=model, default=None)
    field = field_of_type("body", model, "validation", info=info)
    return BodyField(field, _shared_media_type(fields), required, None)


def _optional_form(field: Field, model: type[BaseModel]) -> BodyField:
    """A form whose model may be left out: its fields may be, for no form is null."""
    info = copy.copy(field.info)
    info.annotation = model
    info.metadata = []  # is in the model
    info.discriminator = None
    written = field_of_type(field.name, model, "validation", info=info)
    return BodyField(written, _media_type(field), field.required, field.marker)


def _media_type(field: Field) -> str:
    return getattr(field.marker, "media_type", "application/json")


_FORM, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


def _shared_media_type(fields: Sequence[Field]) -> str:
    """How the parts travel together: files decide, then forms, then what all agree on."""
    if any(isinstance(each.marker, params.File) for each in fields):
        return _MULTIPART
    forms = [each for each in fields if each.is_form]
    declared = {_media_type(each) for each in forms or fields}
    if forms and _MULTIPART in declared:
        return _MULTIPART
    if len(declared) == 1:
        return declared.pop()
    return _FORM if forms else "application/json"


def _model_of(fields: Sequence[Field], unique_id: str) -> type[BaseModel]:
    """A model with a field for each parameter, only made to be described."""
    name = f"Body_{unique_id}"
    if any(each.form_models for each in fields):
        parts = {f"field_{index}": _form_part(index, each) for index, each in enumerate(fields)}
        config = ConfigDict(json_schema_extra=partial(merge_form_schemas, fields))
        return _created(name, parts, config)
    return _created(name, {each.name: each.info for each in fields})


def _form_part(index: int, field: Field) -> FieldInfo:
    """A part that is taken out of the schema again, by its number, and merged with the others."""
    info = copy.copy(field.info)
    is_one_model = len(field.form_models) == 1 and info.annotation is field.form_models[0]
    if len(field.form_models) == 1:
        model = field.form_models[0]
        hook = GetPydanticSchema(get_pydantic_json_schema=partial(form_model_schema, model))
        described: Any = Annotated[model, hook]
        info.annotation = described if is_one_model else described | None
    info.alias = info.validation_alias = info.serialization_alias = f"field_{index}"
    if not is_one_model:  # which has a title of its own
        info.title = info.title or field.name.replace("_", " ").title()
    return info


_MODULE = "fastapi._compat.v2"
"""Where FastAPI makes these models: seen in documents that have a model of the same name."""


def _created(
    name: str, infos: dict[str, FieldInfo], config: ConfigDict | None = None
) -> type[BaseModel]:
    definitions: dict[str, Any] = {each: (info.annotation, info) for each, info in infos.items()}
    with warnings.catch_warnings():
        # A parameter may have the name of a method of models; nobody calls it on this one.
        warnings.filterwarnings("ignore", message="Field name .* shadows an attribute in parent")
        model: type[BaseModel] = create_model(
            name, __config__=config, __module__=_MODULE, **definitions
        )
    return model
