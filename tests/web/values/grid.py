"""The types, markers and raw values whose combinations are compared with FastAPI."""

import datetime as dt
import enum
import pathlib
import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal, NewType, Optional
from uuid import UUID

from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    Json,
    SecretStr,
)
from starlette.datastructures import Headers, QueryParams
from typing_extensions import TypeAliasType, TypedDict

from .sides import EMPTY, Build


class Colour(enum.Enum):
    red = "red"
    blue = "blue"


class Size(enum.IntEnum):
    small = 1
    large = 2


class Plain(BaseModel):
    a: int
    b: list[str] = []


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
    a: int = 1
    b: list[str] = []
    user_agent: str | None = None


class Open(BaseModel):
    model_config = ConfigDict(extra="allow", populate_by_name=True)
    a: int = Field(1, alias="alpha")
    b: Annotated[set[int], Field(validation_alias=AliasChoices("bee", "b2"))] = {1}
    c: str | None = None


class ByName(BaseModel):
    model_config = ConfigDict(validate_by_alias=False, validate_by_name=True)
    some_name: int = Field(1, alias="alpha")
    other_name: str


@dataclass
class Point:
    a: int
    b: str = "x"


class Shape(TypedDict):
    a: int


Number = NewType("Number", int)
Numbers = TypeAliasType("Numbers", list[int])  # type: ignore[misc]
Marked = TypeAliasType("Marked", Annotated[int, Field(gt=2)])  # type: ignore[misc]

ANNOTATIONS: dict[str, Any] = {
    "nothing": EMPTY,
    "Any": Any,
    "int": int,
    "float": float,
    "bool": bool,
    "str": str,
    "bytes": bytes,
    "Decimal": Decimal,
    "datetime": dt.datetime,
    "date": dt.date,
    "timedelta": dt.timedelta,
    "UUID": UUID,
    "Enum": Colour,
    "IntEnum": Size,
    "Literal": Literal["a", 1],
    "Optional": Optional[int],  # noqa: UP045 - the older spelling is another object
    "union": int | str,
    "HttpUrl": HttpUrl,
    "Path": pathlib.Path,
    "Pattern": re.Pattern,
    "SecretStr": SecretStr,
    "NewType": Number,
    "list": list,
    "list[int]": list[int],
    "set[int]": set[int],
    "tuple[int, ...]": tuple[int, ...],
    "tuple[int, str]": tuple[int, str],
    "frozenset[str]": frozenset[str],
    "deque[int]": deque[int],
    "Sequence[int]": Sequence[int],
    "list[int] | None": list[int] | None,
    "list[int] | int": list[int] | int,
    "list of constrained": list[Annotated[int, Field(gt=2)]],
    "list[Enum]": list[Colour],
    "list[Any]": list[Any],
    "list[list]": list[list[int]],
    "list[dict]": list[dict],
    "list[bytes]": list[bytes],
    "bytearray": bytearray,
    "constrained": Annotated[int, Field(ge=2)],
    "aliased": Annotated[int, Field(alias="y")],
    "constrained list": Annotated[list[int], Field(min_length=2)],
    "Json": Json,
    "Json[list[int]]": Json[list[int]],
    "alias | None": Numbers | None,
    "alias of Annotated": Marked,
    "model": Plain,
    "model | None": Plain | None,
    "annotated model | None": Annotated[Plain | None, Field(description="d")],
    "strict model": Strict,
    "strict model | None": Strict | None,
    "open model": Open,
    "open model | None": Open | None,
    "model by name": ByName,
    "models": Plain | Strict,
    "list[model]": list[Plain],
    "dataclass": Point,
    "TypedDict": Shape,
    "dict": dict,
    "dict[str, int]": dict[str, int],
    "Mapping[str, int]": Mapping[str, int],
    "None": None,
    "object": object,
    "callable": Callable[[], int],
    "unknown class": complex.__class__,
    "no schema": re.Match,
}

MARKERS: dict[str, Callable[[Any], Any]] = {
    "Query": lambda web: web.Query(),
    "Query alias": lambda web: web.Query(alias="y"),
    "Query two aliases": lambda web: web.Query(alias="z", validation_alias="y"),
    "Query choices": lambda web: web.Query(validation_alias=AliasChoices("y", "x")),
    "Query path alias": lambda web: web.Query(validation_alias=AliasPath("y", "x")),
    "Query gt": lambda web: web.Query(gt=1),
    "Query length": lambda web: web.Query(min_length=2, max_length=3),
    "Query validate_default": lambda web: web.Query(validate_default=True),
    "Query factory": lambda web: web.Query(default_factory=lambda: [5]),
    "Query strict": lambda web: web.Query(strict=True),
    "Header": lambda web: web.Header(),
    "Header as written": lambda web: web.Header(convert_underscores=False),
    "Cookie": lambda web: web.Cookie(),
    "Path": lambda web: web.Path(),
    "Body": lambda web: web.Body(),
    "Body embed": lambda web: web.Body(embed=True),
    "Body alias": lambda web: web.Body(alias="y"),
    "Form": lambda web: web.Form(),
    "File": lambda web: web.File(),
}

QUERIES = (
    "",
    "x=",
    "x=1",
    "x=1&x=2",
    "x=abc",
    "x=1&other=2",
    "a=1&b=2",
    "x=null",
    "x=[1,2]",
    "y=1&x=2",
    "y=3&y=4",
    "alpha=2&bee=1&bee=2&c=4",
    "alpha=2&b2=1&a=7",
    "b=1",
    "some_name=3&other_name=r",
    "some-name=3&other-name=r&user-agent=q",
    "user_agent=1",
    "x=red&x=blue",
)


def pairs(query: str) -> list[tuple[str, str]]:
    return [(key, value) for key, _, value in (each.partition("=") for each in query.split("&"))]


def values_at(location: str, query: str) -> Any:
    """The values of *query* as the part of a request that *location* names."""
    if location == "query":
        return QueryParams(query)
    found = [(key, value) for key, value in pairs(query) if key]
    if location == "header":
        return Headers(raw=[(key.encode(), value.encode()) for key, value in found])
    return dict(found)


def bare(annotation: Any, default: Any = EMPTY) -> Build:
    """``x: annotation = default``."""
    return lambda web: (annotation, default)


def annotated(annotation: Any, marker: Callable[[Any], Any], default: Any = EMPTY) -> Build:
    """``x: Annotated[annotation, marker] = default``."""
    inner = Any if annotation is EMPTY else annotation
    return lambda web: (Annotated[inner, marker(web)], default)


def assigned(annotation: Any, marker: Callable[[Any], Any]) -> Build:
    """``x: annotation = marker``."""
    return lambda web: (annotation, marker(web))
