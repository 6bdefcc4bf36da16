"""Start-up and shutdown: order, state, failures."""

from contextlib import asynccontextmanager
from typing import Any

from ..case import Family, get, together

LIFESPANS = Family("lifespans")


def lifespan(record: Any, name: str, state: dict[str, Any] | None = None) -> Any:
    @asynccontextmanager
    async def opened(app: Any) -> Any:
        record(f"+{name}")
        try:
            yield state
        finally:
            record(f"-{name}")

    return opened


@LIFESPANS.program(
    together(get("/"), lifespan=True).gives(
        200,
        {"db": "app", "own": 1, "router": 2},
        order="+app +outer +inner startup.complete endpoint send:start send:end"
        " -inner -outer -app shutdown.complete",
    )
)
def lifespans_of_routers_nest_in_the_application_s(web: Any, record: Any) -> Any:
    app = web.FastAPI(lifespan=lifespan(record, "app", {"db": "app", "own": 1}))
    outer = web.APIRouter(lifespan=lifespan(record, "outer", {"db": "outer", "router": 2}))
    inner = web.APIRouter(lifespan=lifespan(record, "inner"))

    @inner.get("/")
    async def read(request: web.Request) -> Any:
        record("endpoint")
        return dict(request.state._state)

    outer.include_router(inner)
    app.include_router(outer)
    return app


@LIFESPANS.program(
    together(get("/"), get("/"), lifespan=True).gives(
        200,
        [1, 2],
        order="startup.complete send:start send:end send:start send:end shutdown.complete",
    )
)
def the_state_s_values_are_shared_by_requests(web: Any, record: Any) -> Any:
    app = web.FastAPI(lifespan=lifespan(lambda word: None, "", {"seen": []}))

    @app.get("/")
    async def read(request: web.Request) -> Any:
        request.state.own = 1
        request.state.seen.append(len(request.state.seen) + 1)
        return request.state.seen

    return app


@LIFESPANS.program(
    together(lifespan=True).gives(
        error="ZeroDivisionError", order="+app +broken -app startup.failed raised:ZeroDivisionError"
    ),
)
def a_start_that_fails_closes_what_is_open(web: Any, record: Any) -> Any:
    @asynccontextmanager
    async def broken(app: Any) -> Any:
        record("+broken")
        raise ZeroDivisionError
        yield

    app = web.FastAPI(lifespan=lifespan(record, "app"))
    app.include_router(web.APIRouter(lifespan=broken))
    return app


@LIFESPANS.program(
    together(lifespan=True).gives(
        error="ZeroDivisionError",
        order="+app startup.complete broken -app shutdown.failed raised:ZeroDivisionError",
    ),
)
def a_shutdown_that_fails(web: Any, record: Any) -> Any:
    @asynccontextmanager
    async def broken(app: Any) -> Any:
        yield
        record("broken")
        raise ZeroDivisionError

    app = web.FastAPI(lifespan=lifespan(record, "app"))
    app.include_router(web.APIRouter(lifespan=broken))
    return app


@LIFESPANS.program(
    together(lifespan=True).gives(
        order="first second startup.complete last shutdown.complete",
    )
)
def handlers_of_start_and_shutdown(web: Any, record: Any) -> Any:
    app = web.FastAPI(on_startup=[lambda: record("first")], on_shutdown=[lambda: record("last")])

    async def second() -> None:
        record("second")

    app.router.add_event_handler("startup", second)
    return app


@LIFESPANS.program(
    together(lifespan=True).gives(order="event startup.complete event shutdown.complete")
)
def on_event(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.on_event("startup")
    @app.on_event("shutdown")
    async def event() -> None:
        record("event")

    return app


@LIFESPANS.program(
    together(get("/"), lifespan=True).gives(
        200, order="+app startup.complete +r endpoint send:start send:end -r -app shutdown.complete"
    )
)
def requests_run_inside_the_lifespan(web: Any, record: Any) -> Any:
    app = web.FastAPI(lifespan=lifespan(record, "app"))

    async def opened() -> Any:
        record("+r")
        yield
        record("-r")

    @app.get("/")
    async def read(r: None = web.Depends(opened)) -> Any:
        record("endpoint")

    return app


@LIFESPANS.program(
    together(lifespan=True, name="async").gives(order="+ startup.complete - shutdown.complete"),
)
def a_bare_async_generator(web: Any, record: Any) -> Any:
    async def bare(app: Any) -> Any:
        record("+")
        yield
        record("-")

    return web.FastAPI(lifespan=bare)


@LIFESPANS.program(
    together(lifespan=True).gives(order="+ startup.complete - shutdown.complete"),
)
def a_class_as_lifespan(web: Any, record: Any) -> Any:
    class Life:
        def __init__(self, app: Any) -> None:
            pass

        async def __aenter__(self) -> None:
            record("+")

        async def __aexit__(self, *failure: object) -> None:
            record("-")

    return web.FastAPI(lifespan=Life)
