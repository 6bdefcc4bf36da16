"""Documents: parameters outside the body, byte for byte."""

import enum
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal
from uuid import UUID

import annotated_types
import pydantic

from ..case import Family, get

DOCUMENT_PARAMETERS = Family("openapi_parameters")

DOCUMENT = get("/openapi.json")


class Colour(enum.StrEnum):
    """What it looks like."""

    red = "red"
    blue = "blue"


class Size(enum.IntEnum):
    small = 1
    large = 2


class Marked(enum.Enum):
    number = 1
    text = "x"


TYPES: dict[str, Any] = {
    "int": int,
    "float": float,
    "bool": bool,
    "bytes": bytes,
    "decimal": Decimal,
    "datetime": datetime,
    "date": date,
    "time": time,
    "timedelta": timedelta,
    "uuid": UUID,
    "path": FilePath,
    "url": pydantic.HttpUrl,
    "any_url": pydantic.AnyUrl,
    "email": pydantic.EmailStr,
    "secret": pydantic.SecretStr,
    "colour": Colour,
    "size": Size,
    "marked": Marked,
    "literal": Literal["a", "b", 3],
    "literal_none": Literal["a"] | None,
    "optional": int | None,
    "union": int | str,
    "annotated": Annotated[int, annotated_types.Gt(3)],
    "constrained": pydantic.conint(gt=1, multiple_of=3),
    "json": pydantic.Json[list[int]],
    "any": Any,
    "pattern": Annotated[str, pydantic.StringConstraints(pattern="^a", min_length=2)],
    "base64": pydantic.Base64Bytes,
    "hidden_schema": Annotated[int, pydantic.WithJsonSchema({"type": "string", "x-own": 1})],
}
LISTS: dict[str, Any] = {
    "list": list,
    "list_of": list[int],
    "set_of": set[Colour],
    "tuple_of": tuple[int, str],
    "tuple_of_many": tuple[int, ...],
    "optional_list": list[str] | None,
    "list_of_optional": list[int | None],
    "frozenset": frozenset[float],
}


def of_types(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    for name, annotation in {**TYPES, **LISTS}.items():

        def query(value: annotation = web.Query()) -> Any: ...  # type: ignore[valid-type]

        def header(value: annotation = web.Header(None)) -> Any: ...  # type: ignore[valid-type]

        def cookie(value: annotation = web.Cookie()) -> Any: ...  # type: ignore[valid-type]

        app.get(f"/query/{name}", name=name)(query)
        app.get(f"/header/{name}", name=name)(header)
        app.get(f"/cookie/{name}", name=name)(cookie)
    for name, annotation in TYPES.items():
        if name == "json":
            continue

        def path(value: annotation) -> Any: ...  # type: ignore[valid-type]

        app.get(f"/path/{name}/{{value}}", name=name)(path)
    return app


DOCUMENT_PARAMETERS.add("types", of_types, DOCUMENT)

OPTIONS: dict[str, dict[str, Any]] = {
    "texts": {"title": "A Title", "description": "What\nit is"},
    "numbers": {"gt": 1, "ge": 2, "lt": 10, "le": 9, "multiple_of": 3},
    "lengths": {"min_length": 1, "max_length": 3, "pattern": "^x$"},
    "deprecated": {"deprecated": True},
    "not_deprecated": {"deprecated": False},
    "deprecated_text": {"deprecated": "use another"},
    "hidden": {"include_in_schema": False},
    "examples": {"examples": ["a", 2, None]},
    "openapi_examples": {
        "openapi_examples": {
            "first": {"summary": "One", "description": "*the* first", "value": 1},
            "second": {"externalValue": "https://example.com/x", "x-more": {"a": [1]}},
            "none": {"value": None},
        },
        "examples": [7],
    },
    "extra": {"json_schema_extra": {"x-own": 1, "readOnly": True, "title": "Theirs"}},
    "alias": {"alias": "the-Alias"},
    "validation_alias": {"validation_alias": "the_validation_alias"},
    "serialization_alias": {"serialization_alias": "theSerializationAlias"},
    "choices": {"validation_alias": pydantic.AliasChoices("one", "two")},
    "alias_path": {"validation_alias": pydantic.AliasPath("one", 0), "alias": "other"},
    "strict": {"strict": True},
    "decimals": {"max_digits": 4, "decimal_places": 2},
    "factory": {"default_factory": lambda: 3},
}


def of_options(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    for name, options in OPTIONS.items():
        kind = {"lengths": str, "decimals": Decimal}.get(name, int)

        def query(some_value: Any = web.Query(**options)) -> Any: ...

        query.__annotations__["some_value"] = kind
        app.get(f"/query/{name}", name=name)(query)
        annotated = Annotated[kind, web.Header(**options)]  # type: ignore[valid-type]

        def header(some_value: Any) -> Any: ...

        header.__annotations__["some_value"] = annotated
        app.get(f"/header/{name}", name=name)(header)
        if name == "factory":
            continue

        def cookie(some_value: Any = web.Cookie(4, **options)) -> Any: ...

        cookie.__annotations__["some_value"] = kind
        app.get(f"/cookie/{name}", name=name)(cookie)
        in_path = "the-Alias" if name == "alias" else "some_value"

        def path(some_value: Any) -> Any: ...

        path.__annotations__["some_value"] = Annotated[kind, web.Path(**options)]
        if "alias" not in name and name != "choices":
            app.get(f"/path/{name}/{{{in_path}}}", name=name)(path)
    return app


DOCUMENT_PARAMETERS.add("options", of_options, DOCUMENT)


@DOCUMENT_PARAMETERS.program(DOCUMENT)
def deprecated_options(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/a")
    def a(
        q: int = web.Query(example=3),
        r: str = web.Query("x", regex="^x"),
        s: int = web.Header(0, example=None),
    ) -> Any: ...

    @app.post("/b")
    def b(body: dict[str, int] = web.Body(example={"a": 1})) -> Any: ...

    return app


@DOCUMENT_PARAMETERS.program(DOCUMENT)
def names_of_headers(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    class Headers(pydantic.BaseModel):
        user_agent: str
        x_list: list[str] = []
        aliased_one: int = pydantic.Field(alias="x_aliased_one")
        kept: Annotated[str, web.Header(convert_underscores=False)] = ""

    @app.get("/a")
    def a(
        user_agent: Annotated[str, web.Header()],
        x_y: Annotated[str, web.Header(convert_underscores=False)],
        x_z: Annotated[str | None, web.Header(alias="X_Z")] = None,
    ) -> Any: ...

    @app.get("/b")
    def b(headers: Annotated[Headers, web.Header()]) -> Any: ...

    @app.get("/c")
    def c(headers: Annotated[Headers, web.Header(convert_underscores=False)]) -> Any: ...

    return app


@DOCUMENT_PARAMETERS.program(DOCUMENT)
def models_of_parameters(web: Any, record: Any) -> Any:
    class Filter(pydantic.BaseModel):
        """Not shown."""

        model_config = pydantic.ConfigDict(extra="forbid", title="Another Title")

        limit: int = pydantic.Field(100, gt=0, le=100, description="how many")
        offset: int = pydantic.Field(0, ge=0, deprecated=True)
        order_by: Literal["created_at", "updated_at"] = "created_at"
        tags: list[str] = []
        needed: Colour
        aliased: int = pydantic.Field(1, alias="theAlias", title="Own", examples=[1, 2])
        chosen: str = pydantic.Field("", validation_alias=pydantic.AliasChoices("c1", "c2"))
        hidden: Annotated[int, web.Query(include_in_schema=False)] = 0
        exampled: Annotated[int, web.Query(openapi_examples={"a": {"value": 1}})] = 0

    class ByName(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(populate_by_name=True)

        some_name: int = pydantic.Field(alias="someName")

    class OnlyByName(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(validate_by_alias=False, validate_by_name=True)

        some_name: int = pydantic.Field(alias="someName")

    app = web.FastAPI()

    @app.get("/query")
    def query(filters: Annotated[Filter, web.Query()]) -> Any: ...

    @app.get("/default")
    def default(filters: Filter = web.Query(Filter(needed="red", theAlias=3))) -> Any: ...  # type: ignore[call-arg,arg-type]

    @app.get("/optional")
    def optional(filters: Annotated[Filter | None, web.Query()] = None) -> Any: ...

    @app.get("/nullable")
    def nullable(filters: Annotated[Filter | None, web.Query()]) -> Any: ...

    @app.get("/hidden")
    def hidden(filters: Annotated[Filter, web.Query(include_in_schema=False)]) -> Any: ...

    @app.get("/cookies")
    def cookies(filters: Annotated[Filter, web.Cookie(description="unused")]) -> Any: ...

    @app.get("/by-name")
    def by_name(
        filters: Annotated[ByName, web.Query()], other: Annotated[OnlyByName, web.Header()]
    ) -> Any: ...

    @app.get("/several")
    def several(
        a: Annotated[ByName, web.Query()], b: Annotated[Filter, web.Query()], limit: int = 3
    ) -> Any: ...

    return app


@DOCUMENT_PARAMETERS.program(DOCUMENT)
def the_order_of_parameters(web: Any, record: Any) -> Any:
    def innermost(innermost_header: str = web.Header(), shared: int = 0) -> None: ...

    def left(
        a: Any = web.Depends(innermost),
        left_query: int = 0,
        left_cookie: str = web.Cookie(""),
        key: int = web.Path(),
    ) -> None: ...

    def right(
        right_query: int,
        b: Any = web.Depends(innermost),
        c: Any = web.Depends(innermost, use_cache=False),
    ) -> None: ...

    def first(first_query: int = 1) -> None: ...

    app = web.FastAPI(dependencies=[web.Depends(first)])

    @app.get("/things/{other}/{key}", dependencies=[web.Depends(right)])
    def things(
        own_cookie: Annotated[str, web.Cookie()],
        own_query: int,
        l: Annotated[Any, web.Depends(left)],  # noqa: E741
        own_header: Annotated[str, web.Header()],
        other: str,
        last_query: int = 0,
    ) -> Any: ...

    return app


@DOCUMENT_PARAMETERS.program(DOCUMENT)
def the_same_name_twice(web: Any, record: Any) -> Any:
    def optional(q: str = "x", r: int = web.Query(1, description="below")) -> None: ...

    def required(q: int, token: str = web.Query()) -> None: ...

    def again(q: float = 0.5, token: str = web.Header("")) -> None: ...

    app = web.FastAPI()

    @app.get("/one")
    def one(
        a: Any = web.Depends(optional), b: Any = web.Depends(required), c: Any = web.Depends(again)
    ) -> Any: ...

    @app.get("/two")
    def two(
        q: bool = False, a: Any = web.Depends(again), b: Any = web.Depends(optional)
    ) -> Any: ...

    @app.get("/three")
    def three(
        a: Any = web.Depends(optional),
        b: Any = web.Depends(again),
        c: Any = web.Depends(optional, use_cache=False),
    ) -> Any: ...

    return app


@DOCUMENT_PARAMETERS.program(DOCUMENT)
def nothing_to_validate(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/injected")
    def injected(
        request: web.Request, response: web.Response, tasks: web.BackgroundTasks
    ) -> Any: ...

    @app.get("/all-hidden")
    def all_hidden(q: int = web.Query(0, include_in_schema=False)) -> Any: ...

    @app.get("/{unused}")
    def unused() -> Any: ...

    return app


@DOCUMENT_PARAMETERS.program(DOCUMENT)
def classes_as_dependencies(web: Any, record: Any) -> Any:
    class Page(pydantic.BaseModel):
        limit: int = pydantic.Field(10, description="lost")
        after: str | None = None

    class Common:
        def __init__(self, q: str | None = None, skip: int = 0) -> None: ...

    app = web.FastAPI()

    @app.get("/a")
    def a(
        page: Annotated[Page, web.Depends()], common: Annotated[Common, web.Depends()]
    ) -> Any: ...

    return app


@DOCUMENT_PARAMETERS.program(DOCUMENT)
def defaults_of_parameters(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/a")
    def a(
        colour: Colour = Colour.red,
        marked: Marked = Marked.number,
        at: datetime = datetime(2020, 1, 2, 3, 4, 5),  # noqa: DTZ001
        key: UUID = UUID(int=3),
        several: Annotated[list[Colour], web.Query()] = [Colour.red],  # noqa: B006
        text: str = "a \"quoted\" 'text' <&> ü",
        nothing: str | None = None,
        not_fitting: int = "x",  # type: ignore[assignment]
        infinite: float = float("inf"),
        decimal: Decimal = Decimal("1.50"),
        interval: timedelta = timedelta(seconds=90),
    ) -> Any: ...

    return app


class AliasedHeaders(pydantic.BaseModel):
    a_b: int = pydantic.Field(1, alias="a_b")
    c_d: int = pydantic.Field(1, alias="c_e")


@DOCUMENT_PARAMETERS.program(
    get("/openapi.json", name="document").gives(200),
    get("/", headers={"x_y": "2", "a_b": "3"}, name="values").gives(200, [2, 1]),
)
def headers_whose_alias_is_their_own_name(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read(
        headers: Annotated[AliasedHeaders, web.Header()],
        x_y: Annotated[int, web.Header(alias="x_y")] = 1,
        v_w: Annotated[int, web.Header(alias="v_w", convert_underscores=False)] = 1,
        t_u: Annotated[int, web.Header(alias="t_u"), web.Query()] = 1,
    ) -> Any:
        return [x_y, headers.a_b]

    return app
