"""What routes say of themselves: the records of their dependencies, body and responses."""

from dataclasses import fields
from typing import Annotated, Any

import pydantic

from ..case import Family, get

RECORDS = Family("records")

_APART = ("concurrency", "depends")  # of one framework only


class Item(pydantic.BaseModel):
    number: int


def _field(field: Any) -> Any:
    if field is None:
        return None
    return [
        field.name,
        field.alias,
        field.validation_alias,
        field.serialization_alias,
        field.mode,
        repr(field.default),
        type(field.field_info).__name__,
        field.field_info.annotation.__name__,
    ]


def _plain(value: Any) -> Any:
    """A record as JSON."""
    if hasattr(value, "dependencies"):
        named = {each.name: getattr(value, each.name) for each in fields(value)}
        return {name: _plain(each) for name, each in named.items() if name not in _APART}
    if hasattr(value, "field_info"):
        return _field(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.__name__ if callable(value) else value


def _serve(web: Any, routes: Any) -> Any:
    """An application that answers with the records of *routes*."""
    app = web.FastAPI(openapi_url=None)
    app.get("/")(lambda: [_plain(each.dependant) for each in routes])

    @app.get("/fields")
    def show_fields() -> Any:
        return [
            {
                "body": _field(each.body_field),
                "response": _field(each.response_field),
                "responses": {key: _field(value) for key, value in each.response_fields.items()},
                "item": _field(each.stream_item_field),
            }
            for each in routes
            if hasattr(each, "methods")
        ]

    @app.get("/use")
    def use() -> Any:
        body, response = routes[1].body_field, routes[0].response_field
        return [
            body.validate({"number": "1"})[0],
            body.validate({"number": "x"}, {}, loc=("body",))[1],
            response.serialize(Item(number=3)),
            response.serialize_json(Item(number=4), exclude={"number"}).decode(),
        ]

    return app


@RECORDS.program(
    get("/", name="dependencies").gives(200),
    get("/fields", name="fields").gives(200),
    get("/use", name="in-use").gives(200),
)
def what_routes_take(web: Any, record: Any) -> Any:
    app = web.FastAPI(openapi_url=None)

    def credentials(
        scopes: web.security.SecurityScopes, request: web.Request, token: str = web.Query("t")
    ) -> None: ...

    def user(
        who: Annotated[None, web.Security(credentials, scopes=["b"])],
        x_name: Annotated[str, web.Header()],
        cookie: str = web.Cookie("z"),
    ) -> Any:
        yield

    def guard(tasks: web.BackgroundTasks) -> None: ...

    @app.put("/{key}", dependencies=[web.Depends(guard)], responses={404: {"model": Item}})
    def put(
        key: int,
        item: Item,
        size: Annotated[int, web.Body(alias="Size")],
        response: web.Response,
        one: Annotated[None, web.Security(user, scopes=["a"])],
        again: Annotated[None, web.Depends(user, use_cache=False, scope="function")],
    ) -> Item: ...

    @app.post("/")
    def post(item: Item) -> None: ...

    @app.post("/form")
    def form(item: Annotated[Item, web.Form()], connection: web.requests.HTTPConnection) -> Any: ...

    @app.post("/file")
    def file(part: web.UploadFile, number: Annotated[int, web.Form()] = 1) -> Any: ...

    @app.get("/lines")
    def lines() -> Any:
        yield

    @app.websocket("/socket")
    async def socket(
        websocket: web.WebSocket, seen: Annotated[None, web.Depends(guard)]
    ) -> None: ...

    return _serve(web, app.routes)


@RECORDS.program(
    get("/read", name="answer").gives(200, "read", order="first second send:start send:end"),
    get("/calls", name="record").gives(200, ["first", "second", "own"]),
)
def dependencies_added_to_the_record(web: Any, record: Any) -> Any:
    app = web.FastAPI(openapi_url=None)
    utils = web.dependencies.utils

    def first() -> None:
        record("first")

    def second() -> None:
        record("second")

    def own() -> None: ...

    @app.get("/read")
    def read(value: Annotated[None, web.Depends(own)]) -> str:
        return "read"

    route = app.routes[-1]
    for each in (second, first):
        added = web.Depends(each)
        made = utils.get_parameterless_sub_dependant(depends=added, path=route.path_format)
        route.dependant.dependencies.insert(0, made)

    @app.get("/calls")
    def calls() -> Any:
        return [each.call.__name__ for each in route.dependant.dependencies]

    return app


@RECORDS.program(get("/").gives(200))
def records_of_callables(web: Any, record: Any) -> Any:
    utils = web.dependencies.utils
    app = web.FastAPI(openapi_url=None)

    def inner(word: str = "x", x_name: str = web.Header()) -> "int": ...  # type: ignore[empty-body]

    def outer(key: int, below: "Annotated[int, web.Depends(inner)]") -> None: ...

    outer.__annotations__["below"] = Annotated[int, web.Depends(inner)]

    @app.get("/")
    def show() -> Any:
        dependant = utils.get_dependant(path="/{key}", call=outer, name="outer")
        return [
            _plain(dependant),
            [each.name for each in utils.get_flat_params(dependant)],
            str(utils.get_typed_signature(inner)),
            utils.get_typed_return_annotation(inner).__name__,
            utils.get_typed_return_annotation(lambda: None),
        ]

    return app
