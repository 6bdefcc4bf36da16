"""Small public names: what a program can look up, and what routes say of themselves."""

from typing import Any

from ..case import Family, get

SURFACE = Family("surface")


@SURFACE.program(
    get("/contexts").gives(
        200,
        [
            ["/contexts", "contexts", ["GET"], "/contexts"],
            ["/outer/inner/{number:int}", "item", ["PUT"], "/{number:int}"],
            ["/outer/socket", "talk", None, "/socket"],
            ["/outer/late", "late", ["GET"], "/late"],
        ],
    )
)
def the_routes_as_they_answer(web: Any, record: Any) -> Any:
    app = web.FastAPI(openapi_url=None)
    outer, inner = web.APIRouter(), web.APIRouter()

    def facts(one: web.routing.RouteContext) -> Any:
        assert callable(one.endpoint)
        assert one.path_format.replace(":int", "") == one.path.replace(":int", "")
        return [one.path, one.name, one.methods and sorted(one.methods), one.original_route.path]

    @app.get("/contexts")
    def contexts() -> Any:
        found = list(web.routing.iter_route_contexts(app.routes))
        again = list(web.routing.iter_route_contexts(found))
        assert all(isinstance(each, web.routing.RouteContext) for each in again)
        first = app.router.routes[0]
        assert web.routing.RouteContext(route=first).original_route is first
        return [facts(one) for one in again]

    @inner.put("/{number:int}")
    def item(number: int) -> Any: ...

    outer.include_router(inner, prefix="/inner")

    @outer.websocket("/socket")
    async def talk(websocket: web.WebSocket) -> None: ...

    app.include_router(outer, prefix="/outer")

    @outer.get("/late")
    def late() -> Any: ...

    return app


@SURFACE.program(
    get("/items/7").gives(
        200, ["/items/{number}", ["read", "tag"], "/items/{number}", 201, "about it"]
    )
)
def attributes_of_a_route_context(web: Any, record: Any) -> Any:
    app = web.FastAPI(openapi_url=None)
    router = web.APIRouter(tags=["read"])

    @router.get("/{number}", tags=["tag"], status_code=201, summary="about it")
    def read(number: int) -> Any: ...

    app.include_router(router, prefix="/items")

    @app.get("/items/{number}")
    def never() -> Any: ...

    first = next(iter(web.routing.iter_route_contexts(app.routes)))
    app.router.routes.clear()

    @app.get("/items/{number}")
    def show() -> Any:
        return [first.path_format, first.tags, first.path, first.status_code, first.summary]

    return app


@SURFACE.program(
    get("/own").gives(200, "Special", headers={"x-class": "special"}),
    get("/plain").gives(200, "APIRoute", headers={"x-class": None}),
)
def a_class_for_one_route(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    class Special(web.routing.APIRoute):  # type: ignore[misc]
        def get_route_handler(self) -> Any:
            handle = super().get_route_handler()

            async def marked(request: Any) -> Any:
                response = await handle(request)
                response.headers["x-class"] = "special"
                return response

            return marked

    def kind(request: web.Request) -> str:
        return type(request.scope["route"]).__name__

    app.router.add_api_route("/own", kind, route_class_override=Special)
    app.router.add_api_route("/plain", kind)
    return app


@SURFACE.program(get("/").gives(200, ["2000-01-02", 3, 2.5]))
def encoders_by_keyword(web: Any, record: Any) -> Any:
    from datetime import date
    from decimal import Decimal

    app = web.FastAPI()
    encoders = web.encoders

    @app.get("/")
    def read() -> Any:
        return [
            encoders.isoformat(o=date(2000, 1, 2)),
            encoders.decimal_encoder(dec_value=Decimal(3)),
            encoders.decimal_encoder(dec_value=Decimal("2.5")),
        ]

    return app


@SURFACE.program(
    get("/").gives(200, "read", order="setup read stack send:start send:end"),
    get("/openapi.json", name="document").gives(200),
)
def applications_of_one_s_own(web: Any, record: Any) -> Any:
    class Own(web.FastAPI):  # type: ignore[misc]
        def setup(self) -> None:
            record("setup")
            super().setup()

        def build_middleware_stack(self) -> Any:
            record("read")
            stack = super().build_middleware_stack()
            record("stack")
            return stack

    app = Own(title="Own")

    @app.get("/")
    def read() -> str:
        return "read"

    return app
