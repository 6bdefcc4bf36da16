"""The systematic grid: where a value comes from, its type, and what arrives.

Every cell answers with the `repr` of the value, so that both what Python object comes out and,
for a refused value, the whole 422 body are compared byte for byte.
"""

import enum
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal
from urllib.parse import quote
from uuid import UUID

import annotated_types
import pydantic

from ..case import Ask, Family, get, post

GRID = Family("grid")


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


@dataclass(frozen=True)
class Kind:
    """A type, with raw values that fit and raw values that do not."""

    name: str
    annotation: Any
    good: Sequence[str]
    bad: Sequence[str] = ()
    several: bool = False
    """Whether it holds several values, which no path can give."""


SCALARS = (
    Kind("str", str, ("tea", "caf\u00e9 & co")),
    Kind("int", int, ("7", "-3"), ("x", "1.5", "1e3")),
    Kind("float", float, ("7", "1.50"), ("x", "nan?")),
    Kind("bool", bool, ("true", "off", "1"), ("2", "maybe")),
    Kind("bytes", bytes, ("tea",)),
    Kind("decimal", Decimal, ("1.10",), ("1,1",)),
    Kind("uuid", UUID, ("12345678-1234-5678-1234-567812345678",), ("1234",)),
    Kind("datetime", datetime, ("2024-02-29T12:30:00Z", "0"), ("2023-02-29T00:00:00", "soon")),
    Kind("date", date, ("2024-02-29",), ("2024-02-30", "2024-02-29T10:00:00")),
    Kind("time", time, ("12:30",), ("25:00",)),
    Kind("timedelta", timedelta, ("PT1H",), ("90", "long")),
    Kind("enum", Colour, ("red",), ("green",)),
    Kind("int_enum", Level, ("2",), ("3", "LOW")),
    Kind("literal", Literal["a", "b"], ("a",), ("c",)),
    Kind("address", IPv4Address, ("192.0.2.1",), ("192.0.2",)),
    Kind("url", pydantic.AnyHttpUrl, ("http://a.example/",), ("a.example",)),
    Kind("file_path", PurePosixPath, ("a.txt",)),
    Kind("secret", pydantic.SecretStr, ("hush",)),
    Kind("union", int | Literal["all"], ("7", "all"), ("none",)),
    Kind(
        "constrained_int", Annotated[int, annotated_types.Interval(ge=1, lt=5)], ("1",), ("0", "5")
    ),
    Kind(
        "constrained_str",
        Annotated[str, pydantic.StringConstraints(max_length=3, to_upper=True)],
        ("abc",),
        ("abcd",),
    ),
    Kind(
        "validated",
        Annotated[int, pydantic.AfterValidator(lambda value: value * 2)],
        ("4",),
        ("x",),
    ),
)

OPTIONALS = (
    Kind("optional_int", int | None, ("7",), ("x",)),
    Kind("optional_str", str | None, ("tea",)),
    Kind("optional_date", date | None, ("2024-02-29",), ("never",)),
)

COLLECTIONS = (
    Kind("list_int", list[int], ("7",), ("x",), several=True),
    Kind("list_str", list[str], ("tea",), several=True),
    Kind("bare_list", list, ("tea",), several=True),
    Kind("set_int", set[int], ("7",), ("x",), several=True),
    Kind("frozenset_enum", frozenset[Level], ("1",), ("9",), several=True),
    Kind("tuple_of_two", tuple[int, int], ("7",), ("x",), several=True),
    Kind("tuple_any_length", tuple[int, ...], ("7",), ("x",), several=True),
    Kind("sequence", Sequence[float], ("7",), ("x",), several=True),
    Kind("optional_list", list[int] | None, ("7",), ("x",), several=True),
    Kind(
        "limited_list",
        Annotated[list[int], annotated_types.Len(1, 2)],
        ("7",),
        ("x",),
        several=True,
    ),
)


def build_for(location: str, annotation: Any, options: dict[str, Any]) -> Any:
    """One endpoint that shows the Python value of its one parameter."""

    def build(web: Any, record: Any) -> Any:
        app = web.FastAPI()
        marker = getattr(web, location.capitalize())(**options)

        def show(the_value: Any) -> Any:
            return {"repr": repr(the_value)}

        show.__annotations__ = {"the_value": Annotated[annotation, marker]}
        path = "/{the_value}" if location == "path" else "/"
        app.api_route(path, methods=["GET", "POST"])(show)
        return app

    return build


def ask_for(location: str, values: Sequence[str]) -> Ask:
    """A request that carries these values under the parameter's name at that place."""
    if location == "path":
        return get("/" + quote(values[0], safe=""))
    if location == "query":
        return get("/?" + "&".join(f"the_value={quote(value)}" for value in values))
    if location == "header":
        return get(headers=[("the-value", value) for value in values])
    return get(headers=[("cookie", "; ".join(f"the_value={value}" for value in values))])


def fill_text_locations() -> None:
    for location in ("path", "query", "header", "cookie"):
        kinds = (*SCALARS, *OPTIONALS, *(() if location in ("path", "cookie") else COLLECTIONS))
        for kind in kinds:
            if location == "path" and kind.name == "url":
                continue  # its slashes would be the route's
            build = build_for(location, kind.annotation, {})
            rows: dict[str, list[str]] = {}
            for number, value in enumerate(kind.good):
                rows[f"good{number}"] = [value]
            for number, value in enumerate(kind.bad):
                rows[f"bad{number}"] = [value]
            if location != "path":
                rows["missing"] = []
                rows["empty"] = [""]
                rows["repeated"] = [kind.good[0], kind.good[-1], *kind.bad[:1]]
            for row, values in rows.items():
                if not all(map(str.isascii, values)) and location in ("header", "cookie"):
                    continue
                ask = ask_for(location, values) if values else get()
                status = {"good": 200, "bad": 422}.get(row[:-1]) if not kind.several else None
                GRID.add(f"{location}-{kind.name}-{row}", build, ask.gives(status))


JSON_KINDS: tuple[tuple[str, Any, tuple[Any, ...], tuple[Any, ...]], ...] = (
    ("int", int, (7, "7", 7.0), ("x", 7.5, None, [7])),
    ("strict_int", pydantic.StrictInt, (7,), ("7", True)),
    ("float", float, (1.5, 1), ("x", [])),
    ("bool", bool, (True, "no", 0), (3, "maybe")),
    ("str", str, ("tea", ""), (7, None, {})),
    ("bytes", bytes, ("tea",), (7,)),
    ("decimal", Decimal, ("1.10", 1.1, 2), ("x",)),
    ("datetime", datetime, ("2024-02-29T12:30:00+02:00", 0), ("x", None)),
    ("enum", Colour, ("red",), ("green", 1)),
    ("literal", Literal[1, "a"], (1, "a"), ("1",)),
    ("optional_int", int | None, (7, None), ("x",)),
    ("union", int | str, (7, "7", "tea"), (None, [])),
    ("list_int", list[int], ([1, "2"], []), ([1, "x", "y"], {}, None)),
    ("set_int", set[int], ([1, 1, 2],), ([[]],)),
    ("dict_int", dict[str, int], ({"a": 1}, {}), ({"a": "x"}, [])),
    ("dict_by_int", dict[int, list[int]], ({"1": [1]},), ({"x": [1]},)),
    ("any", Any, (1, "a", None, [1, {"a": None}]), ()),
    ("uuid", UUID, ("12345678-1234-5678-1234-567812345678",), (1,)),
    ("tuple", tuple[int, str], ([1, "a"],), ([1], [1, "a", 2])),
    ("json", pydantic.Json[list[int]], ("[1]",), ("[", 1)),
)


def fill_bodies() -> None:
    for embed in (False, True):
        for name, annotation, good, bad in JSON_KINDS:
            build = build_for("body", annotation, {"embed": embed})
            for prefix, status, values in (("good", 200, good), ("bad", 422, bad)):
                for number, value in enumerate(values):
                    payload = {"the_value": value} if embed else value
                    where = "embedded" if embed else "whole"
                    ask = post(json=payload, name=prefix).gives(status)
                    # A lone null is no body, so that what it gives depends on the type.
                    stated = ask if value is not None else ask.gives()
                    GRID.add(f"body-{where}-{name}-{prefix}{number}", build, stated)
            if embed:
                GRID.add(f"body-embedded-{name}-empty", build, post(json={}))
                GRID.add(f"body-embedded-{name}-list", build, post(json=[1]))
            else:
                GRID.add(f"body-whole-{name}-missing", build, post())


ODD_BODIES: dict[str, Ask] = {
    "null": post(json=None),
    "broken": post(body=b'{"a": 1,', headers={"content-type": "application/json"}),
    "broken_at_start": post(body=b"tea", headers={"content-type": "application/json"}),
    "trailing": post(body=b"{} {}", headers={"content-type": "application/json"}),
    "not_utf8": post(body=b'{"a": "\xff"}', headers={"content-type": "application/json"}),
    "blank": post(body=b" ", headers={"content-type": "application/json"}),
    "utf16": post(body='{"a": 1}'.encode("utf-16"), headers={"content-type": "application/json"}),
    "no_content_type": post(body=b'{"a": 1}'),
    "text": post(body=b'{"a": 1}', headers={"content-type": "text/plain"}),
    "charset": post(body=b'{"a": 1}', headers={"content-type": "application/json; charset=utf-8"}),
    "vendor": post(body=b'{"a": 1}', headers={"content-type": "application/vnd.tea+json"}),
    "geo": post(body=b'{"a": 1}', headers={"content-type": "application/geo+json"}),
    "not_quite_json": post(body=b'{"a": 1}', headers={"content-type": "application/jsonx"}),
    "upper_case": post(body=b'{"a": 1}', headers={"content-type": "Application/JSON"}),
    "bad_content_type": post(body=b'{"a": 1}', headers={"content-type": "json"}),
    "in_pieces": post(body=(b'{"a"', b": ", b"1}"), headers={"content-type": "application/json"}),
    "nan": post(body=b'{"a": NaN}', headers={"content-type": "application/json"}),
    "twice_the_key": post(body=b'{"a": 1, "a": 2}', headers={"content-type": "application/json"}),
    "form": post(body=b"a=1", headers={"content-type": "application/x-www-form-urlencoded"}),
    "deep": post(json=json.loads("[" * 40 + "]" * 40)),
}


def fill_odd_bodies() -> None:
    for name, annotation in (
        ("dict", dict[str, float]),
        ("optional_dict", dict[str, float] | None),
        ("str", str),
        ("bytes", bytes),
    ):
        build = build_for("body", annotation, {})
        for label, ask in ODD_BODIES.items():
            if label == "nan" and name in ("str", "bytes"):
                # The 422 would have to quote a number that JSON has no word for: a departure.
                continue
            GRID.add(f"odd_body-{name}-{label}", build, ask)


fill_text_locations()
fill_bodies()
fill_odd_bodies()
