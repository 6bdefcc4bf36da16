"""What an endpoint returns and what is sent: models, statuses, response classes."""

import dataclasses
import enum
from collections import deque, namedtuple
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from ipaddress import IPv4Address
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple
from uuid import UUID

import pydantic

from ..case import Family, get

RESPONSES = Family("responses")


class Shade(enum.Enum):
    DARK = "dark"


class Person(pydantic.BaseModel):
    name: str
    age: int = 0
    note: str | None = None
    at: datetime | None = None


class Secret(Person):
    password: str = "hush"


class Renamed(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(populate_by_name=True)
    long_name: str = pydantic.Field("n", alias="longName")
    shown: str = pydantic.Field("s", serialization_alias="SHOWN")

    @pydantic.computed_field
    def double(self) -> str:
        return self.long_name * 2


@dataclasses.dataclass
class Point:
    x: int
    y: Decimal = Decimal("1.50")


class Pair(NamedTuple):
    left: int
    right: str


Loose = namedtuple("Loose", "a b")  # noqa: PYI024


class WithDictionary:
    def __init__(self) -> None:
        self.a = 1
        self._b = 2

    def __repr__(self) -> str:
        return "WithDictionary()"


# What is returned without any declared type: the encoder decides by the value.
VALUES: dict[str, Callable[[], Any]] = {
    "none": lambda: None,
    "text": lambda: "caf\u00e9 \u2603",
    "number": lambda: 1.5,
    "big": lambda: 2**70,
    "datetime": lambda: datetime(2024, 2, 29, 12, 30, tzinfo=timezone.utc),  # noqa: UP017
    "naive": lambda: datetime(2024, 2, 29, 12, 30, 1, 5),  # noqa: DTZ001
    "date": lambda: date(2024, 2, 29),
    "time": lambda: time(12, 30),
    "timedelta": lambda: timedelta(days=1, milliseconds=5),
    "decimal_whole": lambda: Decimal(3),
    "decimal": lambda: Decimal("1.10"),
    "decimals": lambda: [Decimal("1E+3"), Decimal("-0.0")],
    "uuid": lambda: UUID(int=5),
    "set": lambda: {3, 1, 2},
    "frozenset": lambda: frozenset([1]),
    "tuple": lambda: (1, "a", None),
    "deque": lambda: deque([1, 2]),
    "generator": lambda: (n for n in range(3)),
    "range": lambda: range(3),
    "bytes": lambda: b"tea",
    "not_text": lambda: b"\xff",
    "enum": lambda: Shade.DARK,
    "enum_keys": lambda: {Shade.DARK: Shade.DARK},
    "dataclass": lambda: Point(1),
    "dataclass_type_in_dict": lambda: {"point": Point(2, Decimal(7)), "list": [Point(3)]},
    "named_tuple": lambda: Pair(1, "r"),
    "loose": lambda: Loose(1, 2),
    "model": lambda: Secret(name="n"),
    "model_in_list": lambda: [Person(name="a", at=datetime(2024, 1, 1))],  # noqa: DTZ001
    "renamed": lambda: Renamed.model_validate({}),
    "keys": lambda: {1: "a", None: "b", 2.5: "c", "s": "d"},
    "uuid_keys": lambda: {"k": {UUID(int=1): 1}},
    "path": lambda: PurePosixPath("a/b"),
    "address": lambda: IPv4Address("192.0.2.1"),
    "url": lambda: pydantic.AnyHttpUrl("http://a.example/b"),
    "secret": lambda: pydantic.SecretStr("hush"),
    "attributes": WithDictionary,
    "nan": lambda: float("nan"),
    "infinite": lambda: {"a": float("inf")},
    "object": object,
    "exception": lambda: ValueError("v"),
    "function": lambda: len,
    "alchemy_like": lambda: {"_sa_instance_state": 1, "a": 2},
    "nested": lambda: {"a": [{"b": {1}}, (date(2024, 1, 1), [Shade.DARK])]},
}

# Declared type (by response_model and by return annotation), and what is returned.
MODELS: dict[str, tuple[Any, Callable[[], Any]]] = {
    "model": (Person, lambda: Person(name="n")),
    "model_from_dict": (Person, lambda: {"name": "n", "age": "3", "extra": 1}),
    "model_from_subclass": (Person, lambda: Secret(name="n")),
    "model_wrong": (Person, lambda: {"age": "x"}),
    "model_from_object_wrong": (Person, WithDictionary),
    "renamed": (Renamed, lambda: Renamed.model_validate({"longName": "m"})),
    "renamed_from_dict": (Renamed, lambda: {"longName": "m"}),
    "list": (list[Person], lambda: [Secret(name="a"), {"name": "b"}]),
    "list_wrong": (list[Person], lambda: [{"name": "a"}, {"name": None}]),
    "dictionary": (dict[str, Person], lambda: {"k": Secret(name="a")}),
    "optional": (Person | None, lambda: None),
    "union": (Person | int, lambda: 3),
    "int": (int, lambda: "7"),
    "int_wrong": (int, lambda: "x"),
    "float_nan": (float, lambda: float("nan")),
    "set": (set[int], lambda: [3, 3]),
    "dataclass": (Point, lambda: Point(1)),
    "dataclass_from_dict": (Point, lambda: {"x": "2"}),
    "enum": (Shade, lambda: "dark"),
    "datetime": (datetime, lambda: datetime(2024, 2, 29, 12, tzinfo=timezone.utc)),  # noqa: UP017
    "timedelta": (timedelta, lambda: timedelta(hours=36)),
    "decimal": (Decimal, lambda: "1.10"),
    "bytes": (bytes, lambda: b"tea"),
    "text": (str, lambda: "caf\u00e9"),
    "any": (Any, lambda: {"a": {1}}),
    "dict_any": (dict[str, Any], lambda: {"a": Point(1), "b": Shade.DARK}),
    "none": (None, lambda: None),
    "object_in_dict": (dict, lambda: {"a": 1, "b": date(2024, 1, 1)}),
}


# What pydantic has no JSON for; the encoder of undeclared values finds one for most of it.
UNDECLARED_FAILURES = {
    "not_text": "UnicodeDecodeError",
    **dict.fromkeys(("nan", "infinite", "range", "object", "function"), "ValueError"),
}
ANY_FAILURES = dict.fromkeys(
    ("range", "not_text", "path", "attributes", "object", "exception", "function"),
    "PydanticSerializationError",
)


def build_value(make: Callable[[], Any], *, asynchronous: bool = True, declared: bool) -> Any:
    """One endpoint that returns the value, declared as `Any` or not declared at all."""

    def build(web: Any, record: Any) -> Any:
        app = web.FastAPI()

        async def read_async():  # type: ignore[no-untyped-def]
            return make()

        def read():  # type: ignore[no-untyped-def]
            return make()

        endpoint = read_async if asynchronous else read
        if declared:
            endpoint.__annotations__["return"] = Any
        app.get("/")(endpoint)
        return app

    return build


def build_model(annotation: Any, make: Callable[[], Any], style: str) -> Any:
    def build(web: Any, record: Any) -> Any:
        app = web.FastAPI()

        async def read() -> Any:
            return make()

        if style == "annotation":
            read.__annotations__["return"] = annotation
            app.get("/")(read)
        else:
            read.__annotations__["return"] = list[Path]  # the other one wins
            app.get("/", response_model=annotation)(read)
        return app

    return build


def fill() -> None:
    for name, make in VALUES.items():
        for label, declared, failures in (
            ("undeclared", False, UNDECLARED_FAILURES),
            ("any", True, ANY_FAILURES),
        ):
            error = failures.get(name)
            RESPONSES.add(
                f"{label}-{name}",
                build_value(make, declared=declared),
                get().gives(500 if error else 200, error=error),
            )
    sync = build_value(lambda: {"a": {1}}, asynchronous=False, declared=False)
    RESPONSES.add("undeclared-sync", sync, get().gives(200, {"a": [1]}))
    for name, (annotation, make) in MODELS.items():
        for style in ("annotation", "response_model"):
            if name == "none" and style == "annotation":
                continue
            wrong = "ResponseValidationError" if name.endswith("_wrong") else None
            ask = get().gives(500 if wrong else 200, error=wrong)
            RESPONSES.add(f"{style}-{name}", build_model(annotation, make, style), ask)


fill()

FILTERS: dict[str, dict[str, Any]] = {
    "include": {"response_model_include": {"name", "age"}},
    "exclude": {"response_model_exclude": {"age"}},
    "include_list": {"response_model_include": ["name"]},
    "exclude_unset": {"response_model_exclude_unset": True},
    "exclude_defaults": {"response_model_exclude_defaults": True},
    "exclude_none": {"response_model_exclude_none": True},
    "not_by_alias": {"response_model_by_alias": False},
}


def build_filtered(options: dict[str, Any], model: Any, make: Callable[[], Any]) -> Any:
    def build(web: Any, record: Any) -> Any:
        app = web.FastAPI()

        @app.get("/", response_model=model, **options)
        def read() -> Any:
            return make()

        return app

    return build


for _name, _options in FILTERS.items():
    RESPONSES.add(
        f"filter-{_name}",
        build_filtered(_options, Person, lambda: Person(name="n", age=0)),
        get().gives(200),
    )
    RESPONSES.add(
        f"filter-{_name}-list",
        build_filtered(
            _options, list[Renamed], lambda: [Renamed.model_validate({}), {"longName": "m"}]
        ),
        get().gives(200),
    )
