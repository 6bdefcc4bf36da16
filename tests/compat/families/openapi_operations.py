"""Documents: what is said of the application and of each operation, byte for byte."""

import enum
import http
from collections.abc import AsyncIterable, Iterable
from typing import Any

import pydantic

from ..case import Ask, Family, get, together

OPERATIONS = Family("openapi_operations")

DOCUMENT = get("/openapi.json")


class Item(pydantic.BaseModel):
    """A thing.

    Of some weight.\f
    :param weight: for developers only
    """

    name: str
    weight: float | None = None


class Fault(pydantic.BaseModel):
    code: int
    text: str = ""


class Subject(enum.Enum):
    things = "things of many kinds"
    people = "people"


@OPERATIONS.program(DOCUMENT)
def nothing_at_all(web: Any, record: Any) -> Any:
    return web.FastAPI()


@OPERATIONS.program(DOCUMENT)
def all_that_describes_an_application(web: Any, record: Any) -> Any:
    app = web.FastAPI(
        title="Things <&>",
        summary="in short",
        description="# At length\n\n*marked*, und mit Umlauten: äöü",
        version="2.1.0-rc.1",
        terms_of_service="https://example.com/terms/",
        contact={"name": "Somebody", "url": "https://example.com/x", "email": "a@example.com"},
        license_info={"name": "MIT", "identifier": "MIT", "x-more": [1, {"a": None}]},
        openapi_tags=[
            {"name": "b", "description": "the second", "x-display": "B"},
            {"name": "a", "externalDocs": {"url": "https://example.com/a", "description": "A"}},
        ],
        openapi_external_docs={"description": "more", "url": "https://example.com"},
        servers=[
            {
                "url": "https://{region}.example.com",
                "description": "one of several",
                "variables": {
                    "region": {"default": "eu", "enum": ["eu", "us"], "description": "r"}
                },
            },
            {"url": "/relative"},
        ],
    )

    @app.get("/things", tags=["a", "b"])
    def read() -> None: ...

    return app


@OPERATIONS.program(DOCUMENT)
def operations_described(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get(
        "/in-keywords/{key}",
        tags=["x", Subject.people, "y"],
        summary="Short",
        description="Long",
        response_description="What comes",
        deprecated=True,
        operation_id="its_own_id",
        name="another name",
    )
    def in_keywords(key: str) -> Any: ...

    @app.get("/in-the-docstring")
    def in_the_docstring() -> Any:
        """The first line.

            Indented.

        The last line.\fNothing of this.
        """

    @app.get("/named", name="A route's Name_of its own")
    def some_function() -> Any: ...

    @app.get("/hidden", include_in_schema=False)
    def hidden(q: int) -> Item: ...

    @app.get("/a/{b:path}/c-d.{e}")
    def odd_characters(b: str, e: int) -> Any: ...

    return app


@OPERATIONS.program(DOCUMENT)
def every_method(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def handle(item: Item) -> Any: ...

    for method in ("trace", "patch", "head", "options", "delete", "post", "put", "get"):
        getattr(app, method)("/things")(handle)
    return app


@OPERATIONS.program(DOCUMENT)
def one_route_with_several_methods(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.api_route("/things", methods=["GET"], operation_id="read")
    @app.api_route("/others", methods=["post"])
    def handle(q: int = 0) -> Any: ...

    return app


@OPERATIONS.program(DOCUMENT)
def operation_ids_given_twice(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/a", operation_id="same")
    def a() -> Any: ...

    @app.get("/b", operation_id="same")
    def b() -> Any: ...

    return app


@OPERATIONS.program(DOCUMENT)
def ids_made_by_a_function(web: Any, record: Any) -> Any:
    def of_the_application(route: Any) -> str:
        return f"app-{route.name}"

    def of_the_router(route: Any) -> str:
        return f"router-{route.tags[0]}-{route.name}"

    def of_the_route(route: Any) -> str:
        return f"route-{route.path_format}-{sorted(route.methods)}"

    app = web.FastAPI(generate_unique_id_function=of_the_application)
    router = web.APIRouter(generate_unique_id_function=of_the_router, tags=["t"])
    plain = web.APIRouter()

    @app.post("/items/{key}")
    def first(key: int, item: Item, other: Item) -> Item: ...

    @router.post("/items")
    def second(item: Item, other: Item) -> list[Item]: ...

    @router.post("/more", generate_unique_id_function=of_the_route)
    def third(item: Item, other: Item) -> Any: ...

    @plain.get("/plain")
    def fourth() -> int: ...

    app.include_router(router, prefix="/r")
    app.include_router(plain)
    app.include_router(plain, prefix="/again", generate_unique_id_function=of_the_route)
    return app


@OPERATIONS.program(DOCUMENT)
def routers_within_routers(web: Any, record: Any) -> Any:
    def guard(token: str = web.Header()) -> None: ...

    app = web.FastAPI(dependencies=[web.Depends(guard)], responses={500: {"description": "broken"}})
    outer = web.APIRouter(prefix="/outer", tags=["outer"], responses={404: {"model": Fault}})
    inner = web.APIRouter(tags=["inner"], deprecated=True)

    @inner.get("/{key}", tags=["own"], responses={404: {"description": "not here"}})
    def read(key: int) -> Item: ...

    @inner.websocket("/socket")
    async def socket(websocket: web.WebSocket) -> None: ...

    @outer.get("/things")
    def things() -> list[Item]: ...

    outer.include_router(inner, prefix="/inner", tags=["included"])
    app.include_router(outer, prefix="/v1", responses={418: {"description": "a teapot"}})
    app.include_router(outer, prefix="/v2", include_in_schema=False)
    app.include_router(inner, prefix="/v3", deprecated=False)

    @inner.get("/late")
    def late() -> None: ...

    return app


@OPERATIONS.program(DOCUMENT)
def answers_of_all_sorts(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    responses = web.responses

    own_type = {"media_type": "application/vnd.own+json"}
    own: Any = type("Own", (responses.JSONResponse,), own_type)
    untyped: Any = type("Untyped", (responses.Response,), {"media_type": None})

    @app.get("/model", status_code=201)
    def model() -> Item: ...

    @app.get("/status", status_code=http.HTTPStatus.ACCEPTED)
    def status() -> dict[str, list[Item]]: ...

    @app.get("/empty", status_code=204)
    def empty() -> None: ...

    @app.get("/unmodified", status_code=304, response_model=None)
    def unmodified() -> Any: ...

    @app.get("/text", response_class=responses.PlainTextResponse)
    def text() -> str: ...

    @app.get("/html", response_class=responses.HTMLResponse)
    def html() -> Item: ...

    @app.get("/elsewhere", response_class=responses.RedirectResponse)
    def elsewhere() -> Any: ...

    @app.get("/elsewhere-302", response_class=responses.RedirectResponse, status_code=302)
    def elsewhere_302() -> Any: ...

    @app.get("/file", response_class=responses.FileResponse)
    def file() -> Any: ...

    @app.get("/stream", response_class=responses.StreamingResponse)
    def stream() -> Any: ...

    @app.get("/own", response_class=own)
    def own_class() -> list[Item]: ...

    @app.get("/without-type", response_class=untyped)
    def without_type() -> Any: ...

    @app.get("/returns-a-response")
    def returns_a_response() -> web.responses.JSONResponse: ...

    @app.get("/no-model", response_model=None)
    def no_model() -> Item: ...

    @app.get("/another-model", response_model=list[Item])
    def another_model() -> Any: ...

    @app.get("/nothing-known")
    def nothing_known(): ...

    return app


@OPERATIONS.program(DOCUMENT)
def additional_answers(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    shared: dict[int | str, dict[str, Any]] = {
        404: {"model": Fault},
        "4XX": {"description": "your fault"},
        "default": {"description": "anything else", "model": Fault},
    }

    @app.get("/shared/{key}", responses={**shared, 403: {"description": "not yours"}})
    def many(key: int) -> Item: ...

    @app.get(
        "/more-of-the-success",
        responses={
            200: {
                "description": "an item or its picture",
                "content": {
                    "image/png": {},
                    "application/json": {"example": {"name": "foo"}},
                },
                "headers": {"X-Rate": {"schema": {"type": "integer"}, "description": "left"}},
                "links": {"self": {"operationId": "other", "parameters": {"a": "$request.x"}}},
            },
            "5XX": {"model": Fault, "description": "ours"},
            302: {},
            599: {"x-unknown": 1},
        },
    )
    def more(q: int = 0) -> Item: ...

    @app.get("/own-422", responses={422: {"description": "mine", "model": Fault}})
    def own_422(q: int) -> Any: ...

    @app.get("/as-text", responses={"404": {"model": list[Fault]}, 409: {"model": int | None}})
    def as_text() -> Any: ...

    @app.get(
        "/another-class",
        response_class=web.responses.HTMLResponse,
        responses={404: {"model": Fault}, 405: {"content": {"text/html": {"schema": {}}}}},
    )
    def another_class() -> Any: ...

    return app


@OPERATIONS.program(DOCUMENT)
def answers_given_to_the_application(web: Any, record: Any) -> Any:
    app = web.FastAPI(
        responses={404: {"model": Fault}, 500: {"description": "everywhere"}},
        default_response_class=web.responses.PlainTextResponse,
        deprecated=True,
    )

    @app.get("/a", responses={500: {"model": Fault}})
    def a() -> str: ...

    @app.get("/b", response_class=web.responses.JSONResponse, deprecated=False)
    def b() -> str: ...

    return app


@OPERATIONS.program(DOCUMENT)
def a_hidden_application(web: Any, record: Any) -> Any:
    app = web.FastAPI(include_in_schema=False)

    @app.get("/a", include_in_schema=True)
    def a(q: int) -> Item: ...

    return app


@OPERATIONS.program(DOCUMENT)
def extensions_of_operations(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.post(
        "/body-by-hand",
        openapi_extra={
            "requestBody": {
                "content": {
                    "application/x-yaml": {"schema": Item.model_json_schema()},
                },
                "required": True,
            },
            "x-aperture-labs-portal": "blue",
        },
    )
    def body_by_hand(request: web.Request) -> Any: ...

    @app.get(
        "/parameters-added/{key}",
        tags=["own"],
        openapi_extra={
            "parameters": [{"in": "query", "name": "free", "schema": {"type": "string"}}],
            "tags": ["added"],
            "summary": "replaced",
            "servers": [{"url": "https://other.example.com"}],
            "externalDocs": {"url": "https://example.com/doc"},
        },
    )
    def parameters_added(key: int) -> Any: ...

    return app


@OPERATIONS.program(DOCUMENT)
def callbacks_of_operations(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    calls = web.APIRouter()

    class Event(pydantic.BaseModel):
        kind: str
        paid: bool

    class Received(pydantic.BaseModel):
        ok: bool

    @calls.post("{$callback_url}/invoices/{$request.body.id}", response_model=Received)
    def invoice_notification(body: Event) -> Any:
        """Called when it is paid."""

    @calls.get("{$callback_url}/alive", include_in_schema=False)
    def alive() -> Any: ...

    @app.post("/invoices/", callbacks=calls.routes)
    def create(item: Item, callback_url: pydantic.AnyUrl | None = None) -> Any: ...

    @app.post("/quiet/", callbacks=calls.routes)
    def quiet() -> Any: ...

    router = web.APIRouter(callbacks=calls.routes)

    @router.get("/of-the-router")
    def of_the_router() -> Any: ...

    app.include_router(router)
    return app


@OPERATIONS.program(DOCUMENT)
def callbacks_of_the_application(web: Any, record: Any) -> Any:
    calls = web.APIRouter()
    more = web.APIRouter()

    @calls.post("{$url}/first")
    def first(item: Item) -> Any: ...

    @more.put("{$url}/second")
    def second(q: int) -> Fault: ...

    app = web.FastAPI(callbacks=calls.routes)
    router = web.APIRouter(callbacks=more.routes)

    @router.post("/a")
    def a(item: Item) -> Any: ...

    app.include_router(router)
    return app


@OPERATIONS.program(DOCUMENT)
def webhooks(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    class Subscription(pydantic.BaseModel):
        username: str
        fee: float

    @app.webhooks.post("new-subscription", tags=["hooks"])
    def new_subscription(body: Subscription) -> Item:
        """Somebody subscribed."""

    @app.webhooks.get("checked/{key}")
    def checked(key: int, q: str | None = None) -> Any: ...

    @app.get("/users/")
    def users() -> list[str]: ...

    return app


@OPERATIONS.program(DOCUMENT)
def webhooks_made_elsewhere(web: Any, record: Any) -> Any:
    hooks = web.APIRouter(tags=["h"])
    app = web.FastAPI(webhooks=hooks)

    @hooks.post("later", operation_id="later")
    def later(item: Item) -> None: ...

    return app


@OPERATIONS.program(get("/openapi.json", name="none"), get("/api/doc.json"), get("/docs"))
def a_document_elsewhere(web: Any, record: Any) -> Any:
    return web.FastAPI(openapi_url="/api/doc.json", docs_url=None, redoc_url=None)


@OPERATIONS.program(get("/openapi.json"), get("/docs"), get("/redoc"), get("/docs/oauth2-redirect"))
def no_document(web: Any, record: Any) -> Any:
    return web.FastAPI(openapi_url=None)


@OPERATIONS.program(get("/docs"), get("/redoc"), get("/docs/oauth2-redirect"))
def no_pages(web: Any, record: Any) -> Any:
    return web.FastAPI(docs_url=None, redoc_url=None)


@OPERATIONS.program(get("/openapi.json"), get("/things"))
def dependencies_of_the_application_do_not_run(web: Any, record: Any) -> Any:
    def guard() -> None:
        record("guard")
        raise web.HTTPException(401)

    app = web.FastAPI(dependencies=[web.Depends(guard)])

    @app.get("/things")
    def things() -> Any: ...

    return app


def _behind(root_path: str, *, in_servers: bool = True, servers: Any = None) -> Any:
    def build(web: Any, record: Any) -> Any:
        app = web.FastAPI(root_path_in_servers=in_servers, servers=servers)

        @app.get("/a")
        def a() -> Any: ...

        async def proxied(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, "root_path": root_path}, receive, send)

        return proxied

    return build


for _name, _build in {
    "plain": _behind("/api/v1"),
    "with_a_slash": _behind("/api/v1/"),
    "beside_other_servers": _behind("/api/v1", servers=[{"url": "https://example.com"}]),
    "already_there": _behind("/api/v1", servers=[{"url": "/other"}, {"url": "/api/v1"}]),
    "not_wanted": _behind("/api/v1", in_servers=False),
}.items():
    OPERATIONS.add(f"behind_a_proxy-{_name}", _build, get("/api/v1/openapi.json"))


@OPERATIONS.program(together(get("/sub/openapi.json"), get("/openapi.json")))
def mounted_applications(web: Any, record: Any) -> Any:
    app, sub = web.FastAPI(title="outer"), web.FastAPI(title="inner")

    @app.get("/a")
    def a() -> Any: ...

    @sub.get("/b")
    def b() -> Item: ...

    app.mount("/sub", sub)
    return app


@OPERATIONS.program(together(DOCUMENT, DOCUMENT))
def a_document_of_ones_own(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/a")
    def a() -> Any: ...

    def own() -> Any:
        record("asked")
        if app.openapi_schema:
            return app.openapi_schema
        app.openapi_schema = web.openapi.utils.get_openapi(
            title="Own",
            version="9",
            openapi_version="3.0.2",
            summary="s",
            description="d",
            routes=app.routes,
            tags=[{"name": "t"}],
            servers=[{"url": "/x"}],
            external_docs={"url": "https://example.com"},
        )
        app.openapi_schema["info"]["x-logo"] = {"url": "https://example.com/logo.png"}
        return app.openapi_schema

    app.openapi = own
    return app


def _changing(change: Any) -> Any:
    def build(web: Any, record: Any) -> Any:
        app = web.FastAPI()
        router = web.APIRouter()
        app.include_router(router, prefix="/r")

        @app.get("/change")
        async def change_it() -> Any:
            change(app, router)

        return app

    return build


CHANGES: dict[str, Any] = {
    "the_document": lambda app, router: app.openapi()["info"].update({"x-more": 1}),
    "another_document": lambda app, router: setattr(app, "openapi_schema", {"openapi": "own"}),
    "no_document": lambda app, router: setattr(app, "openapi_schema", None),
    "the_title": lambda app, router: setattr(app, "title", "changed"),
    "a_route": lambda app, router: app.add_api_route("/more", lambda: None, name="more"),
    "a_route_of_a_router": lambda app, router: router.add_api_route("/m", lambda: 1, name="m"),
}
for _name, _change in CHANGES.items():
    _ask: Ask = together(get("/openapi.json"), get("/change"), get("/openapi.json"))
    OPERATIONS.add(f"changes-{_name}", _changing(_change), _ask)
    _ask = together(get("/change"), get("/openapi.json"))
    OPERATIONS.add(f"changes_before-{_name}", _changing(_change), _ask)


@OPERATIONS.program(DOCUMENT)
def another_version_of_the_standard(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    app.openapi_version = "3.0.2"
    return app


@OPERATIONS.program(DOCUMENT)
def starlettes_routes_are_left_out(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    async def plain(request: Any) -> Any: ...

    app.add_route("/plain", plain)
    app.mount("/mounted", plain)

    @app.websocket("/socket")
    async def socket(websocket: web.WebSocket, q: int) -> None: ...

    return app


@OPERATIONS.program(get("/routes"))
def the_routes_of_the_pages_come_first(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/routes")
    def routes(request: web.Request) -> Any:
        return [
            [type(each).__name__, each.path, each.name, sorted(each.methods)]
            for each in request.app.routes
        ] + [str(request.url_for("swagger_ui_html")), str(request.url_for("openapi"))]

    return app


@OPERATIONS.program(get("/docs", name="refused"))
def without_a_title(web: Any, record: Any) -> Any:
    app = web.FastAPI(title="", openapi_url=None)
    return app


@OPERATIONS.program(DOCUMENT)
def endpoints_that_yield(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    events: Any = web.sse.EventSourceResponse
    streaming: Any = web.responses.StreamingResponse

    @app.get("/lines")
    def lines() -> Iterable[Item]:
        yield Item(name="x")

    @app.get("/untyped-lines", status_code=202, responses={404: {"model": Fault}})
    async def untyped_lines():
        yield 1

    @app.post("/events", response_class=events)
    async def events_(item: Item) -> AsyncIterable[Item | int]:
        yield item

    @app.get("/untyped-events", response_class=events, responses={200: {"description": "events"}})
    def untyped_events():
        yield 1

    @app.get("/own-events", response_class=events)
    def own_events() -> Iterable[web.sse.ServerSentEvent]:
        yield web.sse.ServerSentEvent(data=1)

    @app.get("/returned-events", response_class=events)
    def returned_events() -> Any: ...

    @app.get("/chunks", response_class=streaming)
    def chunks() -> Iterable[bytes]:
        yield b""

    @app.get("/with-a-model", response_model=Fault)
    def with_a_model():
        yield 1

    router = web.APIRouter(default_response_class=events)

    @router.get("/of-a-router")
    def of_a_router() -> Iterable[Item]:
        yield Item(name="x")

    app.include_router(router, prefix="/r")
    return app


@OPERATIONS.program(get("/parts"), get("/part-of-the-document"))
def the_parts_of_documents(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    utils = web.openapi.utils
    router = web.APIRouter(prefix="/r", tags=["t"])

    @app.get("/parts", operation_id="own")
    async def parts() -> Any:
        """What they are made of."""
        route = next(each for each in app.routes if each.path == "/parts")
        ids: set[str] = set()
        return [
            utils.generate_operation_summary(route=route, method="GET"),
            utils.generate_operation_id(route=route, method="GET"),
            utils.get_openapi_operation_metadata(route=route, method="GET", operation_ids=ids),
            utils.get_openapi_operation_metadata(route=route, method="GET", operation_ids=ids),
            sorted(ids),
            [each.name for each in utils.get_fields_from_routes(app.routes)],
            utils.status_code_ranges,
            utils.validation_error_definition,
            utils.validation_error_response_definition,
            web.openapi.constants.REF_PREFIX,
            web.openapi.constants.REF_TEMPLATE,
            sorted(web.openapi.constants.METHODS_WITH_BODY),
        ]

    @app.get("/part-of-the-document")
    async def part(item_id: int = 3) -> Any:
        contexts = list(web.routing.iter_route_contexts(app.routes))
        return utils.get_openapi(
            title="part",
            version="1",
            routes=[each for each in contexts if each.path.startswith("/r")],
            webhooks=[contexts[-2]],
        )

    @router.put("/{key}", responses={404: {"model": Fault}})
    async def put(key: int, item: Item) -> list[Item]: ...

    app.include_router(router)
    return app
