"""Data structures of requests, and ``Default``, which tells a default from a given value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, ClassVar, TypeVar, cast

from pydantic import GetJsonSchemaHandler
from pydantic_core import core_schema
from starlette.datastructures import URL, Address, FormData, Headers, QueryParams, State
from starlette.datastructures import UploadFile as StarletteUploadFile

__all__ = [
    "URL",
    "Address",
    "Default",
    "DefaultPlaceholder",
    "DefaultType",
    "FormData",
    "Headers",
    "QueryParams",
    "State",
    "UploadFile",
]


class UploadFile(StarletteUploadFile):
    """A file sent in a form, usable as the type of a parameter or of a model's field.

    The coroutines run in a worker thread where the file is on disk. A ``def`` function uses
    ``file``, the plain Python file. It stays open until all exits of the request are done.
    """

    file: BinaryIO
    filename: str | None
    """The name the client gave; not to be trusted as a path."""
    size: int | None
    headers: Headers
    """The headers of this part of the form."""

    @classmethod
    def _validate(cls, value: Any, _: core_schema.ValidationInfo) -> UploadFile:
        # Starlette's parser makes its own class; the two have the same methods.
        if not isinstance(value, StarletteUploadFile):
            # pydantic reports a ValueError to the client, and lets a TypeError through.
            raise ValueError(  # noqa: TRY004
                f"Expected UploadFile, received: {type(value)}"
            )
        return cast(UploadFile, value)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "contentMediaType": "application/octet-stream"}

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[Any], handler: Callable[[Any], Mapping[str, Any]]
    ) -> core_schema.CoreSchema:
        return core_schema.with_info_plain_validator_function(cls._validate)


class DefaultPlaceholder:
    """A default value that can be told from the same value given by a caller."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __bool__(self) -> bool:
        return bool(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DefaultPlaceholder) and other.value == self.value

    __hash__: ClassVar[None] = None  # type: ignore[assignment]


DefaultType = TypeVar("DefaultType")


def Default(value: DefaultType) -> DefaultType:  # noqa: N802
    """Wrap a default value; typed as the value itself, for use in signatures."""
    return cast(DefaultType, DefaultPlaceholder(value))
