"""``jsonable_encoder`` against FastAPI's, and as written expectations."""

import datetime as dt
import enum
import ipaddress
import pathlib
import re
import warnings
from collections import Counter, OrderedDict, UserDict, deque, namedtuple
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

import fastapi.encoders
import pytest
from pydantic import (
    AnyUrl,
    BaseModel,
    Field,
    HttpUrl,
    RootModel,
    SecretBytes,
    SecretStr,
)
from pydantic_core import PydanticUndefined

from tenure.web import encoders
from tenure.web.encoders import jsonable_encoder


class Kind(enum.Enum):
    one = 1
    pair = (1, 2)


class Word(str, enum.Enum):
    yes = "y"


class Model(BaseModel):
    a: int = 1
    b: str | None = None
    when: dt.datetime = dt.datetime(2020, 1, 2)  # noqa: DTZ001 - how a naive one is written
    renamed: int = Field(default=3, alias="alias")
    inner: "Model | None" = None
    _sa_private: int = 3


class Root(RootModel[list[int]]):
    pass


@dataclass
class Data:
    a: int = 1
    b: Any = None
    model: Model = field(default_factory=lambda: Model(a=2))


class Thing:
    def __init__(self):
        self.x = 1
        self._sa_state = 2
        self.z = None
        self.model = Model()


class Pairs:
    def keys(self):
        return ["k", "n"]

    def __getitem__(self, key):
        return 1 if key == "k" else None


class Text(str):
    pass


class Day(dt.date):
    pass


Point = namedtuple("Point", "a b")  # noqa: PYI024 - this kind too


def letters():
    yield "a"
    yield "b"


def color():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pydantic.color import Color

        return Color("red")


VALUES: dict[str, Any] = {
    repr(value)[:50]: (lambda value=value: value)
    for value in (
        None,
        1,
        1.5,
        True,
        "s",
        float("nan"),
        b"bytes",
        b"\xff",
        Text("t"),
        Decimal(1),
        Decimal("1.0"),
        Decimal("1e3"),
        Decimal("NaN"),
        dt.datetime(2020, 1, 2, tzinfo=dt.UTC),
        dt.date(2020, 1, 1),
        Day(2020, 1, 1),
        dt.time(1, 2),
        dt.timedelta(seconds=1.5),
        UUID(int=1),
        pathlib.PurePosixPath("/a"),
        pathlib.Path("b"),
        re.compile("x+"),
        ipaddress.ip_address("1.1.1.1"),
        ipaddress.ip_network("10.0.0.0/8"),
        ipaddress.ip_interface("::1"),
        Kind.one,
        Kind.pair,
        Word.yes,
        Model(),
        Model(b="z", inner=Model(a=5)),
        Root([1]),
        Data(),
        Data(b={"x": None, "_sa": 1}),
        {"a": 1, "b": None, "_sa_x": 2, 3: 4, (1, 2): Model(), Kind.one: Kind.pair},
        {"a": {"a": 1, "b": 2}, "b": [{"a": 1, "b": None}]},
        [1, None, {"a": 1, "b": 2}, Model()],
        (1, 2),
        {1},
        frozenset({2}),
        deque([3]),
        Point(1, None),
        OrderedDict(a=1, b=None),
        UserDict(a=1),
        Counter("aab"),
        SecretStr("s"),
        SecretBytes(b"s"),
        HttpUrl("http://a.b/c"),
        AnyUrl("x://y"),
        PydanticUndefined,
        Model,
        int,
        range(3),
        [("a", 1)],
        bytearray(b"ab"),
        {"ctx": {"error": ValueError("no")}},
        complex(1, 2),
    )
} | {
    "object": object,
    "thing": Thing,
    "pairs": Pairs,
    "generator": letters,
    "iterator of pairs": lambda: iter([("a", 1)]),
    "function": lambda: len,
    "color": color,
}
OPTIONS: list[dict[str, Any]] = [
    {},
    {"include": {"a"}},
    {"include": ["a"]},
    {"exclude": {"a"}},
    {"exclude": ("b",)},
    {"include": {"a": True, "b": {"c"}}},
    {"exclude": {"a": True}},
    {"by_alias": False},
    {"exclude_unset": True},
    {"exclude_defaults": True},
    {"exclude_none": True},
    {"sqlalchemy_safe": False},
    {"custom_encoder": {int: lambda _: "int"}},
    {"custom_encoder": {Model: lambda _: "model", str: str.upper, dt.date: lambda _: "date"}},
    {"custom_encoder": {object: lambda _: "anything"}},
    {"exclude_none": True, "exclude": {"b"}, "custom_encoder": {dt.datetime: lambda _: 1}},
]


@pytest.mark.parametrize("name", VALUES)
def test_values_are_encoded_as_by_fastapi(name):
    make = VALUES[name]
    for options in OPTIONS:
        theirs = outcome(fastapi.encoders.jsonable_encoder, make(), options)
        assert outcome(jsonable_encoder, make(), options) == theirs, options


def outcome(encode, value, options):
    try:
        return repr(encode(value, **options))
    except Exception as error:
        return type(error), str(error)


def test_models_are_written_under_their_aliases():
    assert jsonable_encoder([Model(alias=1)], include={"renamed", "inner"}) == [
        {"alias": 1, "inner": None}
    ]


def test_a_custom_encoder_does_not_see_the_inside_of_models():
    upper = {str: str.upper}
    assert jsonable_encoder({"k": Model(b="b")}, custom_encoder=upper)["K"]["b"] == "b"


def test_a_class_with_fields_is_not_a_value():
    with pytest.raises(ValueError, match="is a class, not a value"):
        jsonable_encoder(Data)


def test_a_type_can_be_added_for_good(monkeypatch):
    class Money:
        def __init__(self, cents):
            self.cents = cents

    monkeypatch.setitem(encoders.ENCODERS_BY_TYPE, Money, lambda money: money.cents / 100)
    assert jsonable_encoder({"price": Money(250)}) == {"price": 2.5}
    assert type(jsonable_encoder(Decimal(3))) is int
