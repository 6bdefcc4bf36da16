"""What operations answer: success, what else was declared, and requests that are not valid."""

from __future__ import annotations

import copy
import http.client
import inspect
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import JSONResponse, Response

from tenure.graph.providers import provider_of
from tenure.web.app.options import is_set
from tenure.web.app.routes import APIRoute
from tenure.web.bind.shapes import is_subclass
from tenure.web.openapi.constants import REF_PREFIX
from tenure.web.openapi.writer.routes import DescribedRoute
from tenure.web.openapi.writer.schemas import Schemas
from tenure.web.utils import deep_dict_update, is_body_allowed_for_status_code

__all__ = ["DEFINITIONS_OF_REJECTION", "RANGES", "add_rejection", "response_objects"]

RANGES: Final[Mapping[str, str]] = {
    "1XX": "Information",
    "2XX": "Success",
    "3XX": "Redirection",
    "4XX": "Client Error",
    "5XX": "Server Error",
    "DEFAULT": "Default Response",
}
"""Descriptions of what is no single status."""

DEFINITIONS_OF_REJECTION: Final[Mapping[str, dict[str, Any]]] = {
    "ValidationError": {
        "title": "ValidationError",
        "type": "object",
        "properties": {
            "loc": {
                "title": "Location",
                "type": "array",
                "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            },
            "msg": {"title": "Message", "type": "string"},
            "type": {"title": "Error Type", "type": "string"},
            "input": {"title": "Input"},
            "ctx": {"title": "Context", "type": "object"},
        },
        "required": ["loc", "msg", "type"],
    },
    "HTTPValidationError": {
        "title": "HTTPValidationError",
        "type": "object",
        "properties": {
            "detail": {
                "title": "Detail",
                "type": "array",
                "items": {"$ref": REF_PREFIX + "ValidationError"},
            }
        },
    },
}
"""The schemas of the answer to a request that does not hold what was declared."""


def response_objects(described: DescribedRoute, schemas: Schemas) -> dict[str, Any]:
    """The ``responses`` of an operation but the one to invalid requests."""
    route = described.route
    response_class = route.response_class if is_set(route.response_class) else JSONResponse
    success: dict[str, Any] = {"description": route.response_description}
    responses = {_status_of(route, response_class): success}
    media_type: str | None = response_class.media_type
    if is_body_allowed_for_status_code(route.status_code):
        content = _content(described, response_class, schemas)
        success |= {"content": content} if content else {}
    for status, declared in route.responses.items():
        model = described.additional.get(status)
        schema_of_model = None if model is None else schemas.of(model)
        _add(responses, status, declared, schema_of_model, media_type or "application/json")
    return responses


def _content(
    described: DescribedRoute, response_class: type[Response], schemas: Schemas
) -> dict[str, Any]:
    """What a success holds, by content type."""
    item = None if described.item is None else schemas.of(described.item)
    if described.route.is_json_stream:
        return {"application/jsonl": {"itemSchema": {} if item is None else item}}
    if described.route.is_sse_stream and provider_of(described.route.endpoint).kind.opens:
        return {"text/event-stream": {"itemSchema": _event(item)}}
    if not response_class.media_type:
        return {}
    schema: dict[str, Any] = {"type": "string"}
    if is_subclass(response_class, JSONResponse):
        schema = {} if described.response is None else schemas.of(described.response)
    return {response_class.media_type: {"schema": schema}}


def _event(item: dict[str, Any] | None) -> dict[str, Any]:
    """The schema of a server-sent event that carries *item* as JSON."""
    data: dict[str, Any] = {"type": "string"}
    if item is not None:
        data |= {"contentMediaType": "application/json", "contentSchema": item}
    properties = {
        "data": data,
        "event": {"type": "string"},
        "id": {"type": "string"},
        "retry": {"type": "integer", "minimum": 0},
    }
    required = {} if item is None else {"required": ["data"]}
    return {"type": "object", "properties": properties, **required}


def _status_of(route: APIRoute, response_class: Any) -> str:
    """The declared status, or the one that responses of this class have by themselves."""
    if route.status_code is not None:
        return str(route.status_code)
    parameter = inspect.signature(response_class.__init__).parameters.get("status_code")
    default = None if parameter is None else parameter.default
    return str(default) if isinstance(default, int) else "200"


def _add(
    responses: dict[str, Any],
    status: int | str,
    declared: Mapping[str, Any],
    schema: dict[str, Any] | None,
    media_type: str,
) -> None:
    """Merge one entry of ``responses=`` into what is there of that status."""
    word = str(status).upper()
    present = responses.setdefault("default" if word == "DEFAULT" else word, {})
    more: dict[str, Any] = copy.deepcopy({key: declared[key] for key in declared if key != "model"})
    if schema is not None:
        content = more.setdefault("content", {}).setdefault(media_type, {})
        deep_dict_update(content.setdefault("schema", {}), schema)
    description = (
        more.get("description")
        or present.get("description")
        or RANGES.get(word)
        or http.client.responses.get(int(status))
        or "Additional Response"
    )
    deep_dict_update(present, more)
    present["description"] = description


def add_rejection(responses: dict[str, Any]) -> bool:
    """Document the answer to invalid requests, unless the program did; whether it was added."""
    if not responses.keys().isdisjoint(("422", "4XX", "default")):
        return False
    reference = {"$ref": REF_PREFIX + "HTTPValidationError"}
    responses["422"] = {
        "description": "Validation Error",
        "content": {"application/json": {"schema": reference}},
    }
    return True
