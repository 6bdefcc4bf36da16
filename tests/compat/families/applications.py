"""Applications as a whole: what their constructors take, inclusion, middleware, static files."""

import pathlib
from typing import Any

from ..case import Family, declared, get, post, request, together
from .programs import Custom

APPLICATIONS = Family("applications")

HERE = pathlib.Path(__file__).parent


@APPLICATIONS.program(
    get("/custom", name="by_class").gives(409, b"custom"),
    get("/absent", name="by_status").gives(404, b"nothing here"),
    get("/added", name="added_later").gives(410, b"added"),
    get("/http", name="default_stays").gives(400, {"detail": "plain"}),
)
def exception_handlers_of_the_constructor(web: Any, record: Any) -> Any:
    def answering(text: str, status: int) -> Any:
        return lambda request, error: web.responses.PlainTextResponse(text, status)

    app = web.FastAPI(
        exception_handlers={Custom: answering("custom", 409), 404: answering("nothing here", 404)}
    )
    app.add_exception_handler(KeyError, answering("added", 410))

    @app.get("/custom")
    def custom() -> Any:
        raise Custom

    @app.get("/added")
    def added() -> Any:
        raise KeyError

    @app.get("/http")
    def http() -> Any:
        raise web.HTTPException(400, "plain")

    return app


@APPLICATIONS.program(
    get("/", name="default_handler_overridden").gives(418, {"own": "tea"}),
    get("/number/x", name="default_handler_called").gives(422, headers={"x-own": "1"}),
)
def default_handlers_reused(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.exception_handler(web.exceptions.HTTPException)
    async def handle(request: Any, error: Any) -> Any:
        return web.responses.JSONResponse({"own": error.detail}, error.status_code)

    @app.exception_handler(web.exceptions.RequestValidationError)
    async def handle_validation(request: Any, error: Any) -> Any:
        handler = web.exception_handlers.request_validation_exception_handler
        response = await handler(request, error)
        response.headers["x-own"] = "1"
        return response

    @app.get("/")
    def read() -> Any:
        raise web.HTTPException(418, "tea")

    @app.get("/number/{number}")
    def number(number: int) -> Any: ...

    return app


@APPLICATIONS.program(
    request(
        "OPTIONS",
        "/",
        headers={"origin": "http://a.example", "access-control-request-method": "GET"},
        name="preflight",
    ).gives(200),
    get("/", headers={"origin": "http://a.example"}, name="simple").gives(200, ["x"]),
    get("/", headers={"origin": "http://b.example"}, name="foreign").gives(200, ["x"]),
    get("/fail", headers={"origin": "http://a.example"}, name="failing").gives(
        500, error="ZeroDivisionError"
    ),
)
def cross_origin_middleware(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    app.add_middleware(
        web.middleware.cors.CORSMiddleware, allow_origins=["http://a.example"], allow_methods=["*"]
    )

    @app.get("/")
    def read() -> Any:
        return ["x"]

    @app.get("/fail")
    def fail() -> Any:
        raise ZeroDivisionError

    return app


@APPLICATIONS.program(
    get("/", headers={"accept-encoding": "gzip"}, name="compressed").gives(
        200, headers={"content-encoding": "gzip", "vary": "Accept-Encoding"}
    ),
    get("/", name="plain").gives(200, "x" * 2000),
)
def compressing_middleware(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    app.add_middleware(web.middleware.gzip.GZipMiddleware, compresslevel=1)

    @app.get("/")
    def read() -> Any:
        return "x" * 2000

    return app


@APPLICATIONS.program(
    get("/", name="order").gives(200, order="added second first endpoint send:start send:end"),
)
def middleware_of_the_constructor(web: Any, record: Any) -> Any:
    import starlette.middleware

    class Marking:
        def __init__(self, app: Any, word: str) -> None:
            self.app = app
            self.word = word

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            record(self.word)
            await self.app(scope, receive, send)

    make = starlette.middleware.Middleware
    app = web.FastAPI(middleware=[make(Marking, word="second"), make(Marking, word="first")])
    app.add_middleware(Marking, "added")

    @app.get("/")
    async def read() -> Any:
        record("endpoint")

    return app


@APPLICATIONS.program(
    get("/files/programs.py", name="file").gives(200),
    get("/files/absent.py", name="absent").gives(404, {"detail": "Not Found"}),
    post("/files/programs.py", name="wrong_method").gives(405),
)
def static_files(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    app.mount("/files", web.staticfiles.StaticFiles(directory=HERE), name="files")
    return app


@APPLICATIONS.program(
    get("/a/x", name="first").gives(200, "x"),
    get("/b/x", name="second").gives(200, "x"),
    get("/b/y", name="added_afterwards").gives(200, "y"),
)
def one_router_included_twice(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    router = web.APIRouter()

    @router.get("/x")
    def x() -> Any:
        return "x"

    app.include_router(router, prefix="/a")
    app.include_router(router, prefix="/b")

    @router.get("/y")
    def y() -> Any:
        return "y"

    return app


@APPLICATIONS.program(
    get("/x", name="own_first").gives(200, "app"),
    get("/y", name="router").gives(200, "router"),
    get("/z", name="declared_after_inclusion").gives(200, "router"),
)
def the_first_declaration_wins(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    router = web.APIRouter()
    for path in ("/x", "/y", "/z"):
        router.get(path)(lambda: "router")
    app.get("/x")(lambda: "app")
    app.include_router(router)
    app.get("/z")(lambda: "app")
    return app


@APPLICATIONS.program(
    get("/list", name="own_routes").gives(
        200,
        [
            ["/list", "listing", ["GET"]],
            ["/items/{number}", "read", ["GET"]],
            ["/items/{number}", "renamed", ["DELETE", "PUT"]],
            ["/ws", "talk", None],
        ],
    ),
)
def routes_can_be_listed(web: Any, record: Any) -> Any:
    app = web.FastAPI(openapi_url=None)

    @app.get("/list")
    def listing() -> Any:
        routes: list[Any] = []
        for route in app.routes:
            methods = getattr(route, "methods", None)
            routes.append([route.path, route.name, sorted(methods) if methods else None])
        return routes

    @app.get("/items/{number}")
    def read(number: int) -> Any: ...

    @app.api_route("/items/{number}", methods=["put", "delete"], name="renamed")
    def change(number: int) -> Any: ...

    @app.websocket("/ws")
    async def talk(websocket: web.WebSocket) -> None: ...

    return app


@APPLICATIONS.program(
    post("/stream", body=(b"one", b"two"), name="stream").gives(200, ["one", "two", ""]),
    post("/body", body=(b"one", b"two"), name="body").gives(200, "onetwo"),
    get("/client", headers={"x-a": "1"}, name="client").gives(
        200, ["192.0.2.1", "http://test.example/client", "1", "nothing"]
    ),
)
def requests_read_by_hand(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.post("/stream")
    async def stream(request: web.Request) -> Any:
        return [chunk.decode() async for chunk in request.stream()]

    @app.post("/body")
    async def body(request: web.Request) -> Any:
        return (await request.body()).decode()

    @app.get("/client")
    def client(request: web.Request) -> Any:
        return [
            request.client.host,
            str(request.url),
            request.headers["X-A"],
            request.cookies.get("a", "nothing"),
        ]

    return app


@APPLICATIONS.program(
    together(get("/set"), get("/read")).gives(200, ["app", "none"]),
)
def states_of_application_and_request(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def mark(request: web.Request) -> None:
        request.state.mark = "request"

    @app.get("/set")
    async def set_both(request: web.Request, _: None = web.Depends(mark)) -> Any:
        request.app.state.mark = "app"
        return request.state.mark

    @app.get("/read")
    async def read(request: web.Request) -> Any:
        return [app.state.mark, getattr(request.state, "mark", "none")]

    return app


@APPLICATIONS.program(declared("generic").refused("ZeroDivisionError"))
def a_failing_decorator_s_error_is_its_own(web: Any, record: Any) -> Any:
    def failing(function: Any) -> Any:
        raise ZeroDivisionError

    app = web.FastAPI()

    @app.get("/")
    @failing
    def read() -> Any: ...

    return app


@APPLICATIONS.program(
    get("/host", headers={}, name="plain").gives(200, "any"),
    get("/proxied", name="behind_a_prefix").gives(200, "http://test.example/proxied"),
)
def hosts_and_urls(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    sub = web.FastAPI()

    @sub.get("/host")
    def of_host() -> Any:
        return "named"

    @app.get("/host")
    def of_any() -> Any:
        return "any"

    @app.get("/proxied")
    def proxied(request: web.Request) -> Any:
        return str(request.url_for("proxied"))

    app.host("other.example", sub)
    return app
