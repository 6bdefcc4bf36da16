"""The options of parameters that the grids leave out, one program each."""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

import pydantic

from ..case import Family, get, post

PARAMETERS = Family("parameters")


class Cat(pydantic.BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(pydantic.BaseModel):
    kind: Literal["dog"]
    tricks: list[str] = []


FORM = {"content-type": "application/x-www-form-urlencoded"}


@PARAMETERS.program(
    post("/animal", json={"kind": "cat", "lives": "3"}, name="cat").gives(
        200, {"kind": "cat", "lives": 3}
    ),
    post("/animal", json={"kind": "dog", "tricks": ["roll"]}, name="dog").gives(200),
    post("/animal", json={"kind": "cow"}, name="neither").gives(422),
    post("/animal", json={"lives": 3}, name="no_kind").gives(422),
    post("/animal", json=[], name="no_object").gives(422),
    post("/called", json={"kind": "cat"}, name="called").gives(200),
    post("/embedded", json={"animal": {"kind": "dog"}}, name="embedded").gives(200),
    post("/embedded", json={"animal": {"kind": "cow"}}, name="embedded_neither").gives(422),
)
def discriminated_unions(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.post("/animal")
    def animal(animal: Annotated[Cat | Dog, web.Body(discriminator="kind")]) -> Any:
        return animal

    def kind_of(value: Any) -> Any:
        return value.get("kind") if isinstance(value, dict) else value.kind

    Called = Annotated[  # noqa: N806 - a type
        Annotated[Cat, pydantic.Tag("cat")] | Annotated[Dog, pydantic.Tag("dog")],
        web.Body(discriminator=pydantic.Discriminator(kind_of)),
    ]

    @app.post("/called")
    def called(animal: Called) -> Any:  # type: ignore[valid-type]
        return animal

    @app.post("/embedded")
    def embedded(
        animal: Annotated[Cat | Dog, web.Body(embed=True, discriminator="kind")],
    ) -> Any:
        return animal

    return app


@PARAMETERS.program(
    get("/smart?value=1", name="smart").gives(200, ["1", "str"]),
    get("/left?value=1", name="left_to_right").gives(200, ["1", "str"]),
    get("/fast?value=a&value=b", name="fail_fast").gives(422),
    get("/slow?value=a&value=b", name="all_errors").gives(422),
    get("/strict?value=true", name="strict").gives(422),
    get("/finite?value=inf", name="infinite").gives(422),
    get("/finite?value=3", name="finite").gives(200),
    get("/money?value=12.345", name="too_many_places").gives(422),
    get("/money?value=12345.1", name="too_many_digits").gives(422),
    get("/money?value=12.5", name="money").gives(200),
    get("/range?value=6", name="in_range").gives(200),
    get("/range?value=2", name="below").gives(422),
    get("/range?value=9", name="at_the_end").gives(422),
    get("/range?value=5", name="no_multiple").gives(422),
    get("/text?value=aaaa", name="too_long").gives(422),
    get("/text?value=ab", name="other_letters").gives(422),
    get("/text?value=", name="too_short").gives(422),
    get("/text?value=aa", name="text").gives(200),
    get("/compiled?value=AA", name="compiled_pattern").gives(200),
)
def constraints_by_keyword(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/smart")
    def smart(value: Annotated[int | str, web.Query(union_mode="smart")]) -> Any:
        return [value, type(value).__name__]

    @app.get("/left")
    def left(value: Annotated[str | int, web.Query(union_mode="left_to_right")]) -> Any:
        return [value, type(value).__name__]

    @app.get("/fast")
    def fast(value: Annotated[list[int], web.Query(fail_fast=True)]) -> Any:
        return value

    @app.get("/slow")
    def slow(value: Annotated[list[int], web.Query(fail_fast=False)]) -> Any:
        return value

    @app.get("/strict")
    def strict(value: Annotated[bool, web.Query(strict=True)]) -> Any:
        return value

    @app.get("/finite")
    def finite(value: Annotated[float, web.Query(allow_inf_nan=False)]) -> Any:
        return value

    @app.get("/money")
    def money(value: Annotated[Decimal, web.Query(max_digits=5, decimal_places=2)]) -> Any:
        return value

    @app.get("/range")
    def within(value: Annotated[int, web.Query(ge=3, lt=9, multiple_of=2)]) -> Any:
        return value

    @app.get("/text")
    def text(
        value: Annotated[str, web.Query(min_length=1, max_length=3, pattern="^a+$")],
    ) -> Any:
        return value

    @app.get("/compiled")
    def compiled(
        value: Annotated[str, web.Query(pattern=re.compile("^a+$", re.IGNORECASE))],
    ) -> Any:
        return value

    return app


@PARAMETERS.program(
    get("/?value=aa", name="fits").gives(
        200, warnings=("FastAPIDeprecationWarning", "FastAPIDeprecationWarning")
    ),
    get("/?value=b", name="does_not").gives(422),
)
def deprecated_options(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read(value: Annotated[str, web.Query(regex="^a+$", example="aaa")]) -> Any:
        return value

    return app


def _about(schema: dict[str, Any]) -> None:
    schema["x-called"] = True


@PARAMETERS.program(
    get("/openapi.json", name="document"),
    get("/?x=1", name="read").gives(200, [None, 1, None]),
    get("/?x=1", headers={"y-name": "y"}, name="header").gives(200, ["y", 1, None]),
    post("/", body=b"z=5", headers=FORM, name="form").gives(200, 5),
)
def what_only_the_document_shows(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read(
        y: Annotated[
            str | None,
            web.Header(
                validation_alias="y-name",
                serialization_alias="y-out",
                alias_priority=2,
                title="Y",
                description="Why",
                deprecated=True,
                json_schema_extra={"x-own": [1]},
            ),
        ] = None,
        x: Annotated[
            int,
            web.Query(
                examples=[1, 2],
                openapi_examples={"one": {"summary": "One", "value": 1}},
                json_schema_extra=_about,
            ),
        ] = 0,
        hidden: Annotated[int | None, web.Cookie(include_in_schema=False)] = None,
    ) -> Any:
        return [y, x, hidden]

    @app.post("/")
    def write(
        z: Annotated[
            int,
            web.Form(
                media_type="application/x-www-form-urlencoded",
                examples=[5],
                deprecated="not any more",
                title="Z",
            ),
        ],
    ) -> Any:
        return z

    return app


@PARAMETERS.program(
    get("/params/?value=3", name="classes").gives(200, ["h", 3, None]),
    get("/params/", name="missing").gives(422),
    get("/types", name="kinds").gives(200, ["path", "query", "header", "cookie"]),
)
def the_marker_classes(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    params = web.params

    @app.get("/params/")
    def read(
        value: Annotated[int, params.Query(annotation=int)],
        word: Annotated[str, params.Header()] = "h",
        crumb: Annotated[str | None, params.Cookie()] = None,
    ) -> Any:
        assert issubclass(params.Query, params.Param)
        return [word, value, crumb]

    @app.get("/types")
    def kinds() -> Any:
        markers = (params.Path(), params.Query(), params.Header(), params.Cookie())
        assert [each.in_ for each in markers] == [
            params.ParamTypes.path,
            params.ParamTypes.query,
            params.ParamTypes.header,
            params.ParamTypes.cookie,
        ]
        return [each.in_.value for each in markers]

    return app


@PARAMETERS.program(
    get("/", name="security").gives(200, [1, 2, 1], order="call call send:start send:end"),
    get("/class", name="classes").gives(200, [1, 2, 1], order="call call send:start send:end"),
    get("/scoped", name="scopes").gives(
        200, "kept", order="+f endpoint -f send:start send:end"
    ),
)  # fmt: skip
def options_of_security(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def counter() -> Any:
        count = 0

        def call() -> int:
            nonlocal count
            count += 1
            record("call")
            return count

        return call

    first, second = counter(), counter()

    @app.get("/")
    def read(
        a: Annotated[int, web.Security(dependency=first, use_cache=True)],
        b: Annotated[int, web.Security(first, use_cache=False)],
        c: Annotated[int, web.Security(first)],
    ) -> Any:
        return [a, b, c]

    @app.get("/class")
    def of_class(
        a: Annotated[int, web.params.Security(dependency=second, scopes=None)],
        b: Annotated[int, web.params.Security(second, use_cache=False)],
        c: Annotated[int, web.params.Depends(second)],
    ) -> Any:
        return [a, b, c]

    def kept() -> Any:
        record("+f")
        yield "kept"
        record("-f")

    @app.get("/scoped")
    async def scoped(value: Annotated[str, web.params.Security(kept, scope="function")]) -> Any:
        record("endpoint")
        return value

    return app


@PARAMETERS.program(
    get("/default").gives(200, 1),
    get("/default?value=x").gives(422),
    get("/required").gives(422),
    get("/required?value=2").gives(200, 2),
    get("/openapi.json", name="document").gives(200),
)
def the_base_of_the_markers(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/default")
    def default(value: int = web.params.Param(1)) -> int:
        return value

    @app.get("/required")
    def required(value: Annotated[int, web.params.Param()]) -> int:
        return value

    return app
