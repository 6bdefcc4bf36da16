"""Parameters read from a request: each a ``Field``, made once when a route is declared."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from pydantic import (
    BaseModel,
    ValidationError,
)

from tenure.web import params
from tenure.web.bind.declarations import Declaration, declaration_of
from tenure.web.bind.forms import form_models
from tenure.web.bind.models import ModelReader
from tenure.web.bind.names import RequestName, request_names
from tenure.web.bind.picking import SINGLE, picker
from tenure.web.bind.shapes import holds_pydantic_v1, is_json, is_subclass, model_of
from tenure.web.bind.validation import NO_ERRORS, NOTHING, Loc, Outcome, Validation, located
from tenure.web.exceptions import ParameterDeclarationError, PydanticV1NotSupportedError
from tenure.web.params import Location

__all__ = ["Field", "Location", "field_for"]

Read = Callable[[Any], Outcome]

_EMPTY = inspect.Parameter.empty


class Field:
    """One parameter: where it is in a request, what it has to be, and how it is read.

    ``read(values)`` takes the part of the request that ``location`` names: query parameters
    and headers as Starlette's multi-dicts, cookies and path parameters as dicts. Fields of the
    body are read by ``bind.body.BodyPlan``, because they share one body.
    """

    __slots__ = (
        "alias",
        "form_models",
        "info",
        "is_form",
        "is_one_text",
        "location",
        "marker",
        "model",
        "name",
        "names",
        "read",
        "required",
        "validation",
    )

    def __init__(self, declaration: Declaration) -> None:
        self.name = declaration.name
        self.marker = declaration.marker
        self.info = declaration.info
        self.location: Location = declaration.marker.location
        self.is_form = isinstance(declaration.marker, params.Form)
        """Whether it is part of a form (then so is every field of the same body)."""
        self.required = declaration.info.is_required()
        self.names = request_names(
            declaration.name,
            declaration.info,
            only_alias=isinstance(declaration.marker, params.Path),
        )
        """The names in the request, the preferred one first."""
        self.alias = self.names[0].key
        self.model = _parameter_model(declaration)
        """The model whose fields are read one by one outside the body."""
        self.form_models = form_models(declaration.marker, declaration.info)
        self.validation = _validation_of(declaration)
        self.is_one_text = (
            self.model is None
            and len(self.names) == 1
            and picker(declaration.info, self.location) in SINGLE
        )
        """Whether it is the one text that stands under its one name."""
        self.read: Read = _reader(self)

    def validate(self, value: Any, loc: Loc) -> Outcome:
        """Validate a raw value; errors are located at *loc*."""
        return self.validation.validate(value, loc)

    def absent(self, loc: Loc) -> Outcome:
        """What holds where the request has no value: the default, or an error at *loc*."""
        return self.validation.absent(loc)

    def __repr__(self) -> str:
        return f"<{self.location.value} parameter {self.name!r} as {self.alias!r}>"


def field_for(
    name: str,
    annotation: Any = _EMPTY,
    default: Any = _EMPTY,
    path_names: frozenset[str] = frozenset(),
) -> Field:
    """The field for one parameter of an endpoint or dependency.

    *annotation* and *default* are as in the signature (strings resolved), *path_names* are the
    names in the path of the route. Raises ``ParameterDeclarationError`` for what no request
    could fill.
    """
    return Field(declaration_of(name, annotation, default, path_names))


def _parameter_model(declaration: Declaration) -> type[BaseModel] | None:
    marker = declaration.marker
    annotation: Any = declaration.info.annotation
    if marker.location is Location.body or is_json(declaration.info):
        return None
    if isinstance(marker, params.Path):
        return annotation if is_subclass(annotation, BaseModel) else None
    return model_of(annotation)


def _validation_of(declaration: Declaration) -> Validation:
    name, annotation = declaration.name, declaration.info.annotation
    if holds_pydantic_v1(annotation):
        raise PydanticV1NotSupportedError(
            f"The parameter {name!r} has the type {annotation!r}, a model of pydantic.v1, which"
            " is not supported; make it a model of pydantic 2"
        )
    try:
        return Validation(declaration.info)
    except Exception as error:  # an unknown type, or a constraint that does not fit the type
        raise ParameterDeclarationError(
            f"The parameter {name!r} has the type {annotation!r}, which pydantic cannot validate:"
            f" {str(error).splitlines()[0]}",
            "if a dependency is meant to make it, declare it with Depends(); otherwise use a"
            " type that pydantic knows",
        ) from error


def _reader(field: Field) -> Read:
    """The reading of *field*, with everything decided that does not depend on the request."""
    location = field.location
    if location is Location.body:
        return _of_the_body
    if field.model is not None:
        return ModelReader(
            field.model,
            field.validation,
            location,
            convert_underscores=getattr(field.marker, "convert_underscores", True),
            is_optional=field.info.annotation is not field.model,
        ).read
    pick = picker(field.info, location)
    if len(field.names) > 1:
        return _choosing_reader(field, field.names, pick)
    key = field.alias
    loc: Loc = (location.value, key)
    run, absent = field.validation.run, field.validation.absent

    def read(values: Any) -> Outcome:
        value = pick(values, key)
        if value is NOTHING:
            return absent(loc)
        try:
            return run(value, from_attributes=True), NO_ERRORS
        except ValidationError as error:
            return None, located(error, loc)

    return read


def _choosing_reader(
    field: Field, names: tuple[RequestName, ...], pick: Callable[[Any, str], Any]
) -> Read:
    keys = tuple(each.key for each in names)
    location = field.location.value

    def read(values: Any) -> Outcome:
        key = next((each for each in keys if each in values), keys[0])
        value = pick(values, key)
        loc = (location, key)
        return field.absent(loc) if value is NOTHING else field.validate(value, loc)

    return read


def _of_the_body(_values: Any) -> Outcome:
    raise TypeError("a field of the body is read by BodyPlan.read(), with the other fields of it")
