"""A parameter's annotation and default, understood: what is read, from where, as which type."""

from __future__ import annotations

import copy
import inspect
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AliasChoices
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from starlette.background import BackgroundTasks
from starlette.requests import HTTPConnection
from starlette.responses import Response

from tenure.graph.annotations import split_annotated
from tenure.web import params
from tenure.web.bind.forms import require_multipart, with_form_branches
from tenure.web.bind.shapes import (
    holds_upload,
    holds_upload_sequence,
    is_scalar,
    is_scalar_sequence,
    is_subclass,
    model_of,
)
from tenure.web.exceptions import ParameterDeclarationError

__all__ = ["Declaration", "declaration_of"]

_EMPTY = inspect.Parameter.empty
_FILLED_BY_THE_FRAMEWORK = (HTTPConnection, Response, BackgroundTasks)


@dataclass(frozen=True, slots=True)
class Declaration:
    """Where a parameter is read from (``marker``), and what it has to be (``info``)."""

    name: str
    marker: params.Marker
    info: FieldInfo
    """Annotation, constraints, default and aliases merged; owned by this declaration."""
    is_path: bool
    """Whether the route's path names the parameter."""


def declaration_of(
    name: str, annotation: Any, default: Any, path_names: frozenset[str]
) -> Declaration:
    """Understand one parameter, or raise ``ParameterDeclarationError``."""
    type_, metadata = split_annotated(Any if annotation is _EMPTY else annotation)
    annotation = Annotated[(type_, *metadata)] if metadata else type_
    in_annotated = [each for each in metadata if isinstance(each, params.Marker)]
    is_path = name in path_names
    if isinstance(default, FieldInfo):
        marker, info = _from_default(name, type_, default, in_annotated)
    elif in_annotated:
        marker = in_annotated[-1]
        info = _from_annotated(name, annotation, marker, default, is_path=is_path)
    else:
        marker, info = _inferred(name, annotation, type_, default, is_path=is_path)
    _check_place(name, type_, marker, is_path=is_path)
    _check_defaults(name, info)
    if isinstance(marker, params.Form):
        require_multipart(name)
        info.annotation = with_form_branches(info.annotation)
    if isinstance(marker, params.Path):
        _choose_alias_in_path(info, path_names)
    if not info.alias:
        convert = getattr(marker, "convert_underscores", False)
        info.alias = name.replace("_", "-") if convert else name
    _check_type(name, info.annotation, marker, is_path=is_path)
    return Declaration(name, marker, info, is_path)


def _from_default(
    name: str, type_: Any, default: FieldInfo, in_annotated: list[params.Marker]
) -> tuple[params.Marker, FieldInfo]:
    if in_annotated:
        raise ParameterDeclarationError(
            f"The parameter {name!r} has {_word(in_annotated[-1])} in its annotation and"
            f" {_word(default)} as its default",
            "keep the one in Annotated[...], and write the default as a plain value after it",
        )
    if not isinstance(default, params.Marker):
        raise ParameterDeclarationError(
            f"The parameter {name!r} has pydantic's Field() as its default, which does not say"
            " where in the request the value is",
            f"write Query(), Header(), Cookie() or Body() instead, or"
            f" {name}: Annotated[..., Field(...)] with a plain default",
        )
    # Copied: one marker may be the default of several parameters.
    info = copy.copy(default)
    info.annotation = type_
    return default, info


def _from_annotated(
    name: str, annotation: Any, marker: params.Marker, default: Any, *, is_path: bool
) -> FieldInfo:
    info = FieldInfo.from_annotation(annotation)
    if info.default is not PydanticUndefined:
        raise ParameterDeclarationError(
            f"The default {info.default!r} of the parameter {name!r} is inside Annotated",
            f"take it out of {_word(marker)} and write {name}: Annotated[...] = {info.default!r}",
        )
    if default is _EMPTY or default is ...:
        return info
    if is_path:
        raise ParameterDeclarationError(
            f"The path parameter {name!r} has the default {default!r}, but is always there",
            "leave the default out",
        )
    info.default = default
    return info


def _inferred(
    name: str, annotation: Any, type_: Any, default: Any, *, is_path: bool
) -> tuple[params.Marker, FieldInfo]:
    if is_subclass(type_, _FILLED_BY_THE_FRAMEWORK):
        raise ParameterDeclarationError(
            f"The parameter {name!r} is a {type_.__name__}, which no part of a request can hold",
            "it is filled by the framework in endpoints and dependencies, without a default",
        )
    marker: params.Marker
    if is_path:
        marker = params.Path()
    elif holds_upload(type_) or holds_upload_sequence(type_):
        marker = params.File()
    elif not is_scalar(type_):
        marker = params.Body()
    else:
        marker = params.Query()
    info = FieldInfo.from_annotation(annotation)
    if is_path:
        # The same function may serve a route without this path parameter, where its default
        # holds; so a default is no mistake here, it is just never needed.
        info.default = PydanticUndefined
        info.default_factory = None
    else:
        info.default = PydanticUndefined if default is _EMPTY or default is ... else default
    return marker, info


def _check_place(name: str, type_: Any, marker: params.Marker, *, is_path: bool) -> None:
    if is_subclass(type_, _FILLED_BY_THE_FRAMEWORK):
        raise ParameterDeclarationError(
            f"The parameter {name!r} is a {type_.__name__}, which the framework fills, and has"
            f" {_word(marker)} besides",
            f"remove {_word(marker)}",
        )
    if is_path and not isinstance(marker, params.Path):
        raise ParameterDeclarationError(
            f"The parameter {name!r} stands in the path of the route and is declared with"
            f" {_word(marker)}",
            f"use Path() or no marker, or give the parameter another name than {name!r} and the"
            f" marker alias={name!r}",
        )
    if type(marker) is params.Marker:
        raise ParameterDeclarationError(
            f"The parameter {name!r} is declared with {_word(marker)}, which does not say where"
            " in the request the value is",
            "use Path(), Query(), Header(), Cookie(), Body(), Form() or File()",
        )


def _check_defaults(name: str, info: FieldInfo) -> None:
    if info.default_factory is None:
        return
    if info.default is not PydanticUndefined:
        raise ParameterDeclarationError(
            f"The parameter {name!r} has the default {info.default!r} and a default_factory",
            "keep one of them",
        )
    if info.default_factory_takes_validated_data:
        raise ParameterDeclarationError(
            f"The default_factory of the parameter {name!r} takes an argument",
            "write a function without arguments: there is no validated data but the parameter",
        )


def _choose_alias_in_path(info: FieldInfo, path_names: frozenset[str]) -> None:
    """Of several aliases, take the one that the route's path has."""
    choices = info.validation_alias
    if isinstance(choices, AliasChoices) and all(isinstance(each, str) for each in choices.choices):
        for choice in choices.choices:
            if choice in path_names:
                info.validation_alias = str(choice)
                return


def _check_type(name: str, type_: Any, marker: params.Marker, *, is_path: bool) -> None:
    if is_path and not is_scalar(type_):
        raise ParameterDeclarationError(
            f"The path parameter {name!r} has the type {_type_word(type_)}, which one part of a"
            " path cannot hold",
            "use a type that one text can stand for, such as str, int, UUID or an Enum",
        )
    if isinstance(marker, params.Query) and not (
        is_scalar(type_) or is_scalar_sequence(type_) or model_of(type_) is not None
    ):
        raise ParameterDeclarationError(
            f"The query parameter {name!r} has the type {_type_word(type_)}, which a query"
            " string cannot hold",
            "use a scalar, a list or set of scalars, or a pydantic model; or Body() for more",
        )


def _word(marker: FieldInfo) -> str:
    return f"{type(marker).__name__}()" if isinstance(marker, params.Marker) else "Field()"


def _type_word(type_: Any) -> str:
    return type_.__qualname__ if isinstance(type_, type) else str(type_)
