"""Documents: the schemas of types and how they are named, byte for byte."""

import enum
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar

import pydantic
from pydantic.alias_generators import to_camel
from pydantic.dataclasses import dataclass as pydantic_dataclass
from pydantic.json_schema import SkipJsonSchema
from typing_extensions import TypeAliasType, TypedDict

from ..case import Family, get

SCHEMAS = Family("openapi_schemas")

DOCUMENT = get("/openapi.json")

T = TypeVar("T")


class Part(pydantic.BaseModel):
    name: str
    weight: float | None = None


class Level(enum.IntEnum):
    """How high."""

    low = 1
    high = 2


class Kind(enum.StrEnum):
    a = "a"
    b = "b"


def both_ways(web: Any, *types: Any, **options: Any) -> Any:
    """An application that takes and answers values of each type, on routes of their own."""
    app = web.FastAPI(**options)
    for position, type_ in enumerate(types):

        def take(value: Any) -> Any: ...

        take.__annotations__["value"] = Annotated[type_, web.Body()]
        app.post(f"/take/{position}", name=f"take_{position}")(take)

        def answer() -> Any: ...

        app.get(f"/answer/{position}", name=f"answer_{position}", response_model=type_)(answer)
    return app


class Defaults(pydantic.BaseModel):
    needed: int
    given: int = 3
    nothing: str | None = None
    made: list[int] = pydantic.Field(default_factory=list)
    part: Part = Part(name="x")
    parts: dict[str, Part] = {}


class Computed(pydantic.BaseModel):
    width: int

    @pydantic.computed_field  # type: ignore[prop-decorator]
    @property
    def area(self) -> int:
        """Twice as much."""
        return self.width * 2


class HoldsComputed(pydantic.BaseModel):
    computed: list[Computed]


class Written(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(
        title="Another",
        json_schema_extra={"examples": [{"at": 1}], "x-own": True},
        use_attribute_docstrings=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
        extra="forbid",
    )

    at: datetime
    """When."""
    interval: timedelta = timedelta(minutes=1)
    raw: bytes = b""
    number: Decimal = Decimal("1.5")
    path: PurePosixPath | None = None

    @pydantic.field_serializer("at")
    def as_number(self, value: datetime) -> float:
        return value.timestamp()


class Aliased(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(populate_by_name=True)

    plain: int = pydantic.Field(alias="thePlain")
    read: int = pydantic.Field(validation_alias="readAs")
    written: int = pydantic.Field(serialization_alias="writtenAs")
    chosen: int = pydantic.Field(validation_alias=pydantic.AliasChoices("one", "two"))
    deep: int = pydantic.Field(0, validation_alias=pydantic.AliasPath("a", 1))


class Camel(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(alias_generator=to_camel, populate_by_name=True)

    some_name: int
    other_name: str | None = None


class Node(pydantic.BaseModel):
    value: int
    children: list["Node"] = []
    parent: "Node | None" = None


class Left(pydantic.BaseModel):
    right: "Right | None" = None


class Right(pydantic.BaseModel):
    left: Left | None = None


class Cat(pydantic.BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(pydantic.BaseModel):
    kind: Literal["dog", "hound"]


class Owner(pydantic.BaseModel):
    pet: Annotated[Cat | Dog, pydantic.Field(discriminator="kind")]
    others: list[Cat | Dog] = []


class Base(pydantic.BaseModel):
    shared: int
    """Not shown."""


class Derived(Base):
    own: Level = Level.low
    kind: Kind = Kind.a
    both: Kind | Level | None = None


class Box(pydantic.BaseModel, Generic[T]):
    content: T
    more: list[T] = []


class Hidden(pydantic.BaseModel):
    shown: int
    secret: SkipJsonSchema[Part | None] = None
    excluded: int = pydantic.Field(3, exclude=True)
    private: pydantic.SecretStr = pydantic.SecretStr("x")
    frozen: int = pydantic.Field(1, frozen=True, deprecated="no longer")
    by_hand: Annotated[Part, pydantic.WithJsonSchema({"type": "string"})]


class OwnSchema(pydantic.BaseModel):
    value: int

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> Any:
        schema = handler(core_schema)
        handler.resolve_ref_schema(schema)["x-by-hand"] = [1, {"b": None}]
        return schema


class Root(pydantic.RootModel[dict[str, Part]]):
    """Parts by name."""


@dataclass
class Plain:
    """A plain dataclass."""

    x: int
    part: Part
    inner: "Inner | None" = None


@dataclass
class Inner:
    y: int = 1


@pydantic_dataclass
class Validated:
    x: int = pydantic.Field(gt=1, description="more than one")

    @pydantic.computed_field  # type: ignore[prop-decorator]
    @property
    def twice(self) -> int:
        return self.x * 2


class Keys(TypedDict, total=False):
    """Keys of a dict."""

    a: int
    part: Part


class Pair(NamedTuple):
    a: int
    b: str = "x"


Many = TypeAliasType("Many", list[Part])

GROUPS: dict[str, tuple[Any, ...]] = {
    "models": (Defaults, Part, Base, Derived),
    "lists_of_models": (list[Defaults], dict[str, Defaults], Defaults | None, tuple[Part, Level]),
    "computed_fields": (Computed, list[HoldsComputed], Validated),
    "one_way": (Written, Aliased, Camel),
    "recursive": (Node, Left, Right),
    "unions": (Owner, Cat | Dog, Annotated[Cat | Dog, pydantic.Field(discriminator="kind")]),
    "generics": (Box[int], Box[Part], Box[Box[Kind]], Box[Any], Box),
    "enums": (Level, Kind, list[Level], Literal["x"], Literal[Level.low, "y"]),
    "hidden": (Hidden, OwnSchema),
    "roots": (Root, list[Root], list[Many], pydantic.RootModel[int]),
    "dataclasses": (Plain, Inner, Validated, list[Plain]),
    "others": (Keys, Pair, Sequence[Part], Mapping[str, int], deque[int], Iterable[int]),
    "plain": (int, str, bytes, datetime, Decimal, Any, None | int, object, dict, list, set[Kind]),
}

for _name, _types in GROUPS.items():
    for _separate in (True, False):

        def _build(web: Any, record: Any, types: Any = _types, separate: bool = _separate) -> Any:
            return both_ways(web, *types, separate_input_output_schemas=separate)

        SCHEMAS.add(f"{_name}-{'separate' if _separate else 'together'}", _build, DOCUMENT)


@SCHEMAS.program(DOCUMENT)
def everything_at_once(web: Any, record: Any) -> Any:
    return both_ways(web, *(each for types in GROUPS.values() for each in types))


def _named(name: str, module: str, **fields: Any) -> Any:
    return pydantic.create_model(name, __module__=module, **fields)


@SCHEMAS.program(DOCUMENT)
def models_of_the_same_name(web: Any, record: Any) -> Any:
    first = _named("Same", "one.models", a=(int, ...))
    second = _named("Same", "two.models", b=(Part, ...), c=(int, 3))
    third = _named("Same", "two.models", d=(list[first], ...))  # type: ignore[valid-type]
    odd = _named("Odd name[x]/ü", "one", a=(int, 1))
    return both_ways(web, first, second, third, odd)


@SCHEMAS.program(DOCUMENT)
def names_that_are_taken(web: Any, record: Any) -> Any:
    rejection = _named("HTTPValidationError", "one", own=(int, ...))
    error = _named("ValidationError", "one", own=(int, ...))
    app = both_ways(web, rejection, error)

    @app.get("/q")
    def q(a: int) -> Any: ...

    return app


@SCHEMAS.program(DOCUMENT)
def enums_of_the_same_name(web: Any, record: Any) -> Any:
    first = enum.Enum("Same", {"a": 1}, module="one")  # type: ignore[misc]
    second = enum.Enum("Same", {"b": "x"}, module="two")  # type: ignore[misc]
    return both_ways(web, first, second, list[first | None])


@SCHEMAS.program(DOCUMENT)
def what_a_model_says_of_files(web: Any, record: Any) -> Any:
    class Upload(pydantic.BaseModel):
        file: web.UploadFile
        others: list[web.UploadFile] = []

    return both_ways(web, Upload, dict[str, list[bytes]])


@SCHEMAS.program(DOCUMENT)
def the_first_use_is_in_a_hidden_route(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.post("/hidden", include_in_schema=False)
    def hidden(value: Defaults) -> Computed: ...

    @app.post("/shown")
    def shown(value: Part) -> Level: ...

    return app


@SCHEMAS.program(DOCUMENT)
def values_that_are_none(web: Any, record: Any) -> Any:
    class Example(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(
            json_schema_extra={"example": {"a": None, "b": [None]}, "default": None, "const": None}
        )

        a: int | None = pydantic.Field(None, examples=[None, 1], json_schema_extra={"x": None})

    app = both_ways(web, Example)

    @app.get("/r", responses={200: {"content": {"application/json": {"example": {"a": None}}}}})
    def r() -> Any: ...

    return app


@SCHEMAS.program(DOCUMENT)
def an_operation_outside_the_standard(web: Any, record: Any) -> Any:
    """It is kept as it is, its keys in the order in which they were written."""
    app = web.FastAPI()

    @app.post("/odd", openapi_extra={"summary": 3, "tags": "none", "aaa": 1, "x": None})
    def odd(value: Part) -> Part: ...

    @app.get("/odd")
    def fine() -> Any: ...

    @app.post("/fine", openapi_extra={"aaa": 1, "x": None})
    def also_fine(value: Part) -> Part: ...

    return app


@SCHEMAS.program(get("/openapi.json").gives(error="ValidationError"))
def a_schema_outside_the_standard(web: Any, record: Any) -> Any:
    class Odd(pydantic.BaseModel):
        a: int = pydantic.Field(json_schema_extra={"type": "unheard of"})

    return both_ways(web, Odd)
