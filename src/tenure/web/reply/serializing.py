"""A returned value as JSON, for programs that do by hand what a route does."""

from __future__ import annotations

from typing import Any

from pydantic.main import IncEx

from tenure.web.dependencies.models import ModelField
from tenure.web.encoders import jsonable_encoder
from tenure.web.exceptions import EndpointContext
from tenure.web.reply.model import ResponseModel

__all__ = ["serialize_response"]


async def serialize_response(
    *,
    field: ModelField | None = None,
    response_content: Any,
    include: IncEx | None = None,
    exclude: IncEx | None = None,
    by_alias: bool = True,
    exclude_unset: bool = False,
    exclude_defaults: bool = False,
    exclude_none: bool = False,
    is_coroutine: bool = True,  # noqa: ARG001 - nothing here blocks
    endpoint_ctx: EndpointContext | None = None,
    dump_json: bool = False,
) -> Any:
    """What *response_content* is in JSON: as a value, or with a *field* and *dump_json* as bytes.

    It is held against the type of the *field*, with the options of a response model; without one
    it is encoded as it is. ``is_coroutine`` changes nothing.
    Raises ``ResponseValidationError``.
    """
    if field is None:
        return jsonable_encoder(response_content)
    model = ResponseModel(
        field.field_info.annotation,
        include=include,
        exclude=exclude,
        by_alias=by_alias,
        exclude_unset=exclude_unset,
        exclude_defaults=exclude_defaults,
        exclude_none=exclude_none,
    )
    value = model.validate(response_content, endpoint_context=endpoint_ctx)
    return model.to_json(value) if dump_json else model.to_python(value)
