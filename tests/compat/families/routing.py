"""Which route answers: prefixes, convertors, methods, slashes, mounts, names."""

from typing import Any

from starlette.responses import JSONResponse

from ..case import Family, get, post, request

ROUTING = Family("routing")


@ROUTING.program(
    get("/", name="root").gives(200, "root"),
    get("/items", name="collection").gives(200, "items"),
    get("/items/me", name="first_match_wins").gives(200, "me"),
    get("/items/3", name="parameter").gives(200, 3),
    get("/items/x", name="parameter_wrong").gives(422),
    get("/items/3/", name="slash_redirect").gives(
        307, headers={"location": "http://test.example/items/3"}
    ),
    get("/slash", name="no_slash_redirect").gives(
        307, headers={"location": "http://test.example/slash/"}
    ),
    get("/slash?a=1", name="redirect_keeps_the_query").gives(
        307, headers={"location": "http://test.example/slash/?a=1"}
    ),
    get("/absent", name="not_found").gives(404, {"detail": "Not Found"}),
    post("/items", name="wrong_method").gives(
        405, {"detail": "Method Not Allowed"}, headers={"allow": "GET"}
    ),
    request("HEAD", "/items", name="head").gives(405, headers={"allow": "GET"}),
    request("OPTIONS", "/items", name="options").gives(405, headers={"allow": "GET"}),
    get("//items", name="double_slash").gives(404),
    get("/items/a%2Fb", name="encoded_slash").gives(404),
    get("/caf%C3%A9/%E2%98%83", name="not_ascii").gives(200, "\u2603"),
    request("PUT", "/two", name="second_method").gives(200, "PUT"),
    request("DELETE", "/two", name="neither_method").gives(405),
    request("CUSTOM", "/own", name="own_method").gives(200, "CUSTOM"),
)
def paths_and_methods(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def root() -> Any:
        return "root"

    @app.get("/items")
    def items() -> Any:
        return "items"

    @app.get("/items/me")
    def me() -> Any:
        return "me"

    @app.get("/items/{number}")
    def item(number: int) -> Any:
        return number

    @app.get("/slash/")
    def slash() -> Any: ...

    @app.get("/caf\u00e9/{name}")
    def name(name: str) -> Any:
        return name

    @app.api_route("/two", methods=["GET", "PUT"])
    def two(request: web.Request) -> Any:
        return request.method

    @app.api_route("/own", methods=["custom"])
    def own(request: web.Request) -> Any:
        return request.method

    return app


@ROUTING.program(
    post("/one", name="post").gives(200, "post"),
    get("/one", name="get").gives(200, "get"),
    request("HEAD", "/one", name="head").gives(200, b'"head"'),
    request("OPTIONS", "/one", name="options").gives(200, "options"),
    request("TRACE", "/one", name="trace").gives(200, "trace"),
    request("PATCH", "/one", name="absent").gives(405, headers={"allow": "POST"}),
)
def one_path_with_a_route_for_each_method(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def answering(word: str) -> Any:
        return lambda: word

    for method in ("post", "get", "head", "options", "trace", "put", "delete"):
        getattr(app, method)("/one")(answering(method))
    return app


@ROUTING.program(
    get("/int/3").gives(200, "3"),
    get("/int/x").gives(404),
    get("/path/a/b/c").gives(200, "'a/b/c'"),
    get("/float/1.5").gives(200, "1.5"),
    get("/uuid/12345678-1234-5678-1234-567812345678").gives(200),
    get("/both/a.txt").gives(200, "'a' 'txt'"),
    get("/mixed/3-x").gives(200, "3 'x'"),
)
def convertors(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/int/{value:int}")
    def integer(value: int) -> Any:
        return repr(value)

    @app.get("/path/{value:path}")
    def path(value: str) -> Any:
        return repr(value)

    @app.get("/float/{value:float}")
    def number(value: float) -> Any:
        return repr(value)

    @app.get("/uuid/{value:uuid}")
    def uuid(value: Any) -> Any:
        return repr(value)

    @app.get("/both/{name}.{suffix}")
    def both(name: str, suffix: str) -> Any:
        return f"{name!r} {suffix!r}"

    @app.get("/mixed/{number:int}-{word}")
    def mixed(number: int, word: str) -> Any:
        return f"{number!r} {word!r}"

    return app


@ROUTING.program(
    get("/api/v1/items/3").gives(200, ["items", 3]),
    get("/api/v1/items").gives(200, ["list"]),
    get("/api/items/3").gives(200, ["again", 3]),
    get("/v1/items/3").gives(404),
    get("/api/v1/items/").gives(307),
    get("/late").gives(200, "late"),
    get("/team/red/member/7").gives(200, ["red", 7]),
    get("/team/red/member/x").gives(422),
)
def nested_routers(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    api = web.APIRouter(prefix="/api", tags=["api"])
    version = web.APIRouter(prefix="/v1")
    items = web.APIRouter(prefix="/items", tags=["items"])
    member = web.APIRouter(prefix="/member")

    @items.get("/{number}")
    def item(number: int, request: web.Request) -> Any:
        return ["again" if "v1" not in request.url.path else "items", number]

    @items.get("")
    def collection() -> Any:
        return ["list"]

    @member.get("/{number}")
    def team_member(team: str, number: int) -> Any:
        return [team, number]

    version.include_router(items)
    api.include_router(version)
    api.include_router(items)
    app.include_router(api)
    app.include_router(member, prefix="/team/{team}")
    late = web.APIRouter()
    app.include_router(late)

    @late.get("/late")
    def added_after_inclusion() -> Any:
        return "late"

    return app


@ROUTING.program(
    get("/names").gives(
        200, ["/items/3", "/items/3", "/api/w", "/sub/inner/x", "http://test.example/items/4"]
    ),
    get("/absent-name").gives(500, error="NoMatchFound"),
)
def reversed_urls(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    api = web.APIRouter(prefix="/api")
    sub = web.FastAPI()

    @app.get("/items/{number}")
    def item(number: int) -> Any: ...

    @api.get("/{word}", name="own name")
    def word(word: str) -> Any: ...

    @sub.get("/inner/{x}")
    def inner(x: str) -> Any: ...

    @app.get("/names")
    def names(request: web.Request) -> Any:
        return [
            app.url_path_for("item", number="3"),
            app.router.url_path_for("item", number=3),
            app.url_path_for("own name", word="w"),
            app.url_path_for("sub:inner", x="x"),
            str(request.url_for("item", number=4)),
        ]

    @app.get("/absent-name")
    def absent() -> Any:
        return app.url_path_for("nothing")

    app.include_router(api)
    app.mount("/sub", sub, name="sub")
    return app


@ROUTING.program(
    get("/sub/here").gives(
        200, {"root": "/sub", "path": "/sub/here"}, order="sub send:start send:end"
    ),
    get("/sub/absent").gives(404),
    get("/sub").gives(307),
    get("/pure/anything").gives(200, b"pure /pure"),
    get("/starlette").gives(200, b"plain", order="send:start send:end"),
    get("/sub/fail").gives(418, {"detail": "I'm a Teapot"}),
)
def mounts(web: Any, record: Any) -> Any:
    app = web.FastAPI(dependencies=[web.Depends(lambda: record("app"))])
    sub = web.FastAPI(dependencies=[web.Depends(lambda: record("sub"))])

    @sub.get("/here")
    def here(request: web.Request) -> Any:
        return {"root": request.scope["root_path"], "path": request.url.path}

    @sub.get("/fail")
    def fail() -> Any:
        raise web.HTTPException(418)

    async def pure(scope: Any, receive: Any, send: Any) -> None:
        reply = web.responses.PlainTextResponse(f"pure {scope['root_path']}")
        await reply(scope, receive, send)

    async def plain(request: Any) -> Any:
        return web.responses.PlainTextResponse("plain")

    app.mount("/sub", sub)
    app.mount("/pure", pure)
    app.router.add_route("/starlette", plain)
    return app


@ROUTING.program(
    get("/items/3/", name="off").gives(404),
    get("/on", name="router_on").gives(404),
)
def redirects_off(web: Any, record: Any) -> Any:
    app = web.FastAPI(redirect_slashes=False)

    @app.get("/items/{number}")
    def item(number: int) -> Any: ...

    router = web.APIRouter(redirect_slashes=True)

    @router.get("/on/")
    def on() -> Any: ...

    app.include_router(router)
    return app


@ROUTING.program(
    get("/added").gives(200, "added"),
    get("/decorated").gives(200, "decorated"),
    get("/class").gives(200, "class"),
    get("/static").gives(200, "static"),
    get("/partial").gives(200, "partial"),
)
def other_ways_to_declare(web: Any, record: Any) -> Any:
    from functools import partial

    app = web.FastAPI()

    def added() -> Any:
        return "added"

    class Owner:
        def method(self) -> Any:
            return "class"

        @staticmethod
        async def static() -> Any:
            return "static"

    def worded(word: str) -> Any:
        return word

    app.add_api_route("/added", added)
    app.router.add_api_route("/class", Owner().method, methods=["GET"])
    app.get("/static")(Owner.static)
    app.get("/partial")(partial(worded, "partial"))

    @app.api_route("/decorated")
    async def decorated() -> Any:
        return "decorated"

    return app


@ROUTING.program(
    get("/proxied/here", name="root_path").gives(200),
    get("/state", name="state").gives(200, {"app": "value", "extra": ["t", "d"]}),
)
def what_the_application_knows(web: Any, record: Any) -> Any:
    app = web.FastAPI(title="t", description="d", debug=False)
    app.state.value = "value"

    @app.get("/proxied/here")
    def here(request: web.Request) -> Any:
        return {"app": request.app is app, "route": request.scope["route"].path}

    @app.get("/state")
    def state(request: web.Request) -> Any:
        return {"app": request.app.state.value, "extra": [app.title, app.description]}

    return app


@ROUTING.program(
    get("/plain", name="class_of_the_router").gives(200, b"1"),
    get("/own", name="class_of_the_route").gives(200, b"1"),
    get("/outer/plain", name="class_of_the_outer_router").gives(200, b"[1]"),
    get("/lines", name="lines").gives(200, b"1\n"),
    get("/openapi.json", name="document").gives(200),
)
def options_given_as_defaults(web: Any, record: Any) -> Any:
    default = web.datastructures.Default

    class Angled(JSONResponse):
        def render(self, content: Any) -> bytes:
            return f"<{content}>".encode()

    class Squared(JSONResponse):
        def render(self, content: Any) -> bytes:
            return f"[{content}]".encode()

    def named(route: Any) -> str:
        return f"router_{route.name}"

    def router(response_class: Any) -> Any:
        return web.APIRouter(
            default_response_class=default(response_class),
            generate_unique_id_function=default(named),
            strict_content_type=default(True),
        )

    inner, outer, lines = router(Angled), router(Squared), router(web.responses.JSONResponse)

    @inner.get("/plain")
    def plain() -> Any:
        return 1

    @inner.get("/own", response_class=web.responses.JSONResponse)
    def own() -> Any:
        return 1

    @lines.get("/lines")
    def produce() -> Any:
        yield 1

    app = web.FastAPI()
    app.include_router(inner)
    app.include_router(lines)
    app.include_router(inner, prefix="/outer", default_response_class=Squared)
    app.include_router(outer)
    return app
