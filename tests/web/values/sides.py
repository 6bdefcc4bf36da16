"""The two sides of a comparison: FastAPI's reading of a declaration, and Tenure's."""

import inspect
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import fastapi
import fastapi.dependencies.utils as fastapi_reading
from fastapi import params as fastapi_params
from fastapi.dependencies.models import Dependant
from pydantic_core import PydanticUndefined

import tenure.web.datastructures
import tenure.web.param_functions
from tenure.web.bind.body import BodyPlan
from tenure.web.bind.fields import field_for
from tenure.web.bind.forms import FormBody
from tenure.web.bind.validation import NOTHING

EMPTY = inspect.Parameter.empty
ABSENT = object()
"""Stands for a body that was not sent, on either side."""


class Names:
    """The names a program imports from its framework."""

    def __init__(self, functions: Any, upload_file: type) -> None:
        for name in ("Path", "Query", "Header", "Cookie", "Body", "Form", "File"):
            setattr(self, name, getattr(functions, name))
        self.UploadFile = upload_file


FASTAPI = Names(fastapi, fastapi.UploadFile)
TENURE = Names(tenure.web.param_functions, tenure.web.datastructures.UploadFile)

Build = Callable[[Any], tuple[Any, Any]]
"""``build(names)`` answers the annotation and the default of a parameter."""


@dataclass(frozen=True)
class Reading:
    """What became of one raw value: the value, or the errors of a 422."""

    value: Any
    errors: list[dict[str, Any]]

    def __eq__(self, other: object) -> bool:
        assert isinstance(other, Reading)
        if self.errors or other.errors:
            same = repr(self.errors) == repr(other.errors)
        else:
            same = type(self.value) is type(other.value) and (
                self.value == other.value or repr(self.value) == repr(other.value)
            )
        return same

    __hash__ = None  # type: ignore[assignment]


class FastAPIParameter:
    """A parameter as FastAPI understands it."""

    def __init__(self, build: Build, name: str, path_names: frozenset[str]) -> None:
        annotation, default = build(FASTAPI)
        details = fastapi_reading.analyze_param(
            param_name=name,
            annotation=annotation,
            value=default,
            path_param_names=set(path_names),
        )
        assert details.field is not None
        self.field = details.field
        info: Any = self.field.field_info
        # Asked for as FastAPI does when it collects parameters: plain Field() has no place.
        if not isinstance(info, fastapi_params.Body):
            fastapi_reading.add_param_to_fields(field=self.field, dependant=Dependant())
        self.location = "body" if isinstance(info, fastapi_params.Body) else info.in_.value
        self.is_form = isinstance(info, fastapi_params.Form)
        self.required = info.is_required()

    def read(self, values: Any) -> Reading:
        read, errors = fastapi_reading.request_params_to_args([self.field], values)
        return Reading(read.get(self.field.name), errors)


class TenureParameter:
    """The same parameter as Tenure understands it."""

    def __init__(self, build: Build, name: str, path_names: frozenset[str]) -> None:
        annotation, default = build(TENURE)
        self.field = field_for(name, annotation, default, path_names)
        self.location = self.field.location.value
        self.is_form = self.field.is_form
        self.required = self.field.required

    def read(self, values: Any) -> Reading:
        value, errors = self.field.read(values)
        return Reading(value, list(errors))


def finished(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that has nothing to wait for."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waits for something")


def declared(
    side: type[FastAPIParameter] | type[TenureParameter],
    build: Build,
    name: str = "x",
    path_names: Sequence[str] = (),
) -> Any:
    """The parameter on *side*, or the exception that refused it."""
    try:
        return side(build, name, frozenset(path_names))
    except Exception as error:
        return error


def read_bodies_by_fastapi(
    parameters: Sequence[FastAPIParameter], body: Any, *, together: bool
) -> tuple[bool, list[Reading]]:
    """Whether the body is embedded, and the reading of each parameter.

    *together*: the parameters of one function; otherwise each is of a dependency of its own.
    """
    fields = [parameter.field for parameter in parameters]
    embed = fastapi_reading._should_embed_body_fields(fields)
    received = PydanticUndefined if body is ABSENT else body
    readings: list[Reading] = []
    for group in [fields] if together else [[field] for field in fields]:
        values, errors = finished(
            fastapi_reading.request_body_to_args(group, received, embed_body_fields=embed)
        )
        if together:
            return embed, [Reading([values.get(field.name) for field in fields], errors)]
        readings.append(Reading(values.get(group[0].name), errors))
    return embed, readings


def read_bodies_by_tenure(
    parameters: Sequence[TenureParameter], body: Any, *, together: bool
) -> tuple[bool, list[Reading]]:
    plan = BodyPlan([parameter.field for parameter in parameters])
    received: Any = NOTHING if body is ABSENT else body
    if plan.is_form:
        received = FormBody(received)
        finished(received.read_contents(plan._names_of_contents))
    outcomes = plan.read(received)
    if together:
        errors = [error for _, each in outcomes for error in each]
        return plan.is_embedded, [Reading([value for value, _ in outcomes], errors)]
    return plan.is_embedded, [Reading(value, list(errors)) for value, errors in outcomes]


__all__ = [
    "ABSENT",
    "EMPTY",
    "FASTAPI",
    "TENURE",
    "Build",
    "FastAPIParameter",
    "Reading",
    "TenureParameter",
    "declared",
    "finished",
    "read_bodies_by_fastapi",
    "read_bodies_by_tenure",
]
