"""Questions about annotations: what can stand in a query string, what has to be a body.

The answers decide which part of a request a parameter without a marker is read from, so they
are FastAPI's in every case, also where one might argue.
"""

from __future__ import annotations

import dataclasses
import sys
import types
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, Json
from pydantic.fields import FieldInfo
from starlette.datastructures import UploadFile

__all__ = [
    "SEQUENCE_TYPES",
    "holds_bytes",
    "holds_bytes_sequence",
    "holds_pydantic_v1",
    "holds_upload",
    "holds_upload_sequence",
    "is_json",
    "is_nullable",
    "is_scalar",
    "is_scalar_sequence",
    "is_sequence",
    "is_subclass",
    "model_of",
    "sequence_constructor",
    "union_members",
]

SEQUENCE_TYPES: Final[Mapping[Any, Callable[[Iterable[Any]], Any]]] = {
    Sequence: list,
    list: list,
    tuple: tuple,
    set: set,
    frozenset: frozenset,
    deque: deque,
}
"""What counts as a sequence of values, and how one of that kind is made."""

_SEQUENCE_CLASSES: Final = tuple(SEQUENCE_TYPES)
_TEXT_CLASSES: Final = (str, bytes)
_COMPLEX_CLASSES: Final = (BaseModel, Mapping, UploadFile)
_SCHEMA_HOOKS: Final = ("__pydantic_core_schema__", "__get_pydantic_core_schema__")


def is_subclass(annotation: Any, classes: type[Any] | tuple[type[Any], ...]) -> bool:
    """``issubclass`` that answers False for what is not a class."""
    return isinstance(annotation, type) and issubclass(annotation, classes)


def union_members(annotation: Any) -> tuple[Any, ...]:
    """``(int, None)`` for ``int | None``; nothing for what is not a union."""
    return get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else ()


def is_nullable(annotation: Any) -> bool:
    """Whether None is one of the arguments, as in ``Model | None``."""
    return type(None) in get_args(annotation)


def is_sequence(annotation: Any) -> bool:
    """Whether it, or a member of the union it is, is a list, set, tuple, ... of values."""
    annotation = _without_metadata(annotation)
    if members := union_members(annotation):
        return any(is_sequence(member) for member in members)
    return _is_sequence_class(annotation) or _is_sequence_class(get_origin(annotation))


def is_scalar(annotation: Any) -> bool:
    """Whether one text can stand for the value, as far as its type says."""
    annotation = _without_metadata(annotation)
    if members := union_members(annotation):
        return all(is_scalar(member) for member in members)
    origin = get_origin(annotation)
    return not (
        _is_complex_class(annotation)
        or _is_complex_class(origin)
        or any(hasattr(origin, hook) for hook in _SCHEMA_HOOKS)
    )


def is_scalar_sequence(annotation: Any) -> bool:
    """Whether repeated texts can stand for the value: ``list[int]``, ``set[str] | None``."""
    annotation = _without_metadata(annotation)
    if members := union_members(annotation):
        sequences = [is_scalar_sequence(member) for member in members]
        return any(sequences) and all(
            found or is_scalar(member) for found, member in zip(sequences, members, strict=True)
        )
    return is_sequence(annotation) and all(
        argument is ... or is_scalar(argument) for argument in get_args(annotation)
    )


def model_of(annotation: Any) -> type[BaseModel] | None:
    """The model in ``Model`` or ``Model | None``, whose fields are read one by one."""
    members = union_members(annotation)
    if len(members) == 2 and type(None) in members:
        annotation = next(member for member in members if member is not type(None))
    return annotation if is_subclass(annotation, BaseModel) else None


def is_json(info: FieldInfo) -> bool:
    """Whether the value is a text that holds JSON: ``Json[list[int]]``."""
    return any(type(item) is Json for item in info.metadata)


def holds_bytes(annotation: Any) -> bool:
    """Whether it is ``bytes``, or a union with it."""
    return _is_or_contains(annotation, bytes)


def holds_upload(annotation: Any) -> bool:
    """Whether it is an uploaded file, or a union with it."""
    return _is_or_contains(annotation, UploadFile)


def holds_bytes_sequence(annotation: Any) -> bool:
    """Whether it is a sequence of ``bytes``, or a union with one."""
    return _is_or_contains_sequence_of(annotation, bytes)


def holds_upload_sequence(annotation: Any) -> bool:
    """Whether it is a sequence of uploaded files, or a union with one."""
    return _is_or_contains_sequence_of(annotation, UploadFile)


def sequence_constructor(annotation: Any) -> Callable[[Iterable[Any]], Any]:
    """What makes a sequence of the declared kind: ``set`` for ``set[bytes] | None``."""
    for member in union_members(annotation) or (annotation,):
        if member is not type(None):
            return SEQUENCE_TYPES.get(get_origin(member) or member, list)
    return list


def holds_pydantic_v1(annotation: Any) -> bool:
    """Whether it names a model of ``pydantic.v1``, which cannot be supported."""
    # Not imported: a program that has such a model has imported it.
    model = getattr(sys.modules.get("pydantic.v1.main"), "BaseModel", None)
    if model is None:
        return False
    if is_subclass(annotation, model):
        return True
    members = union_members(annotation)
    if any(is_subclass(member, model) for member in members):
        return True
    return is_sequence(annotation) and any(map(holds_pydantic_v1, get_args(annotation)))


def _without_metadata(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _is_sequence_class(annotation: Any) -> bool:
    return is_subclass(annotation, _SEQUENCE_CLASSES) and not is_subclass(annotation, _TEXT_CLASSES)


def _is_complex_class(annotation: Any) -> bool:
    return (
        is_subclass(annotation, _COMPLEX_CLASSES)
        or _is_sequence_class(annotation)
        or dataclasses.is_dataclass(annotation)
    )


def _is_or_contains(annotation: Any, class_: type[Any]) -> bool:
    members = union_members(annotation)
    return is_subclass(annotation, class_) or any(is_subclass(each, class_) for each in members)


def _is_or_contains_sequence_of(annotation: Any, class_: type[Any]) -> bool:
    if members := union_members(annotation):
        return any(_is_or_contains_sequence_of(member, class_) for member in members)
    # A bare ``list`` has no arguments and passes: so FastAPI, for a bare list as a parameter.
    return is_sequence(annotation) and all(
        _is_or_contains(argument, class_) for argument in get_args(annotation)
    )
