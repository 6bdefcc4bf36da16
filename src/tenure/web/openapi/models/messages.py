"""What is sent and received."""

from __future__ import annotations

from enum import Enum
from typing import Any

from pydantic import AnyUrl, ConfigDict, Field, with_config
from typing_extensions import TypedDict

from tenure.web.openapi.models.about import Server
from tenure.web.openapi.models.base import BaseModelWithConfig, Reference
from tenure.web.openapi.models.schema import Schema

__all__ = [
    "Encoding",
    "Example",
    "Header",
    "Link",
    "MediaType",
    "Parameter",
    "ParameterBase",
    "ParameterInType",
    "RequestBody",
    "Response",
]


@with_config(ConfigDict(extra="allow"))
class Example(TypedDict, total=False):
    """A value with a few words about it."""

    summary: str | None
    description: str | None
    value: Any | None
    externalValue: AnyUrl | None


class ParameterInType(Enum):
    """The part of a request that holds a parameter."""

    query = "query"
    header = "header"
    path = "path"
    cookie = "cookie"


class Encoding(BaseModelWithConfig):
    """How one field of a form is written."""

    contentType: str | None = None
    headers: dict[str, Header | Reference] | None = None
    style: str | None = None
    explode: bool | None = None
    allowReserved: bool | None = None


class MediaType(BaseModelWithConfig):
    """A body of one content type."""

    schema_: Schema | Reference | None = Field(default=None, alias="schema")
    example: Any | None = None
    examples: dict[str, Example | Reference] | None = None
    encoding: dict[str, Encoding] | None = None


class ParameterBase(BaseModelWithConfig):
    """What parameters of requests and headers of responses have in common."""

    description: str | None = None
    required: bool | None = None
    deprecated: bool | None = None
    style: str | None = None
    explode: bool | None = None
    allowReserved: bool | None = None
    schema_: Schema | Reference | None = Field(default=None, alias="schema")
    example: Any | None = None
    examples: dict[str, Example | Reference] | None = None
    content: dict[str, MediaType] | None = None


class Parameter(ParameterBase):
    """A value in the path, the query string, a header or a cookie."""

    name: str
    in_: ParameterInType = Field(alias="in")


class Header(ParameterBase):
    """A header of a response."""


class RequestBody(BaseModelWithConfig):
    """What is sent with a request."""

    description: str | None = None
    content: dict[str, MediaType]
    required: bool | None = None


class Link(BaseModelWithConfig):
    """An operation that takes what a response holds."""

    operationRef: str | None = None
    operationId: str | None = None
    parameters: dict[str, Any | str] | None = None
    requestBody: Any | str | None = None
    description: str | None = None
    server: Server | None = None


class Response(BaseModelWithConfig):
    """What is answered."""

    description: str
    headers: dict[str, Header | Reference] | None = None
    content: dict[str, MediaType] | None = None
    links: dict[str, Link | Reference] | None = None


Encoding.model_rebuild()
