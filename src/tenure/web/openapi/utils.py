"""Making an OpenAPI document of routes."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from starlette.routing import BaseRoute

from tenure.web.app.contexts import RouteContext
from tenure.web.app.routes import APIRoute
from tenure.web.elsewhere import offer_names_elsewhere
from tenure.web.encoders import jsonable_encoder
from tenure.web.exceptions import FastAPIDeprecationWarning
from tenure.web.openapi.models import OpenAPI
from tenure.web.openapi.writer.fields import SchemaField
from tenure.web.openapi.writer.operation import OperationWriter, operation_metadata, summary_of
from tenure.web.openapi.writer.responses import DEFINITIONS_OF_REJECTION, RANGES
from tenure.web.openapi.writer.routes import DescribedRoute, described_routes, fields_of
from tenure.web.openapi.writer.schemas import Schemas
from tenure.web.utils import generate_unique_id

__all__ = [
    "generate_operation_id",
    "generate_operation_summary",
    "get_fields_from_routes",
    "get_openapi",
    "get_openapi_operation_metadata",
    "status_code_ranges",
    "validation_error_definition",
    "validation_error_response_definition",
]

Routes = Sequence[BaseRoute | RouteContext]

status_code_ranges = dict(RANGES)
"""The descriptions of answers that are declared for a range of statuses."""
validation_error_definition = DEFINITIONS_OF_REJECTION["ValidationError"]
"""The schema of one thing that is wrong with a request."""
validation_error_response_definition = DEFINITIONS_OF_REJECTION["HTTPValidationError"]
"""The schema of the answer to a request with something wrong."""


def get_openapi(
    *,
    title: str,
    version: str,
    openapi_version: str = "3.1.0",
    summary: str | None = None,
    description: str | None = None,
    routes: Routes,
    webhooks: Routes | None = None,
    tags: list[dict[str, Any]] | None = None,
    servers: list[dict[str, str | Any]] | None = None,
    terms_of_service: str | None = None,
    contact: dict[str, str | Any] | None = None,
    license_info: dict[str, str | Any] | None = None,
    separate_input_output_schemas: bool = True,
    external_docs: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The document of *routes* and *webhooks*, ready for ``json.dumps``.

    ``App.openapi`` calls it with what the application was given; a program calls it to make a
    document of some of the routes, or to change one before it is served. Inclusions among the
    routes are resolved, routes of other kinds than ``APIRoute`` left out.

    With *separate_input_output_schemas* a model that is read differently from how it is written
    has two schemas. Raises pydantic's ``ValidationError`` where what was given by hand does not
    follow the standard.
    """
    info = {
        "summary": summary,
        "description": description,
        "termsOfService": terms_of_service,
        "contact": contact,
        "license": license_info,
    }
    described, described_hooks = described_routes(routes), described_routes(webhooks or ())
    schemas = Schemas(
        list(fields_of([*described, *described_hooks])),
        separate_input_output=separate_input_output_schemas,
    )
    writer = OperationWriter(schemas)
    paths = _path_items(described, writer)
    document: dict[str, Any] = {
        "openapi": openapi_version,
        "info": {"title": title, "version": version, **_given(info)},
        "servers": servers,
        "webhooks": _path_items(described_hooks, writer),
        "components": _components(writer),
        "tags": tags,
        "externalDocs": external_docs,
    }
    checked = OpenAPI(**_given(document), paths=paths)
    encoded: dict[str, Any] = jsonable_encoder(checked, by_alias=True, exclude_none=True)
    return encoded


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _path_items(described: Sequence[DescribedRoute], writer: OperationWriter) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for each in described:
        paths.setdefault(each.route.path_format, {}).update(writer.path_item(each))
    return paths


def _components(writer: OperationWriter) -> dict[str, Any]:
    definitions = {**writer.schemas.definitions, **writer.definitions}
    components = {
        "schemas": {name: definitions[name] for name in sorted(definitions)},
        "securitySchemes": writer.security_schemes,
    }
    return _given(components)


def get_fields_from_routes(routes: Routes) -> list[SchemaField]:
    """Everything with a schema that the documented ones among *routes* take and answer."""
    return list(fields_of(described_routes(routes)))


def get_openapi_operation_metadata(
    *,
    route: APIRoute,
    method: str,  # noqa: ARG001 - passed by programs, of no consequence here and below
    operation_ids: set[str],
) -> dict[str, Any]:
    """What the operation of *route* begins with: tags, summary, description, id, deprecation.

    Its id is added to *operation_ids*; one that is among them already is warned of.
    """
    return operation_metadata(route, operation_ids)


def generate_operation_summary(*, route: APIRoute, method: str) -> str:  # noqa: ARG001
    """The declared summary of *route*, or its name as words."""
    return summary_of(route)


def generate_operation_id(*, route: APIRoute, method: str) -> str:  # noqa: ARG001
    """The operation id of *route*. Deprecated in FastAPI, kept for programs that use it."""
    warnings.warn(
        "tenure.web.openapi.utils.generate_operation_id() is deprecated: use route.unique_id",
        FastAPIDeprecationWarning,
        stacklevel=2,
    )
    return route.operation_id or generate_unique_id(route)


offer_names_elsewhere(__name__)
