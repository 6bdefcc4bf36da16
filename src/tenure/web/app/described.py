"""What path operations say of their body and their answers to programs that look at them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

from pydantic.fields import FieldInfo

from tenure.web.app.programmed import Programmed
from tenure.web.dependencies.models import ModelField
from tenure.web.params import Body, File, Form, Marker

__all__ = ["Described"]

_Value = TypeVar("_Value")

_MARKERS: dict[str, type[Body]] = {
    "application/x-www-form-urlencoded": Form,
    "multipart/form-data": File,
}


class _Shown(Generic[_Value]):
    """What is worked out when somebody looks, unless a program has put something in its place."""

    def __init__(self, make: Callable[[Any], _Value]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, route: None, owner: type) -> _Shown[_Value]: ...

    @overload
    def __get__(self, route: Programmed, owner: type) -> _Value: ...

    def __get__(self, route: Programmed | None, owner: type) -> _Shown[_Value] | _Value:
        return self if route is None else self._make(route)


class Described(Programmed):
    """A path operation, as far as what it takes and answers has a type."""

    unique_id: str
    response_model: Any
    stream_item_type: Any
    responses: dict[int | str, dict[str, Any]]

    @_Shown
    def body_field(self) -> ModelField | None:
        """The whole body as one value; None where nothing takes it."""
        # What it is made with is for documents, and is not loaded before somebody asks.
        from tenure.web.openapi.writer.bodies import body_field
        from tenure.web.openapi.writer.inputs import inputs_of

        declared = self.declared()
        plan = declared.body_plan
        body = body_field(
            inputs_of(declared.graph).bodies,
            is_embedded=plan is not None and plan.is_embedded,
            unique_id=self.unique_id,
        )
        if body is None:
            return None
        marker: Marker | None = body.described_by
        info = copy.copy(body.field.info)
        if marker is None:  # several parameters: the body itself was not declared
            marker = _MARKERS.get(body.media_type, Body)(media_type=body.media_type)
            info.alias = info.validation_alias = info.serialization_alias = "body"
        return ModelField(marker.with_description(info), body.field.name)

    @_Shown
    def response_field(self) -> ModelField | None:
        """What the endpoint returns, as it is written; None where nothing is declared."""
        return _written(f"Response_{self.unique_id}", self.response_model)

    @_Shown
    def stream_item_field(self) -> ModelField | None:
        """What an endpoint that yields yields; None where nothing is declared."""
        return _written(f"StreamItem_{self.unique_id}", self.stream_item_type)

    @_Shown
    def response_fields(self) -> dict[int | str, ModelField]:
        """The models of additional responses, by status."""
        found = {
            status: _written(f"Response_{status}_{self.unique_id}", response.get("model"))
            for status, response in self.responses.items()
        }
        return {status: field for status, field in found.items() if field is not None}


def _written(name: str, model: Any) -> ModelField | None:
    return ModelField(FieldInfo(annotation=model), name, "serialization") if model else None
