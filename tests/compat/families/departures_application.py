"""Departures of whole applications: lists of dependencies, start-up, mounted applications."""

import functools
from contextlib import asynccontextmanager
from typing import Any

from ..case import Family, get, together

MOUNTED = Family("departures_application")


@MOUNTED.program(
    get("/")
    .gives(200, order="once send:start send:end")
    .but(200, order="once once send:start send:end"),
    section="17.13",
)
def use_cache_counts_in_lists_of_dependencies(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    fresh = web.Depends(functools.partial(record, "once"), use_cache=False)

    @app.get("/", dependencies=[fresh, fresh])
    def read() -> Any: ...

    return app


@MOUNTED.program(
    together(lifespan=True)
    .gives(order="app r r startup.complete shutdown.complete")
    .but(order="app r startup.complete shutdown.complete"),
    section="17.13",
)
def start_up_handlers_run_once(web: Any, record: Any) -> Any:
    app = web.FastAPI(on_startup=[lambda: record("app")])
    app.include_router(web.APIRouter(on_startup=[lambda: record("r")]))
    return app


@MOUNTED.program(
    together(get("/sub/"), lifespan=True)
    .gives(
        500,
        error="AttributeError",
        order="+app startup.complete send:start send:end raised:AttributeError"
        " -app shutdown.complete",
    )
    .but(
        200,
        "sub",
        order="+app +sub startup.complete send:start send:end -sub -app shutdown.complete",
    ),
    section="17.13",
)
def lifespans_of_mounted_applications_run(web: Any, record: Any) -> Any:
    def lifespan(name: str) -> Any:
        @asynccontextmanager
        async def opened(app: Any) -> Any:
            record(f"+{name}")
            yield {name: name}
            record(f"-{name}")

        return opened

    app, sub = web.FastAPI(lifespan=lifespan("app")), web.FastAPI(lifespan=lifespan("sub"))

    @sub.get("/")
    async def read(request: web.Request) -> Any:
        return request.state.sub

    app.mount("/sub", sub)
    return app


@MOUNTED.program(
    get("/sub/", name="none_of_its_own").gives(200, "original").but(200, "parent's"),
    get("/own/", name="its_own").gives(200, "its own"),
    section="17.13",
)
def overrides_reach_mounted_applications(web: Any, record: Any) -> Any:
    app, sub, own = web.FastAPI(), web.FastAPI(), web.FastAPI()

    def original() -> Any:
        return "original"

    @sub.get("/")
    @own.get("/")
    def read(value: Any = web.Depends(original)) -> Any:
        return value

    app.dependency_overrides[original] = lambda: "parent's"
    own.dependency_overrides[original] = lambda: "its own"
    app.mount("/sub", sub)
    app.mount("/own", own)
    return app


@MOUNTED.program(
    together(lifespan=True)
    .gives(error="TypeError", order="startup.failed raised:TypeError")
    .but(order="+ startup.complete - shutdown.complete"),
    section="reference 004",
)
def a_def_lifespan_under_asynccontextmanager(web: Any, record: Any) -> Any:
    @asynccontextmanager  # type: ignore[arg-type]
    def lifespan(app: Any) -> Any:
        record("+")
        yield
        record("-")

    return web.FastAPI(lifespan=lifespan)


@MOUNTED.program(
    get("/", name="inner")
    .gives(200, order="endpoint send:start send:end request-scope")
    .but(500, error="KeyError", order="endpoint send:start send:end raised:KeyError"),
    get("/function", name="function")
    .gives(200, order="endpoint function-scope send:start send:end")
    .but(500, error="KeyError", order="endpoint send:start send:end raised:KeyError"),
    section="7",
)
def exit_stacks_in_the_asgi_scope(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    async def inner(request: web.Request) -> Any:
        record("endpoint")
        request.scope["fastapi_inner_astack"].callback(record, "request-scope")

    @app.get("/function")
    async def function(request: web.Request) -> Any:
        record("endpoint")
        request.scope["fastapi_function_astack"].callback(record, "function-scope")

    return app


@MOUNTED.program(
    get("/outer/items/3")
    .gives(200, ["/items/{number}", "/items/{number}"])
    .but(200, ["/outer/items/{number}", "/outer/items/{number}"]),
    section="what middleware sees",
)
def the_route_that_an_included_router_answers_with(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    router = web.APIRouter(prefix="/items")

    @router.get("/{number}")
    def read(request: web.Request, number: int) -> Any:
        route = request.scope["route"]
        return [route.path, route.path_format]

    app.include_router(router, prefix="/outer")
    return app


@MOUNTED.program(
    get("/requests", name="requests").gives(500, error="TypeError").but(200, True),
    get("/oauth", name="oauth_scopes").gives(500, error="TypeError").but(200, [["a"], ["a"]]),
    section="fault of the original",
)
def two_parameters_of_a_type_that_is_filled(web: Any, record: Any) -> Any:
    """FastAPI notes one name for each of these types."""
    app = web.FastAPI()

    @app.get("/requests")
    def requests(one: web.Request, other: web.Request) -> Any:
        return one is other

    def of_scopes(one: web.security.SecurityScopes, other: web.security.SecurityScopes) -> Any:
        return [one.scopes, other.scopes]

    @app.get("/oauth")
    def oauth(found: Any = web.Security(of_scopes, scopes=["a"])) -> Any:
        return found

    return app


@MOUNTED.program(
    get("/").gives(error="AssertionError").but(200, 1, order="+value send:start send:end -value")
)
def a_router_that_is_served_alone(web: Any, record: Any) -> Any:
    """FastAPI's routes need what its application puts around them."""
    router = web.APIRouter()

    async def value() -> Any:
        record("+value")
        yield 1
        record("-value")

    @router.get("/")
    async def read(number: int = web.Depends(value)) -> Any:
        return number

    return router
