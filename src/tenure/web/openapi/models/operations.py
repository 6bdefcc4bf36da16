"""What can be asked of the API."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from tenure.web.openapi.models.about import ExternalDocumentation, Server
from tenure.web.openapi.models.base import BaseModelWithConfig, Reference
from tenure.web.openapi.models.messages import Parameter, RequestBody, Response

__all__ = ["Operation", "PathItem"]


class Operation(BaseModelWithConfig):
    """What one method of one path does."""

    tags: list[str] | None = None
    summary: str | None = None
    description: str | None = None
    externalDocs: ExternalDocumentation | None = None
    operationId: str | None = None
    parameters: list[Parameter | Reference] | None = None
    requestBody: RequestBody | Reference | None = None
    responses: dict[str, Response | Any] | None = None
    callbacks: dict[str, dict[str, PathItem] | Reference] | None = None
    deprecated: bool | None = None
    security: list[dict[str, list[str]]] | None = None
    servers: list[Server] | None = None


class PathItem(BaseModelWithConfig):
    """The operations of one path."""

    ref: str | None = Field(default=None, alias="$ref")
    summary: str | None = None
    description: str | None = None
    get: Operation | None = None
    put: Operation | None = None
    post: Operation | None = None
    delete: Operation | None = None
    options: Operation | None = None
    head: Operation | None = None
    patch: Operation | None = None
    trace: Operation | None = None
    servers: list[Server] | None = None
    parameters: list[Parameter | Reference] | None = None


Operation.model_rebuild()
