"""The whole document."""

from __future__ import annotations

from typing import Any

from tenure.web.openapi.models.about import ExternalDocumentation, Info, Server, Tag
from tenure.web.openapi.models.base import BaseModelWithConfig, Reference
from tenure.web.openapi.models.messages import (
    Example,
    Header,
    Link,
    Parameter,
    RequestBody,
    Response,
)
from tenure.web.openapi.models.operations import PathItem
from tenure.web.openapi.models.schema import Schema
from tenure.web.openapi.models.security import SecurityScheme

__all__ = ["Components", "OpenAPI"]


class Components(BaseModelWithConfig):
    """The objects that others refer to, by name."""

    schemas: dict[str, Schema | Reference] | None = None
    responses: dict[str, Response | Reference] | None = None
    parameters: dict[str, Parameter | Reference] | None = None
    examples: dict[str, Example | Reference] | None = None
    requestBodies: dict[str, RequestBody | Reference] | None = None
    headers: dict[str, Header | Reference] | None = None
    securitySchemes: dict[str, SecurityScheme | Reference] | None = None
    links: dict[str, Link | Reference] | None = None
    callbacks: dict[str, dict[str, PathItem] | Reference | Any] | None = None
    pathItems: dict[str, PathItem | Reference] | None = None


class OpenAPI(BaseModelWithConfig):
    """A whole document."""

    openapi: str
    info: Info
    jsonSchemaDialect: str | None = None
    servers: list[Server] | None = None
    paths: dict[str, PathItem | Any] | None = None
    webhooks: dict[str, PathItem | Reference] | None = None
    components: Components | None = None
    security: list[dict[str, list[str]]] | None = None
    tags: list[Tag] | None = None
    externalDocs: ExternalDocumentation | None = None
