"""Values with a type: whatever in the document is described by a JSON schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ConfigDict
from pydantic.fields import FieldInfo

from tenure.web.bind.fields import Field
from tenure.web.bind.validation import Validation

__all__ = ["Mode", "SchemaField", "field_of_parameter", "field_of_type"]

Mode = Literal["validation", "serialization"]
"""Whether a value is read or written: a model may look different from the two sides."""


@dataclass(frozen=True, eq=False, slots=True)
class SchemaField:
    """One value: its type with all that is said about it. Two are never the same."""

    name: str
    info: FieldInfo
    mode: Mode
    core_schema: Any
    """What pydantic made of the type."""

    @property
    def alias(self) -> str:
        """The name the value goes by, of which a title is made where none was given."""
        info = self.info
        if self.mode == "validation":
            chosen = info.validation_alias if isinstance(info.validation_alias, str) else None
        else:
            chosen = info.serialization_alias
        return chosen or (info.alias if info.alias is not None else self.name)


def field_of_parameter(field: Field) -> SchemaField:
    """A parameter of an endpoint or dependency."""
    return SchemaField(field.name, field.info, "validation", field.validation.adapter.core_schema)


def field_of_type(
    name: str,
    type_: Any,
    mode: Mode,
    *,
    info: FieldInfo | None = None,
    config: ConfigDict | None = None,
) -> SchemaField:
    """A value that has a type and no parameter: a response, or a field of a model."""
    info = info or FieldInfo(annotation=type_)
    return SchemaField(name, info, mode, Validation(info, config).adapter.core_schema)
