"""A body validated from its bytes: the same as one that ``json.loads`` has read, or not at all."""

import datetime as dt
import enum
import json
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    StrictInt,
    TypeAdapter,
    field_validator,
)

from tenure.web.bind.from_bytes import has_long_number, parse, validator_of_bytes


class Color(enum.Enum):
    red = "red"
    one = 1


class Size(enum.IntEnum):
    small = 1
    large = 2


class Line(BaseModel):
    sku: str
    quantity: int = 1
    price: float | None = None
    tags: set[str] = Field(default_factory=set)


class Order(BaseModel):
    model_config = ConfigDict(extra="allow", validate_by_name=True, validate_by_alias=True)

    a: str = Field("", alias="A", max_length=3)
    b: Annotated[float, Field(ge=-10)] = 0.0
    c: list[Line] = []
    d: dict[str, Any] = {}
    e: Color | None = None


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)

    a: str
    b: float = 1.5


class Tree(BaseModel):
    a: int = 0
    b: "list[Tree]" = []


class Numbers(RootModel[list[float]]):
    pass


SAFE: tuple[Any, ...] = (
    Any,
    None,
    bool,
    int,
    float,
    str,
    Annotated[int, Field(ge=0, multiple_of=2)],
    Annotated[str, Field(pattern="^a", min_length=1)],
    dt.date,
    dt.time,
    dt.datetime,
    uuid.UUID,
    Literal["a", 1],
    Color,
    Size,
    int | None,
    list[int],
    set[int],
    frozenset[str],
    tuple[int, str],
    tuple[float, ...],
    dict[str, float],
    dict[int, Any],
    list[Any],
    Line,
    Order,
    Closed,
    Tree,
    Numbers,
    list[Order],
    dict[str, Line | None],
)


class Watched(BaseModel):
    a: int

    @field_validator("a", mode="before")
    @classmethod
    def keep(cls, value: Any) -> Any:
        return value


class WithInit(BaseModel):
    a: int = 0

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)


class WithPostInit(BaseModel):
    a: int = 0

    def model_post_init(self, context: Any, /) -> None:
        self.a += 1


class WithFactory(BaseModel):
    a: uuid.UUID = Field(default_factory=uuid.uuid4)


class Strict(BaseModel):
    model_config = ConfigDict(strict=True)

    a: dt.date


class Coerced(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True)

    a: str


UNSAFE: tuple[Any, ...] = (
    Watched,
    list[Watched],
    WithInit,
    WithPostInit,
    WithFactory,
    Strict,
    Coerced,
    StrictInt,
    Decimal,
    bytes,
    int | str,
    dt.date | str,
    Annotated[int, AfterValidator(abs)],
    Annotated[int, BeforeValidator(int)],
    dict[dt.date, int],
)

TOKENS = st.sampled_from(
    [
        *("null", "true", "false", "NaN", "Infinity", "-Infinity", "nan", "-0", "-0.0", "0", "1"),
        *("1.0", "1.5", "1e2", "1E-7", "1e400", "5e-324", "01", "1.", "9007199254740993"),
        *("9223372036854775808", "-1", "2", "1" * 308, "1" * 309, "1" * 5000, "0." + "1" * 400),
        *('""', '"a"', '"abcd"', '" a "', '"1"', '"1.0"', '"1_0"', '"red"', '"nan"', '"true"'),
        *('"2020-01-01"', '"2020-01-01T00:00:00Z"', '"12:30"', '"P1D"', "1577836800", "86399.5"),
        *('"6a0ff5cb-0d0f-4bd4-9d3c-0d0f4bd49d3c"', r'"\ud800"', r'"\u0000"', r'"\ud83d\ude00"'),
        *('"\x7f"', '"\x01"', '"\u00e9\U0001f600"', r'"\x"', "[]", "{}", "[" * 300 + "]" * 300),
    ]
)
NAMES = st.sampled_from(["a", "A", "b", "c", "d", "e", "sku", "quantity", "price", "tags", "1", ""])


def _objects(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.lists(st.tuples(NAMES, values), max_size=5)  # names may come twice
    return pairs.map(lambda each: "{" + ", ".join(f'"{key}": {text}' for key, text in each) + "}")


def _arrays(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(values, max_size=4).map(lambda each: "[" + ",".join(each) + "]")


TEXTS = st.recursive(
    TOKENS | st.floats().map(json.dumps) | st.integers().map(str) | st.text().map(json.dumps),
    lambda inner: _arrays(inner) | _objects(inner),
    max_leaves=8,
)
BROKEN = st.tuples(TEXTS, st.integers(0, 40), st.binary(max_size=2)).map(
    lambda each: each[0].encode()[: each[1]] + each[2] + each[0].encode()[each[1] :]
)
BODIES = (
    TEXTS.map(str.encode)
    | TEXTS.map(lambda text: b"\xef\xbb\xbf" + text.encode())
    | TEXTS.map(lambda text: text.encode("utf-16"))
    | TEXTS.map(lambda text: f" \r\n{text}\t".encode())
    | BROKEN
)

ADAPTERS = [(TypeAdapter[Any](type_), str(type_)) for type_ in SAFE]


def shown(value: Any) -> str:
    """All that can be told of a value: the types inside, the order, the signs of zeros."""
    if isinstance(value, BaseModel):
        inside = [
            f"{name}={shown(each)}"
            for name, each in (vars(value) | (value.__pydantic_extra__ or {})).items()
        ]
        return f"{type(value).__name__}({', '.join(inside)}; {sorted(value.model_fields_set)})"
    if isinstance(value, dict):
        # Joined, not shown by repr, which escapes what is inside once more at each level.
        return f"{{{', '.join(f'{shown(key)}: {shown(each)}' for key, each in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"{type(value).__name__}[{', '.join([shown(each) for each in value])}]"
    if isinstance(value, set | frozenset):
        return f"{type(value).__name__}[{', '.join(sorted(shown(each) for each in value))}]"
    return f"{type(value).__name__} {value!r}"


def outcome_of(read: Callable[[], Any]) -> str:
    try:
        return shown(read())
    except (ValueError, RecursionError):
        return "refused"


@given(st.sampled_from(ADAPTERS), BODIES)
@example(ADAPTERS[4], b"1" * 309)
@example(ADAPTERS[4], b"[" + b"1" * 309 + b"]")
def test_what_is_accepted_is_what_the_long_way_makes_of_it(adapter_and_name, body):
    adapter, _ = adapter_and_name
    validate = validator_of_bytes(adapter)
    assert validate is not None
    quick = outcome_of(lambda: validate(body))
    if quick != "refused":  # what is refused is read the long way
        validator = adapter.validator
        long = outcome_of(lambda: validator.validate_python(json.loads(body), from_attributes=True))
        assert quick == long


@given(BODIES)
@example(b"")
@example(b"1" * 5000)
@example(b'{"a": "\\ud800"}')
@example(b'{"a": 1, "b": 2, "a": -0}')
def test_what_is_parsed_is_what_the_standard_library_parses(body):
    assert parsed_by(parse, body) == parsed_by(json.loads, body)


def parsed_by(parse: Callable[[bytes], Any], body: bytes) -> str:
    try:
        return shown(parse(body))
    except (ValueError, RecursionError) as error:
        return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize("type_", UNSAFE, ids=str)
def test_types_that_could_differ_are_read_the_long_way(type_):
    assert validator_of_bytes(TypeAdapter[Any](type_)) is None


@given(st.integers(0, 400), st.integers(0, 400), st.integers(300, 340))
def test_a_number_too_long_is_found_wherever_it_is(before, after, digits):
    body = b"x" * before + b"9" * digits + b"x" * after
    assert has_long_number(body) == (digits >= 309)


def test_many_numbers_are_not_a_long_one():
    rows = [{"id": number, "price": number / 7, "at": "2026-01-01"} for number in range(2000)]
    assert not has_long_number(json.dumps(rows).encode())
