"""Every way of adding a route, each with the options that the other families leave out."""

from typing import Annotated, Any

import pydantic
from starlette.routing import Route

from ..case import Family, get, post, request, socket, together

ROUTES = Family("routes")


class Part(pydantic.BaseModel):
    size: int = 1
    colour: str | None = None


class Thing(pydantic.BaseModel):
    name: str = pydantic.Field("thing", alias="theName")
    part: Part = Part()
    note: str | None = None

    model_config = {"populate_by_name": True}


@ROUTES.program(
    get("/plain").gives(
        200, {"theName": "a", "part": {"size": 1, "colour": None}, "note": None}
    ),
    get("/include").gives(200, {"theName": "a", "part": {"size": 1, "colour": None}}),
    get("/nested_include").gives(200, {"part": {"size": 1}}),
    get("/exclude").gives(200, {"theName": "a", "part": {"size": 1, "colour": None}}),
    get("/by_name").gives(200, {"name": "a", "part": {"size": 1, "colour": None}, "note": None}),
    get("/set").gives(200, {"theName": "a"}),
    get("/changed").gives(200, {"theName": "a"}),
    get("/present").gives(200, {"theName": "a", "part": {"size": 1}}),
)  # fmt: skip
def what_of_a_model_is_sent(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def make() -> Any:
        return Thing(theName="a")

    app.get("/plain", response_model=Thing)(make)
    app.get("/include", response_model=Thing, response_model_include={"name", "part"})(make)
    app.get("/nested_include", response_model=Thing, response_model_include={"part": {"size"}})(
        make
    )
    app.get("/exclude", response_model=Thing, response_model_exclude={"note"})(make)
    app.get("/by_name", response_model=Thing, response_model_by_alias=False)(make)
    app.get("/set", response_model=Thing, response_model_exclude_unset=True)(make)
    app.get("/changed", response_model=Thing, response_model_exclude_defaults=True)(make)
    app.get("/present", response_model=Thing, response_model_exclude_none=True)(make)
    return app


METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE")


@ROUTES.program(
    *(request(method, f"/{owner}", name=f"{owner}_{method}") for owner in ("app", "router")
      for method in (*METHODS, "CONNECT")),
    *(request(method, "/both", name=f"both_{method}") for method in ("GET", "LINK", "PUT")),
    *(request(method, "/router/both", name=f"router_both_{method}") for method in ("GET", "LINK")),
)  # fmt: skip
def every_verb(web: Any, record: Any) -> Any:
    app, router = web.FastAPI(), web.APIRouter()

    def answer(request: web.Request) -> Any:
        return {"method": request.method}

    app.get("/app")(answer)
    app.put("/app")(answer)
    app.post("/app")(answer)
    app.delete("/app")(answer)
    app.options("/app")(answer)
    app.head("/app")(answer)
    app.patch("/app")(answer)
    app.trace("/app")(answer)
    router.get("/router")(answer)
    router.put("/router")(answer)
    router.post("/router")(answer)
    router.delete("/router")(answer)
    router.options("/router")(answer)
    router.head("/router")(answer)
    router.patch("/router")(answer)
    router.trace("/router")(answer)
    app.api_route("/both", methods=["get", "LINK"])(answer)
    router.api_route("/router/both", methods=["GET", "LINK"])(answer)
    router.add_api_route("/added", answer)
    app.include_router(router)
    return app


@ROUTES.program(
    *(socket(f"/{name}?q=1", name=name)
      for name in ("decorated", "added", "of_router", "added_to_router", "plain",
                   "plain_of_router", "below/deep", "made")),
    get("/paths").gives(200, ["/decorated", "/added", "/of_router", "/added_to_router", "/plain"]),
    get("/nothing").gives(404),
)  # fmt: skip
def every_way_to_serve_websockets(web: Any, record: Any) -> Any:
    app, router, below = web.FastAPI(), web.APIRouter(), web.APIRouter()

    def noted(q: int = 0) -> int:
        record("noted")
        return q

    async def talk(websocket: web.WebSocket, q: int = 7) -> None:
        await websocket.accept()
        await websocket.send_text(f"{websocket.scope['path']} {q}")
        await websocket.close()

    async def plain(websocket: web.WebSocket) -> None:
        await websocket.accept()
        await websocket.send_json({"state": websocket.client_state.name})
        assert websocket.application_state is web.websockets.WebSocketState.CONNECTED
        await websocket.close()

    dependencies = [web.Depends(noted)]
    app.websocket("/decorated", name="one", dependencies=dependencies)(talk)
    app.add_api_websocket_route("/added", talk, name="two", dependencies=dependencies)
    router.websocket("/of_router", name="three", dependencies=dependencies)(talk)
    router.add_api_websocket_route("/added_to_router", talk, name="four", dependencies=dependencies)
    app.websocket_route("/plain", name="five")(plain)
    router.websocket_route("/plain_of_router", name="seven")(plain)
    router.add_websocket_route("/added_plain", plain, name="six")
    below.add_api_websocket_route("/deep", talk)
    router.include_router(below, prefix="/below")
    app.include_router(router)
    made = web.routing.APIWebSocketRoute(
        path="/made",
        endpoint=talk,
        name="made",
        dependencies=dependencies,
        dependency_overrides_provider=app,
    )
    app.router.routes.append(made)

    @app.get("/paths")
    def paths() -> Any:
        return [app.url_path_for(name) for name in ("one", "two", "three", "four", "five")]

    return app


@ROUTES.program(
    *(get(f"/{name}", name=name)
      for name in ("decorated", "of_router", "added", "given", "router/given", "urls")),
    post("/decorated", name="posted"),
    post("/of_router", name="posted_to_router"),
    get("/nowhere", name="the_default").gives(418, b"nothing here"),
    socket("/nowhere", name="the_default_of_sockets"),
)  # fmt: skip
def plain_routes(web: Any, record: Any) -> Any:
    Text = web.responses.PlainTextResponse  # noqa: N806 - a class

    async def plain(request: web.Request) -> Any:
        return Text(f"{request.method} {request.url.path}")

    given = Route("/given", plain)
    app = web.FastAPI(routes=[given], openapi_url=None)

    async def nothing(scope: Any, receive: Any, send: Any) -> None:
        await Text("nothing here", 418)(scope, receive, send)

    router = web.APIRouter(routes=[Route("/router/given", plain)], default=nothing)
    app.router.route("/decorated", methods=["POST"], name="one", include_in_schema=False)(plain)
    router.route("/of_router", methods=["GET", "POST"], name="two", include_in_schema=False)(plain)
    router.add_route(
        path="/added", endpoint=plain, methods=["GET"], name="three", include_in_schema=False
    )

    @app.get("/urls")
    def urls() -> Any:
        return [app.url_path_for(name) for name in ("one", "two", "three")]

    app.include_router(router)
    app.mount("/", router)
    return app


def routes_that_tell(web: Any, app: Any, router: Any, callbacks: Any) -> None:
    """Give *router* a route that answers what has become of it in *app*, and one of plain text."""

    @callbacks.post("/called")
    def called() -> Any: ...

    @router.get("/deprecated", tags=["own"], responses={419: {}}, name="read")
    def read() -> Any:
        context = next(iter(web.routing.iter_route_contexts(app.routes)))
        return web.responses.JSONResponse([
            context.tags, context.deprecated, sorted(context.responses),
            context.include_in_schema, context.unique_id, len(context.callbacks),
        ])  # fmt: skip

    @router.get("/text")
    def text() -> Any:
        return "text"


@ROUTES.program(
    get("/in/deprecated").gives(
        200, [["outer", "inner", "own"], True, [418, 419], False, "made read", 1]
    ),
    get("/in/text").gives(200, b"text", headers={"content-type": "text/plain; charset=utf-8"}),
)
def what_an_inclusion_adds(web: Any, record: Any) -> Any:
    app = web.FastAPI(openapi_url=None)
    router, callbacks = web.APIRouter(tags=["inner"]), web.APIRouter()

    def make_id(route: Any) -> str:
        return f"made {route.name}"

    routes_that_tell(web, app, router, callbacks)

    app.include_router(
        router,
        prefix="/in",
        tags=["outer"],
        responses={418: {}},
        deprecated=True,
        include_in_schema=False,
        default_response_class=web.responses.PlainTextResponse,
        callbacks=callbacks.routes,
        generate_unique_id_function=make_id,
    )
    return app


@ROUTES.program(
    get("/a/b/deprecated").gives(
        200, [["outer", "inner", "own"], True, [418, 419], False, "made read", 1]
    ),
    get("/a/b/text").gives(200, b"text", headers={"content-type": "text/plain; charset=utf-8"}),
)
def what_a_router_s_inclusion_adds(web: Any, record: Any) -> Any:
    app, outer = web.FastAPI(openapi_url=None), web.APIRouter(prefix="/a")
    router = web.APIRouter(tags=["inner"], include_in_schema=True)
    callbacks = web.APIRouter(include_in_schema=False)

    routes_that_tell(web, app, router, callbacks)

    outer.include_router(
        router,
        prefix="/b",
        tags=["outer"],
        responses={418: {}},
        deprecated=True,
        include_in_schema=False,
        default_response_class=web.responses.PlainTextResponse,
        callbacks=callbacks.routes,
        generate_unique_id_function=lambda route: f"made {route.name}",
    )
    app.include_router(outer)
    return app


BODY = b'{"a": 1}'


@ROUTES.program(
    *(post(f"/{path}", body=BODY, headers=headers, name=f"{path}_{name}")
      for path in ("plain", "strict", "lax", "router/own", "router/inherited", "added")
      for name, headers in (("none", {}), ("json", {"content-type": "application/json"}),
                            ("text", {"content-type": "text/plain"}))),
)  # fmt: skip
def strictness_of_content_types(web: Any, record: Any) -> Any:
    app = web.FastAPI(strict_content_type=False)
    router = web.APIRouter(prefix="/router", strict_content_type=True)

    def take(body: Annotated[Any, web.Body()]) -> Any:
        return body if isinstance(body, dict) else repr(body)

    app.post("/plain")(take)
    app.router.add_api_route("/strict", take, methods=["POST"], strict_content_type=True)
    app.router.add_api_route("/lax", take, methods=["POST"], strict_content_type=False)
    router.add_api_route("/own", take, methods=["POST"], strict_content_type=False)
    router.post("/inherited")(take)
    app.add_api_route("/added", take, methods=["POST"])
    app.include_router(router)
    return app


@ROUTES.program(get("/plain").gives(200, "fake"), get("/routed").gives(200, "fake"))
def overrides_of_another_provider(web: Any, record: Any) -> Any:
    class Provider:
        def __init__(self) -> None:
            self.dependency_overrides: dict[Any, Any] = {}

    def original() -> str:
        return "original"

    def read(value: Annotated[str, web.Depends(original)]) -> str:
        return value

    provider = Provider()
    provider.dependency_overrides[original] = lambda: "fake"
    app = web.FastAPI()
    router = web.APIRouter(dependency_overrides_provider=provider)
    router.add_api_route("/plain", read)
    app.mount("/", router)
    router.routes.append(
        web.routing.APIRoute("/routed", read, dependency_overrides_provider=provider)
    )
    return app


@ROUTES.program(
    together(get("/"), lifespan=True).gives(
        200,
        order="up more-up startup.complete send:start send:end down more-down shutdown.complete",
    )
)
def events_of_a_router(web: Any, record: Any) -> Any:
    router = web.APIRouter(on_startup=[lambda: record("up")], on_shutdown=[lambda: record("down")])
    router.add_event_handler("startup", lambda: record("more-up"))
    router.on_event("shutdown")(lambda: record("more-down"))

    @router.get("/")
    def read() -> Any: ...

    app = web.FastAPI()
    app.router = router
    return app
