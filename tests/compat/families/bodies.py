"""Bodies made of models, dataclasses, typed dictionaries; one, several, embedded."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Generic, Literal, NotRequired, TypeVar

import pydantic
from typing_extensions import TypedDict  # pydantic needs it before Python 3.12

from ..case import Family, get, post, request

BODIES = Family("bodies")

T = TypeVar("T")


class Leaf(pydantic.BaseModel):
    name: str = pydantic.Field(max_length=5)
    weight: float | None = None


class Tree(pydantic.BaseModel):
    leaf: Leaf
    leaves: list[Leaf] = []
    by_name: dict[str, Leaf] = {}
    at: datetime | None = None


class Aliased(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(populate_by_name=True, extra="forbid")
    long_name: int = pydantic.Field(alias="longName")
    both: int = pydantic.Field(1, validation_alias=pydantic.AliasChoices("b", "bb"))


class Cat(pydantic.BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(pydantic.BaseModel):
    kind: Literal["dog"]
    barks: bool


class Checked(pydantic.BaseModel):
    low: int
    high: int

    @pydantic.field_validator("low")
    @classmethod
    def positive(cls, low: int) -> int:
        if low < 0:
            raise ValueError("low is below zero")
        return low

    @pydantic.model_validator(mode="after")
    def ordered(self) -> "Checked":
        if self.low > self.high:
            raise ValueError("low is above high")
        return self


class Recursive(pydantic.BaseModel):
    value: int
    below: list["Recursive"] = []


class Page(pydantic.BaseModel, Generic[T]):
    items: list[T]
    total: int


class Numbers(pydantic.RootModel[list[int]]):
    pass


@dataclass
class Point:
    x: int
    y: int = 0
    tags: list[str] = field(default_factory=list)


class Row(TypedDict):
    id: int
    note: NotRequired[str]


Pet = Annotated[Cat | Dog, pydantic.Field(discriminator="kind")]

# annotation of the one body parameter -> what is sent, by label
SINGLE: dict[str, tuple[Any, dict[str, Any]]] = {
    "model": (
        Leaf,
        {
            "right": {"name": "oak"},
            "extra": {"name": "oak", "more": 1},
            "missing": {"weight": 1},
            "too_long": {"name": "chestnut"},
            "two_errors": {"name": 3, "weight": "x"},
            "null": None,
            "list": [1],
            "text": "oak",
        },
    ),
    "nested": (
        Tree,
        {
            "right": {
                "leaf": {"name": "a"},
                "leaves": [{"name": "b"}],
                "by_name": {"c": {"name": "c"}},
            },
            "deep_errors": {
                "leaf": {"name": "a"},
                "leaves": [{"name": "b"}, {"weight": 1}],
                "by_name": {"c": {"name": "chestnut"}},
                "at": "never",
            },
            "missing": {},
        },
    ),
    "aliased": (
        Aliased,
        {
            "by_alias": {"longName": 1, "bb": 2},
            "by_name": {"long_name": 1},
            "extra": {"longName": 1, "more": 2},
            "missing": {},
        },
    ),
    "discriminated": (
        Pet,
        {
            "cat": {"kind": "cat"},
            "dog": {"kind": "dog", "barks": True},
            "wrong_member": {"kind": "dog", "lives": 3},
            "unknown": {"kind": "cow"},
            "no_kind": {"lives": 3},
            "text": "cat",
        },
    ),
    "union": (
        Cat | Point | int,
        {"cat": {"kind": "cat"}, "point": {"x": 1}, "int": 3, "none": "x"},
    ),
    "validators": (
        Checked,
        {
            "right": {"low": 1, "high": 2},
            "field": {"low": -1, "high": 2},
            "model": {"low": 3, "high": 2},
        },
    ),
    "recursive": (
        Recursive,
        {
            "right": {"value": 1, "below": [{"value": 2, "below": [{"value": 3}]}]},
            "deep": {"value": 1, "below": [{"value": 2, "below": [{"value": "x"}]}]},
        },
    ),
    "generic": (
        Page[Leaf],
        {"right": {"items": [{"name": "a"}], "total": 1}, "wrong": {"items": [1], "total": "x"}},
    ),
    "root": (Numbers, {"right": [1, 2], "wrong": [1, "x"], "object": {"root": [1]}}),
    "dataclass": (
        Point,
        {"right": {"x": 1, "tags": ["a"]}, "missing": {"y": 1}, "wrong": {"x": "x"}, "list": [1]},
    ),
    "typed_dict": (
        Row,
        {
            "right": {"id": 1, "note": "n"},
            "short": {"id": 1},
            "missing": {},
            "extra": {"id": 1, "z": 2},
        },
    ),
    "list_of_models": (
        list[Leaf],
        {
            "right": [{"name": "a"}],
            "empty": [],
            "wrong": [{"name": "a"}, {}],
            "object": {"name": "a"},
        },
    ),
    "set_of_numbers": (set[int], {"right": [1, 1], "wrong": ["x"]}),
    "optional": (Leaf | None, {"right": {"name": "a"}, "null": None, "wrong": {"weight": 1}}),
    "dictionary": (dict[str, list[Leaf]], {"right": {"a": [{"name": "b"}]}, "wrong": {"a": [{}]}}),
    "validated": (
        Annotated[Leaf, pydantic.AfterValidator(lambda leaf: leaf.name)],
        {"right": {"name": "a"}, "wrong": {}},
    ),
}


def build_single(annotation: Any, marker: str) -> Any:
    def build(web: Any, record: Any) -> Any:
        app = web.FastAPI()

        def show(item: Any) -> Any:
            return {"repr": repr(item)}

        markers = {"bare": annotation, "embedded": Annotated[annotation, web.Body(embed=True)]}
        show.__annotations__ = {"item": markers[marker]}
        app.post("/")(show)
        return app

    return build


def fill_single() -> None:
    for name, (annotation, payloads) in SINGLE.items():
        bare, embedded = build_single(annotation, "bare"), build_single(annotation, "embedded")
        if name != "set_of_numbers":  # bare, it would be a query parameter
            for label, payload in payloads.items():
                BODIES.add(f"{name}-{label}", bare, post(json=payload))
            BODIES.add(f"{name}-absent", bare, post())
        for label, payload in payloads.items():
            BODIES.add(f"{name}-embedded-{label}", embedded, post(json={"item": payload}))
        BODIES.add(f"{name}-embedded-not", embedded, post(json=next(iter(payloads.values()))))
        BODIES.add(f"{name}-embedded-absent", embedded, post())


fill_single()


@BODIES.program(
    post("/", json={"leaf": {"name": "a"}, "point": {"x": 1}, "count": 2}, name="right").gives(200),
    post("/", json={"leaf": {"name": "a"}, "point": {"x": 1}}, name="default").gives(200),
    post("/", json={"leaf": {}, "point": {"x": "x"}, "count": "x"}, name="all_wrong").gives(422),
    post("/", json={"leaf": None, "point": None}, name="nulls").gives(422),
    post("/", json={}, name="empty").gives(422),
    post("/", json=[], name="list").gives(422),
    post("/", json="text", name="text").gives(422),
    post("/", name="absent").gives(422),
)
def several_bodies(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.post("/")
    def read(leaf: Leaf, point: Point, count: Annotated[int | None, web.Body()] = 7) -> Any:
        return [leaf, point, count]

    return app


@BODIES.program(
    post("/", json={"name": "a"}, name="same_model_twice").gives(
        200, [{"name": "a", "weight": None}] * 2
    ),
)
def the_same_body_at_two_levels(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def below(leaf: Leaf) -> Any:
        return leaf

    @app.post("/")
    def read(leaf: Leaf, other: Any = web.Depends(below)) -> Any:
        return [leaf, other]

    return app


@BODIES.program(
    post("/optional", json={"name": "a"}, name="given").gives(200, {"name": "a", "weight": None}),
    post("/optional", name="absent").gives(200),
    post("/optional", json=None, name="null").gives(200),
    post("/default", name="default").gives(200, {"name": "d", "weight": None}),
    post("/default", json=None, name="default_null"),
    post("/optional", json={}, name="wrong").gives(422),
)
def bodies_that_may_be_absent(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.post("/optional")
    def optional(leaf: Leaf | None = None) -> Any:
        return leaf

    @app.post("/default")
    def default(leaf: Leaf = Leaf(name="d")) -> Any:
        return leaf

    return app


@BODIES.program(
    *(
        request(method, "/", json={"name": "a"}, name=method.lower()).gives(200)
        for method in ("PUT", "PATCH", "DELETE", "GET")
    )
)
def bodies_of_other_methods(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.api_route("/", methods=["PUT", "PATCH", "DELETE", "GET"])
    def read(leaf: Leaf) -> Any:
        return leaf

    return app


@BODIES.program(
    post("/bytes", body=b"\x00\xff", name="raw").gives(200, [2, 2]),
    post("/json", json={"a": [1]}, name="request_json").gives(200, {"a": [1]}),
)
def the_request_itself(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.post("/bytes")
    async def raw(request: web.Request) -> Any:
        # Read twice: what was read is kept.
        return [len(await request.body()), len(await request.body())]

    @app.post("/json")
    async def json(request: web.Request) -> Any:
        return await request.json()

    return app


@BODIES.program(
    post("/", json={"name": "a"}, name="parsed_and_raw").gives(200, {"raw": '{"name": "a"}'}),
)
def a_body_parameter_and_the_request(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.post("/")
    async def read(leaf: Leaf, request: web.Request) -> Any:
        return {"raw": (await request.body()).decode()}

    return app


@BODIES.program(
    post("/lax", body=b'{"name": "a"}', name="lax").gives(200),
    post("/strict", body=b'{"name": "a"}', name="strict").gives(422),
    post(
        "/lax", body=b'{"name": "a"}', headers={"content-type": "text/plain"}, name="lax_text"
    ).gives(422),
)
def the_content_type_may_be_left_out(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    lax = web.APIRouter(strict_content_type=False)

    def read(leaf: Leaf) -> Any:
        return leaf

    lax.post("/lax")(read)
    app.post("/strict")(read)
    app.include_router(lax)
    return app


@BODIES.program(
    post("/", json={"items": [1, "2"]}, name="right").gives(200, [1, 2]),
    post("/", json={"items": 1}, name="wrong").gives(422),
    get("/?items=1", name="not_a_query").gives(405),
)
def a_single_embedded_list(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.post("/")
    def read(items: Annotated[list[int], web.Body(embed=True)]) -> Any:
        return items

    return app


@BODIES.program(
    post("/below", json={"name": "x"}, name="below-whole"),
    post("/below", json={"leaf": {"name": "x"}}, name="below-embedded"),
    post("/above", json={"name": "x"}, name="above-whole"),
    post("/above", json={"leaf": {"name": "x"}}, name="above-embedded"),
)
def the_outermost_declaration_of_a_body_decides(web: Any, record: Any) -> Any:
    def plain(leaf: Leaf) -> Leaf:
        return leaf

    def embedded(leaf: Annotated[Leaf, web.Body(embed=True)]) -> Leaf:
        return leaf

    app = web.FastAPI()

    @app.post("/below")
    def below(leaf: Leaf, other: Any = web.Depends(embedded)) -> Any:
        return leaf, other

    @app.post("/above")
    def above(leaf: Annotated[Leaf, web.Body(embed=True)], other: Any = web.Depends(plain)) -> Any:
        return leaf, other

    return app
