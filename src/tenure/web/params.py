"""The markers that say where the value of a parameter comes from.

All of them take a default as the first argument and the keywords of ``FieldOptions``. Programs
normally use the functions of the same names in ``tenure.web``, which return ``Any`` so that a
marker can stand as the default value of a parameter of any type.
"""

from __future__ import annotations

import copy
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, Literal, TypedDict, Unpack

from pydantic import AliasChoices, AliasPath, Discriminator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from typing_extensions import deprecated as deprecated_marker

from tenure.graph.markers import Depends
from tenure.text.signatures import with_keywords
from tenure.web.bind.deprecations import warn_deprecated
from tenure.web.elsewhere import offer_names_elsewhere
from tenure.web.exceptions import ParameterDeclarationError

__all__ = [
    "Body",
    "Cookie",
    "Depends",
    "FieldOptions",
    "File",
    "Form",
    "Header",
    "Location",
    "Marker",
    "Param",
    "ParamTypes",
    "Path",
    "Query",
    "Security",
]


class Location(Enum):
    """The part of a request that holds a value; the first word of an error's ``loc``."""

    path = "path"
    query = "query"
    header = "header"
    cookie = "cookie"
    body = "body"


ParamTypes = Location
"""FastAPI's name for it."""


class FieldOptions(TypedDict, total=False):
    """The keywords that every marker takes. Those without a note are ``pydantic.Field``'s."""

    default_factory: Callable[[], Any] | None
    annotation: Any
    """Overwritten by the parameter's own annotation; accepted because FastAPI does."""
    alias: str | None
    """The name in the request, where it is not the name of the parameter."""
    alias_priority: int | None
    validation_alias: str | AliasPath | AliasChoices | None
    """Beats ``alias`` for reading; several ``AliasChoices`` are tried in order."""
    serialization_alias: str | None
    title: str | None
    description: str | None
    gt: float | None
    ge: float | None
    lt: float | None
    le: float | None
    min_length: int | None
    max_length: int | None
    pattern: str | re.Pattern[str] | None
    regex: str | None
    """Deprecated name of ``pattern``."""
    discriminator: str | Discriminator | None
    strict: bool | None
    validate_default: bool | None
    union_mode: Literal["smart", "left_to_right"] | None
    fail_fast: bool | None
    multiple_of: float | None
    allow_inf_nan: bool | None
    max_digits: int | None
    decimal_places: int | None
    examples: list[Any] | None
    example: Any
    """Deprecated: one example; ``examples`` is what JSON Schema knows."""
    openapi_examples: Mapping[str, Any] | None
    """Named examples as OpenAPI writes them: ``{"name": {"summary": ..., "value": ...}}``."""
    deprecated: deprecated_marker | str | bool | None
    include_in_schema: bool
    """False hides the parameter from the OpenAPI document."""
    json_schema_extra: dict[str, Any] | Callable[[dict[str, Any]], None] | None


_OWN_OPTIONS = ("regex", "example", "openapi_examples", "include_in_schema")
_ABSENT = inspect.Parameter.empty


# pydantic declares FieldInfo final and yet supports subclasses as markers; being one makes
# ``Annotated[int, Field(gt=1), Query()]`` one description, and markers work inside models.
class Marker(FieldInfo):  # type: ignore[misc]  # pyright: ignore[reportGeneralTypeIssues]
    """The base of all markers: pydantic's description of a field, and where it is read from."""

    location: ClassVar[Location]
    __tenure_needs__: ClassVar[str] = "an HTTP request"
    """Tells the engine, outside HTTP, that nothing there can fill the parameter."""
    __signature__: ClassVar[inspect.Signature]

    include_in_schema: bool
    example: Any
    """PydanticUndefined where none was given, for None is a possible example."""
    openapi_examples: Mapping[str, Any] | None

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        signature = inspect.signature(cls.__init__)
        own = [each for name, each in signature.parameters.items() if name != "self"]
        cls.__signature__ = with_keywords(inspect.Signature(own), FieldOptions, {})

    def __init__(self, default: Any = PydanticUndefined, **options: Unpack[FieldOptions]) -> None:
        given: dict[str, Any] = dict(options)
        if unknown := given.keys() - FieldOptions.__annotations__.keys():
            names = ", ".join(repr(name) for name in sorted(unknown))
            raise TypeError(f"{type(self).__name__}() got unexpected keyword arguments: {names}")
        own = {name: given.pop(name, _ABSENT) for name in _OWN_OPTIONS}
        if own["example"] is not _ABSENT:
            warn_deprecated("`example` has been deprecated, please use `examples` instead")
        if own["regex"] not in (_ABSENT, None):
            warn_deprecated("`regex` has been deprecated, please use `pattern` instead")
            given["pattern"] = given.get("pattern") or own["regex"]
        alias = given.get("alias")
        if given.get("serialization_alias") is None and isinstance(alias, str):
            given["serialization_alias"] = alias
        if given.get("validation_alias") is None and "alias" in given:
            given["validation_alias"] = alias
        # Always handed on, PydanticUndefined too: pydantic merges what was set explicitly, and
        # the marker's "no default" has to win over a Field() that stands before it.
        super().__init__(default=default, **given)
        self.example = PydanticUndefined if own["example"] is _ABSENT else own["example"]
        self.openapi_examples = _or(own["openapi_examples"], None)
        self.include_in_schema = _or(own["include_in_schema"], True)

    def with_description(self, info: FieldInfo) -> Marker:
        """*info*, which may be merged of several, as a marker of this kind."""
        if isinstance(info, Marker):
            return info
        made = copy.copy(self)
        for name in FieldInfo.__slots__:
            setattr(made, name, getattr(info, name))
        return made

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.default})"


def _or(value: Any, default: Any) -> Any:
    return default if value is _ABSENT else value


class Param(Marker):  # type: ignore[misc]
    """The base of the markers for values outside the body."""

    location = Location.query

    @property
    def in_(self) -> Location:
        """FastAPI's name for ``location``."""
        return self.location


class Path(Param):  # type: ignore[misc]
    """A part of the path; always required."""

    location = Location.path

    def __init__(self, default: Any = ..., **options: Unpack[FieldOptions]) -> None:
        if default is not ...:
            raise ParameterDeclarationError(
                f"Path() was given the default {default!r}, but a path parameter is always there",
                "leave the default out, or use Query() for a value that may be missing",
            )
        super().__init__(default, **options)


class Query(Param):  # type: ignore[misc]
    """A value, a list of values or a model from the query string."""

    location = Location.query


class Header(Param):  # type: ignore[misc]
    """A header; ``user_agent`` reads ``user-agent`` unless ``convert_underscores`` is False."""

    location = Location.header

    def __init__(
        self,
        default: Any = PydanticUndefined,
        *,
        convert_underscores: bool = True,
        **options: Unpack[FieldOptions],
    ) -> None:
        self.convert_underscores = convert_underscores
        super().__init__(default, **options)


class Cookie(Param):  # type: ignore[misc]
    """A cookie, or a model of cookies."""

    location = Location.cookie


class Body(Marker):  # type: ignore[misc]
    """The body, or with ``embed`` (or several body parameters) one key of it."""

    location = Location.body

    def __init__(
        self,
        default: Any = PydanticUndefined,
        *,
        embed: bool | None = None,
        media_type: str = "application/json",
        **options: Unpack[FieldOptions],
    ) -> None:
        self.embed = embed
        self.media_type = media_type
        super().__init__(default, **options)


class Form(Body):  # type: ignore[misc]
    """A field of a form, or a model whose fields are those of the form."""

    def __init__(
        self,
        default: Any = PydanticUndefined,
        *,
        media_type: str = "application/x-www-form-urlencoded",
        **options: Unpack[FieldOptions],
    ) -> None:
        super().__init__(default, media_type=media_type, **options)


class File(Form):  # type: ignore[misc]
    """An uploaded file, as ``UploadFile`` or as ``bytes``."""

    def __init__(
        self,
        default: Any = PydanticUndefined,
        *,
        media_type: str = "multipart/form-data",
        **options: Unpack[FieldOptions],
    ) -> None:
        super().__init__(default, media_type=media_type, **options)


@dataclass(frozen=True, repr=False)
class Security(Depends):
    """A dependency that hands OAuth scopes down to everything below it."""

    scopes: Sequence[str] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.scopes, str):
            raise TypeError(
                f"Security() was given the scopes {self.scopes!r}, one string;"
                f" write scopes=[{self.scopes!r}]"
            )

    @property
    def labels(self) -> tuple[str, ...]:
        """The OAuth scopes, each once, in the order of the declaration."""
        return tuple(dict.fromkeys(self.scopes or ()))


offer_names_elsewhere(__name__)
