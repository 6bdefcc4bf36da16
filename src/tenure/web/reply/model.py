"""What an endpoint returns, held against its response model and written as JSON."""

from __future__ import annotations

from functools import partial
from typing import Any

from pydantic import PydanticSchemaGenerationError
from pydantic.fields import FieldInfo
from pydantic.main import IncEx

from tenure.web.bind.shapes import holds_pydantic_v1
from tenure.web.bind.validation import Validation
from tenure.web.exceptions import (
    EndpointContext,
    PydanticV1NotSupportedError,
    ResponseModelDeclarationError,
    ResponseValidationError,
)

__all__ = ["ResponseModel"]

_LOC = ("response",)


class ResponseModel:
    """A response model with the options that say how much of it is written.

    ``validate`` first, then ``to_json`` (bytes for the wire) or ``to_python`` (for a response
    class that writes JSON itself); both expect a validated value.
    """

    def __init__(
        self,
        annotation: Any,
        *,
        include: IncEx | None = None,
        exclude: IncEx | None = None,
        by_alias: bool = True,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
    ) -> None:
        self.annotation = annotation
        self.info = FieldInfo(annotation=annotation)
        self.validation = _validation_of(annotation, self.info)
        options: dict[str, Any] = {
            "include": include,
            "exclude": exclude,
            "by_alias": by_alias,
            "exclude_unset": exclude_unset,
            "exclude_defaults": exclude_defaults,
            "exclude_none": exclude_none,
        }
        adapter = self.validation.adapter
        # Past a frame of the adapter's, unless it still has a forward reference to resolve.
        write = adapter.serializer.to_json if adapter.pydantic_complete else adapter.dump_json
        self.to_json = partial(write, **options)
        self.to_python = partial(adapter.dump_python, mode="json", **options)

    def validate(self, value: Any, *, endpoint_context: EndpointContext | None = None) -> Any:
        """*value* as the model wants it, or ``ResponseValidationError``."""
        validated, errors = self.validation.validate(value, _LOC)
        if errors:
            raise ResponseValidationError(errors, body=value, endpoint_ctx=endpoint_context)
        return validated


def _validation_of(annotation: Any, info: FieldInfo) -> Validation:
    if holds_pydantic_v1(annotation):
        raise PydanticV1NotSupportedError(
            f"The response model {annotation!r} is a model of pydantic.v1, which is not"
            " supported; make it a model of pydantic 2"
        )
    try:
        return Validation(info)
    except PydanticSchemaGenerationError as error:
        raise ResponseModelDeclarationError(
            f"The response model or return annotation {annotation!r} is not a type that pydantic"
            " can validate.\nHint: write response_model=None to return such values as they are,"
            " or annotate the endpoint with the type of its JSON"
        ) from error
