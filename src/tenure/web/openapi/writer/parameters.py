"""Parameters outside the body, models of them taken apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from tenure.web.bind.fields import Field
from tenure.web.bind.models import config_of_field
from tenure.web.bind.names import RequestName, request_names
from tenure.web.encoders import jsonable_encoder
from tenure.web.openapi.writer.fields import SchemaField, field_of_parameter, field_of_type
from tenure.web.openapi.writer.schemas import Schemas
from tenure.web.params import Location

__all__ = ["ParameterField", "examples_of", "parameter_fields", "parameter_objects"]


@dataclass(frozen=True, slots=True)
class ParameterField:
    """One value of a request: a parameter, or a field of a model of parameters."""

    location: Location
    name: RequestName
    field: SchemaField
    described_by: Any
    """What holds the examples: the marker, or the description of the model's field."""
    required: bool
    is_shown: bool
    converts_underscores: bool = False


def parameter_fields(parameters: Sequence[Field]) -> Iterator[ParameterField]:
    """Every value that *parameters* stand for."""
    for each in parameters:
        if each.model is not None:
            yield from _fields_of_model(each, each.model)
            continue
        yield ParameterField(
            each.location,
            each.names[0],
            field_of_parameter(each),
            each.marker,
            each.required,
            each.marker.include_in_schema,
            getattr(each.marker, "convert_underscores", False),
        )


def _fields_of_model(parameter: Field, model: type[BaseModel]) -> Iterator[ParameterField]:
    # A model that may be left out has no field that has to be there.
    is_optional = parameter.info.annotation is not model and not parameter.required
    convert_by_default = getattr(parameter.marker, "convert_underscores", True)
    for name, info in model.model_fields.items():
        config = config_of_field(model, info)
        convert = parameter.location is Location.header and getattr(
            info, "convert_underscores", convert_by_default
        )
        names = request_names(name, info, config, convert_underscores=convert)
        yield ParameterField(
            parameter.location,
            names[0],
            field_of_type(name, info.annotation, "validation", info=info, config=config),
            info,
            info.is_required() and not is_optional,
            parameter.marker.include_in_schema,
            convert,
        )


def parameter_objects(
    parameters: Sequence[ParameterField], schemas: Schemas
) -> list[dict[str, Any]]:
    """The ``parameters`` of an operation: of one name in one place, one that is required."""
    written = [_parameter(each, schemas) for each in parameters if each.is_shown]
    by_name = {(each["in"], each["name"]): each for each in written}
    by_name |= {(each["in"], each["name"]): each for each in written if each["required"]}
    return list(by_name.values())


def _parameter(parameter: ParameterField, schemas: Schemas) -> dict[str, Any]:
    info = parameter.field.info
    written: dict[str, Any] = {
        "name": _written_name(parameter),
        "in": parameter.location.value,
        "required": parameter.required,
        "schema": schemas.of(parameter.field, parameter.name.alias),
    }
    if info.description:
        written["description"] = info.description
    written |= examples_of(parameter.described_by)
    if info.deprecated:
        written["deprecated"] = True
    return written


def _written_name(parameter: ParameterField) -> str:
    """The name in the document: an alias that repeats a header's own name counts as none."""
    key = parameter.name.key
    repeats = parameter.converts_underscores and key == parameter.field.name
    return key.replace("_", "-") if repeats else key


def examples_of(described_by: Any) -> dict[str, Any]:
    """OpenAPI's own examples, beside those in the schema."""
    named = getattr(described_by, "openapi_examples", None)
    if named:
        return {"examples": jsonable_encoder(named)}
    single = getattr(described_by, "example", PydanticUndefined)
    return {} if single is PydanticUndefined else {"example": jsonable_encoder(single)}
