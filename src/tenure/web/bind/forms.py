"""Forms: fields, models made of fields, uploaded files and their contents.

Browsers shape the rules: an empty text field and a file input without a file are sent as empty
values, and mean that there is none.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Annotated, Any, Union, cast

from pydantic import BaseModel, BeforeValidator, Tag
from pydantic.fields import FieldInfo
from starlette.datastructures import FormData, UploadFile

from tenure.graph.annotations import split_annotated
from tenure.web import params
from tenure.web.bind.models import config_of_field
from tenure.web.bind.names import RequestName, request_names
from tenure.web.bind.picking import grouped, picker
from tenure.web.bind.shapes import (
    holds_bytes,
    holds_bytes_sequence,
    is_json,
    is_nullable,
    is_subclass,
    model_of,
    sequence_constructor,
    union_members,
)
from tenure.web.bind.validation import NOTHING
from tenure.web.exceptions import ParameterDeclarationError
from tenure.web.params import Location

__all__ = [
    "FormBody",
    "FormField",
    "FormModel",
    "form_models",
    "require_multipart",
    "with_form_branches",
]

_LISTS: tuple[type[Any], ...] = (list,)

Contents = Mapping[int, bytes]
"""What was read from uploaded files, by the identity of the ``UploadFile``."""


class FormBody(FormData):
    """A form that has been received, with the contents of the files declared as ``bytes``.

    It owns its files: ``close`` once nobody can use them any more.
    """

    def __init__(self, form: FormData) -> None:
        super().__init__(form)
        self.contents: dict[int, bytes] = {}

    async def read_contents(self, names: Iterable[str]) -> None:
        """Read the files under *names*, leaving them where they were for other parameters."""
        for name in names:
            for value in self.getlist(name):
                if isinstance(value, UploadFile) and id(value) not in self.contents:
                    position = value.file.tell()
                    self.contents[id(value)] = await value.read()
                    await value.seek(position)


class FormField:
    """One value of a form: a parameter, or a field of a model."""

    def __init__(self, info: FieldInfo, names: tuple[RequestName, ...], *, is_file: bool) -> None:
        self.aliases = tuple(each.alias for each in names)
        self._pick = picker(info, Location.body)
        self._convert = _content_converter(info.annotation) if is_file else None

    @property
    def wants_contents(self) -> bool:
        """Whether uploaded files become ``bytes``."""
        return self._convert is not None

    def take(self, form: FormData, contents: Contents) -> tuple[str, Any]:
        """The value, and the name that holds it; ``NOTHING`` and the first name otherwise."""
        for alias in self.aliases:
            value = self._pick(form, alias)
            if value is not NOTHING:
                return alias, value if self._convert is None else self._convert(value, contents)
        return self.aliases[0], NOTHING


class FormModel:
    """A model, or a union of models, whose fields are those of the form."""

    def __init__(self, models: tuple[type[BaseModel], ...], annotation: Any) -> None:
        # The branches of a union pick their fields themselves, from all values of the form.
        self._fields = fields_of_form(models[0]) if len(models) == 1 else ()
        self._is_optional = is_nullable(annotation)
        self._names = frozenset(
            alias for model in models for field in fields_of_form(model) for alias in field.aliases
        )
        self._extra_counts = any(
            model.model_config.get("extra") in ("allow", "forbid") for model in models
        )

    @property
    def names_of_contents(self) -> tuple[str, ...]:
        """The names under which files are wanted as ``bytes``."""
        return tuple(
            alias for field in self._fields if field.wants_contents for alias in field.aliases
        )

    def take(self, form: FormData, contents: Contents) -> Any:
        """A dict for the model to validate, or ``NOTHING`` for an optional one not sent."""
        if self._is_optional and not self._is_supplied(form):
            return NOTHING
        return _values_of(self._fields, form, contents)

    def _is_supplied(self, form: FormData) -> bool:
        # Raw names count: an empty field says that the model is there, with nothing in it.
        return not self._names.isdisjoint(form) or (self._extra_counts and bool(form))


def fields_of_form(model: type[BaseModel]) -> tuple[FormField, ...]:
    """How each field of *model* is found in a form."""
    return tuple(
        FormField(
            info,
            request_names(name, info, config_of_field(model, info)),
            is_file=isinstance(info, params.File),
        )
        for name, info in model.model_fields.items()
    )


def _values_of(fields: tuple[FormField, ...], form: FormData, contents: Contents) -> dict[str, Any]:
    values: dict[str, Any] = {}
    consumed: set[str] = set()
    for field in fields:
        alias, value = field.take(form, contents)
        if value is NOTHING:
            consumed.update(field.aliases)
            continue
        # Aliases after the one that was found stay, for other fields or the rule on extras.
        consumed.update(field.aliases[: field.aliases.index(alias) + 1])
        values[alias] = value
    values.update(grouped(form.multi_items(), consumed))
    return values


def _content_converter(annotation: Any) -> Callable[[Any, Contents], Any] | None:
    """What makes ``bytes`` of uploaded files, where the annotation asks for them."""

    def content(value: Any, contents: Contents) -> Any:
        return contents.get(id(value), value)

    if holds_bytes(annotation):
        return content
    if not holds_bytes_sequence(annotation):
        return None
    construct = sequence_constructor(annotation)

    def content_of_each(value: Any, contents: Contents) -> Any:
        if not isinstance(value, _LISTS):
            return value
        return construct(content(each, contents) for each in value)

    return content_of_each


def form_models(marker: params.Marker, info: FieldInfo) -> tuple[type[BaseModel], ...]:
    """The models whose fields the form holds; empty for a parameter that is one value."""
    if not isinstance(marker, params.Form) or marker.embed or is_json(info):
        return ()
    model = model_of(info.annotation)
    return (model,) if model is not None else _models_of_union(info.annotation)


def _models_of_union(annotation: Any) -> tuple[type[BaseModel], ...]:
    models: list[type[BaseModel]] = []
    for member in union_members(annotation):
        if member is type(None):
            continue
        type_, _ = split_annotated(member)
        if not is_subclass(type_, BaseModel):
            return ()
        models.append(type_)
    return tuple(models) if len(models) > 1 else ()


def with_form_branches(annotation: Any) -> Any:
    """*annotation* with each model of a union made to pick its own fields from the form.

    A name may be a list for one model and a text for another, so it cannot be decided before.
    """
    if not _models_of_union(annotation):
        return annotation
    branches: list[Any] = []
    for member in union_members(annotation):
        if member is type(None):
            branches.append(member)
            continue
        model, metadata = split_annotated(member)
        # Errors name the branch: by its discriminator's tag, or by the model's name.
        tags = [each for each in metadata if isinstance(each, Tag)]
        tag = tags[-1] if tags else Tag(model.__name__)
        normalise = BeforeValidator(partial(_normalised, fields_of_form(model)))
        branches.append(Annotated[member, normalise, tag])
    return Union[tuple(branches)]  # noqa: UP007 - the members are known at run time only


def _normalised(fields: tuple[FormField, ...], value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    raw = cast(Mapping[str, Any], value)
    form = FormData(
        [
            (key, each)
            for key, held in raw.items()
            for each in (held if isinstance(held, _LISTS) else [held])
        ]
    )
    values = _values_of(fields, form, {})
    # No form holds None or an empty list, but a validator of the model may have put it there.
    values.update({key: held for key, held in raw.items() if held is None or held == []})
    return values


def require_multipart(name: str) -> None:
    """Refuse to declare form parameters where forms cannot be parsed."""
    if importlib.util.find_spec("python_multipart") is None:
        raise ParameterDeclarationError(
            f"The parameter {name!r} is read from a form, which needs the package python-multipart",
            "install it: pip install python-multipart",
        )
