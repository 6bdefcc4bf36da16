"""Documents: bodies of all kinds, byte for byte."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NotRequired

import pydantic
from typing_extensions import TypedDict

from ..case import Family, get

DOCUMENT_BODIES = Family("openapi_bodies")

DOCUMENT = get("/openapi.json")


class Item(pydantic.BaseModel):
    name: str
    price: float = 1


class User(pydantic.BaseModel):
    full_name: str = pydantic.Field(alias="fullName", title="Full", examples=["A B"])
    item: Item | None = None


class Keys(TypedDict):
    a: int
    b: NotRequired[list[str]]


@dataclass
class Point:
    """Somewhere."""

    x: int
    y: int = 3
    tags: list[str] = field(default_factory=list)


@DOCUMENT_BODIES.program(DOCUMENT)
def one_body(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.post("/model")
    def model(item: Item) -> Any: ...

    @app.post("/optional")
    def optional(item: Item | None = None) -> Any: ...

    @app.post("/nullable")
    def nullable(item: Item | None) -> Any: ...

    @app.post("/default")
    def default(item: Item = Item(name="x", price=2)) -> Any: ...

    @app.post("/list")
    def list_(items: list[Item]) -> Any: ...

    @app.post("/dict")
    def dict_(items: dict[str, Item]) -> Any: ...

    @app.post("/keys")
    def keys(keys: Keys) -> Any: ...

    @app.post("/point")
    def point(point: Point) -> Any: ...

    @app.post("/scalar")
    def scalar(count: Annotated[int, web.Body(gt=3, title="How Many", description="!")]) -> Any: ...

    @app.post("/bytes")
    def bytes_(raw: Annotated[bytes, web.Body(media_type="application/octet-stream")]) -> Any: ...

    @app.post("/text")
    def text(some_text: Annotated[str, web.Body(media_type="text/plain")] = "x") -> Any: ...

    @app.post("/any")
    def any_(value: Annotated[Any, web.Body()]) -> Any: ...

    @app.post("/union")
    def union(value: Item | User | list[int]) -> Any: ...

    @app.post("/root")
    def root(value: pydantic.RootModel[list[Item]]) -> Any: ...

    @app.put("/embedded")
    def embedded(item: Annotated[Item, web.Body(embed=True)]) -> Any: ...

    @app.put("/embedded-optional")
    def embedded_optional(item: Annotated[Item | None, web.Body(embed=True)] = None) -> Any: ...

    @app.get("/get")
    def with_get(item: Item) -> Any: ...

    @app.trace("/trace")
    def with_trace(item: Item) -> Any: ...

    return app


@DOCUMENT_BODIES.program(DOCUMENT)
def described_bodies(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.post("/examples")
    def examples(
        item: Annotated[Item, web.Body(examples=[{"name": "x"}, {"name": "y"}])],
    ) -> Any: ...

    @app.post("/openapi-examples")
    def openapi_examples(
        item: Item = web.Body(
            openapi_examples={
                "normal": {"summary": "a", "value": {"name": "x", "price": None}},
                "odd": {"description": "b", "value": {"name": 3}},
            }
        ),
    ) -> Any: ...

    @app.post("/schema-extra")
    def schema_extra(
        item: Annotated[Item, web.Body(title="T", description="D", json_schema_extra={"x-a": 1})],
    ) -> Any: ...

    @app.post("/deprecated")
    def deprecated(count: Annotated[int, web.Body(deprecated=True, alias="theCount")]) -> Any: ...

    @app.post("/hidden")
    def hidden(count: Annotated[int, web.Body(include_in_schema=False)]) -> Any: ...

    @app.post("/media-type")
    def media_type(
        item: Annotated[Item, web.Body(media_type="application/vnd.api+json")],
    ) -> Any: ...

    return app


@DOCUMENT_BODIES.program(DOCUMENT)
def several_bodies(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.post("/two/{key}")
    def two(
        key: int,
        item: Item,
        user: User,
        importance: Annotated[int, web.Body(gt=0, title="Own", description="how much")],
        q: str | None = None,
    ) -> Any: ...

    @app.post("/optional")
    def optional(item: Item | None = None, users: list[User] = []) -> Any: ...  # noqa: B006

    @app.post("/aliases")
    def aliases(
        a: Annotated[int, web.Body(alias="theA")],
        b: Annotated[int, web.Body(validation_alias="theB")],
        c: Annotated[int, web.Body(serialization_alias="theC")] = 3,
        d: Annotated[int, web.Body(validation_alias=pydantic.AliasChoices("d1", "d2"))] = 4,
        e: Annotated[int, web.Body(default_factory=lambda: 3, examples=[1])] = ...,  # type: ignore[assignment]
    ) -> Any: ...

    @app.post("/media-types")
    def media_types(
        a: Annotated[int, web.Body(media_type="application/a+json")],
        b: Annotated[int, web.Body(media_type="application/a+json")],
    ) -> Any: ...

    @app.post("/different-media-types")
    def different_media_types(
        a: Annotated[int, web.Body(media_type="application/a+json")], b: Annotated[int, web.Body()]
    ) -> Any: ...

    return app


@DOCUMENT_BODIES.program(DOCUMENT)
def bodies_of_dependencies(web: Any, record: Any) -> Any:
    def below(item: Item) -> Item: ...

    def another(user: User) -> User: ...

    def same(item: Annotated[Item, web.Body(embed=True)]) -> Item: ...

    app = web.FastAPI()

    @app.post("/alone")
    def alone(a: Any = web.Depends(below)) -> Any: ...

    @app.post("/shared")
    def shared(item: Item, a: Any = web.Depends(below)) -> Any: ...

    @app.post("/several")
    def several(
        count: Annotated[int, web.Body()],
        a: Any = web.Depends(below),
        b: Any = web.Depends(another),
    ) -> Any: ...

    @app.post("/embedded-below")
    def embedded_below(item: Item, a: Any = web.Depends(same)) -> Any: ...

    @app.post("/embedded-above")
    def embedded_above(
        item: Annotated[Item, web.Body(embed=True)], a: Any = web.Depends(below)
    ) -> Any: ...

    return app


@DOCUMENT_BODIES.program(DOCUMENT)
def form_fields(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.post("/login")
    def login(
        user_name: Annotated[str, web.Form(description="who")],
        password: Annotated[str, web.Form(json_schema_extra={"format": "password"})],
        remember: Annotated[bool, web.Form()] = False,
        tags: Annotated[list[str], web.Form(alias="tag")] = [],  # noqa: B006
    ) -> Any: ...

    @app.post("/one")
    def one(name: str = web.Form("x", alias="theName")) -> Any: ...

    @app.post("/multipart")
    def multipart(
        name: Annotated[str, web.Form(media_type="multipart/form-data")],
        other: Annotated[str, web.Form()],
    ) -> Any: ...

    @app.post("/mixed")
    def mixed(
        file: web.UploadFile,
        raw: Annotated[bytes, web.File(description="as bytes")],
        token: Annotated[str, web.Form()],
    ) -> Any: ...

    return app


@DOCUMENT_BODIES.program(DOCUMENT)
def files(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    upload = web.UploadFile

    @app.post("/one")
    def one(file: upload) -> Any: ...  # type: ignore[valid-type]

    @app.post("/bytes")
    def bytes_(file: Annotated[bytes, web.File()]) -> Any: ...

    @app.post("/optional")
    def optional(
        file: Annotated[upload | None, web.File(description="d")] = None,  # type: ignore[valid-type]
    ) -> Any: ...

    @app.post("/optional-bytes")
    def optional_bytes(file: Annotated[bytes | None, web.File()] = None) -> Any: ...

    @app.post("/several")
    def several(files: list[upload]) -> Any: ...  # type: ignore[valid-type]

    @app.post("/several-bytes")
    def several_bytes(files: Annotated[list[bytes], web.File(description="many")]) -> Any: ...

    @app.post("/both")
    def both(
        a: upload,  # type: ignore[valid-type]
        b: Annotated[list[upload] | None, web.File()] = None,  # type: ignore[valid-type]
    ) -> Any: ...

    return app


@DOCUMENT_BODIES.program(DOCUMENT)
def forms_as_models(web: Any, record: Any) -> Any:
    class Login(pydantic.BaseModel):
        """Who."""

        model_config = pydantic.ConfigDict(extra="forbid")

        name: str
        secret: str = pydantic.Field(alias="theSecret")
        tags: list[str] = []

    class Choosy(pydantic.BaseModel):
        first: int = pydantic.Field(validation_alias=pydantic.AliasChoices("f1", "f2"))
        second: str = pydantic.Field("", validation_alias=pydantic.AliasChoices("s1", "s2"))
        plain: int = 3

    class ByName(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(populate_by_name=True)

        some_name: int = pydantic.Field(alias="someName")
        other_name: int = pydantic.Field(0, alias="otherName")

    class WithFile(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)

        title: str
        file: web.UploadFile
        raw: Annotated[bytes, web.File()] = b""

    app = web.FastAPI()

    @app.post("/one")
    def one(data: Annotated[Login, web.Form()]) -> Any: ...

    @app.post("/optional")
    def optional(data: Annotated[Login | None, web.Form()] = None) -> Any: ...

    @app.post("/nullable")
    def nullable(data: Annotated[ByName | None, web.Form()]) -> Any: ...

    @app.post("/choosy")
    def choosy(data: Annotated[Choosy, web.Form()]) -> Any: ...

    @app.post("/choosy-and-more")
    def choosy_and_more(
        data: Annotated[Choosy, web.Form()],
        names: Annotated[ByName, web.Form(title="Named")],
        name: Annotated[str, web.Form()],
        count: Annotated[int, web.Form(alias="theCount")] = 3,
    ) -> Any: ...

    @app.post("/optional-and-more")
    def optional_and_more(
        data: Annotated[Choosy | None, web.Form()] = None,
        login: Annotated[Login | None, web.Form()] = None,
        plain: Annotated[int, web.Form()] = 0,
    ) -> Any: ...

    @app.post("/file")
    def file(data: Annotated[WithFile, web.Form(media_type="multipart/form-data")]) -> Any: ...

    @app.post("/as-json-too")
    def as_json_too(data: Choosy) -> Choosy: ...

    return app


@DOCUMENT_BODIES.program(DOCUMENT)
def forms_of_several_kinds(web: Any, record: Any) -> Any:
    class ByPassword(pydantic.BaseModel):
        grant: Literal["password"]
        name: str

    class ByCode(pydantic.BaseModel):
        grant: Literal["code"]
        code: int
        hints: list[str] = []

    either = Annotated[ByPassword | ByCode, web.Form(discriminator="grant")]
    plain = Annotated[ByPassword | ByCode, web.Form()]
    absent = Annotated[ByPassword | ByCode | None, web.Form()]

    def below(data: plain) -> Any: ...  # type: ignore[valid-type]

    app = web.FastAPI()

    @app.post("/either")
    def either_(data: either) -> Any: ...  # type: ignore[valid-type]

    @app.post("/plain")
    def plain_(data: plain) -> Any: ...  # type: ignore[valid-type]

    @app.post("/absent")
    def absent_(data: absent = None) -> Any: ...  # type: ignore[valid-type]

    @app.post("/with-more")
    def with_more(data: either, more: Annotated[int, web.Form()] = 0) -> Any: ...  # type: ignore[valid-type]

    @app.post("/twice")
    def twice(
        data: plain,  # type: ignore[valid-type]
        a: Any = web.Depends(below),
        b: Any = web.Depends(below, use_cache=False),
        c: Annotated[int, web.Form()] = 0,
    ) -> Any: ...

    @app.post("/same-name")
    def same_name(
        name: Annotated[int, web.Form()], a: Any = web.Depends(below), d: Any = web.Depends(more)
    ) -> Any: ...

    return app


def more(name: int) -> Any: ...
