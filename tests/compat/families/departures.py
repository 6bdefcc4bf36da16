"""Where Tenure departs on purpose: what each of the two frameworks answers.

`gives` states FastAPI's answer, `but` states Tenure's. Each program is a row of the table in
`docs/compatibility.md`, under its name. This module holds lifetimes and failures,
`departures_application.py` whole applications, `departures_declared.py` declarations.
"""

from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import Any

import anyio
import anyio.lowlevel

from ..case import Family, get
from .programs import watching

DEPARTURES = Family("departures")


@DEPARTURES.program(
    get("/endpoint", name="sync_endpoint").gives(200, "unset").but(200, "set"),
    get("/async-endpoint", name="async_endpoint").gives(200, "unset").but(200, "set"),
    get("/exit", name="own_exit")
    .gives(200, order="endpoint send:start send:end exit:unset")
    .but(200, order="endpoint send:start send:end exit:set"),
    get("/reset", name="token")
    .gives(200, order="send:start send:end raised:ValueError", error="ValueError")
    .but(200, order="send:start send:end"),
    get("/set-by-endpoint", name="endpoint_to_exit")
    .gives(200, order="send:start send:end exit:unset")
    .but(200, order="send:start send:end exit:endpoint"),
    section="17.1",
)
def context_variables_of_def_functions(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    variable: ContextVar[str] = ContextVar("variable", default="unset")

    def setter() -> None:
        variable.set("set")

    def opened() -> Any:
        variable.set("set")
        yield
        record(f"exit:{variable.get()}")

    def resetting() -> Any:
        token = variable.set("set")
        yield
        try:
            variable.reset(token)
        except ValueError:
            raise ValueError("another context") from None

    def looking() -> Any:
        yield
        record(f"exit:{variable.get()}")

    @app.get("/endpoint")
    def endpoint(_: None = web.Depends(setter)) -> Any:
        return variable.get()

    @app.get("/async-endpoint")
    async def async_endpoint(_: None = web.Depends(setter)) -> Any:
        return variable.get()

    @app.get("/exit")
    def own_exit(_: None = web.Depends(opened)) -> Any:
        record("endpoint")

    @app.get("/reset")
    def reset(_: None = web.Depends(resetting)) -> Any: ...

    @app.get("/set-by-endpoint")
    def set_by_endpoint(_: None = web.Depends(looking)) -> Any:
        variable.set("endpoint")

    return app


@DEPARTURES.program(
    get("/")
    .gives(200, order="+f +r +g endpoint -g -f send:start send:end -r")
    .but(200, order="+r +f +g endpoint -g -f send:start send:end -r"),
    section="17.2",
)
def wide_scopes_open_first(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    watch = watching(record)

    @app.get("/")
    async def read(
        f: Any = web.Depends(watch("f"), scope="function"),
        r: Any = web.Depends(watch("r")),
        g: Any = web.Depends(watch("g"), scope="function"),
    ) -> Any:
        record("endpoint")

    return app


@DEPARTURES.program(
    get("/?word=a")
    .gives(200, order="child parent child send:start send:end")
    .but(200, order="child parent send:start send:end"),
    section="17.4",
)
def a_cached_node_is_solved_once(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def child() -> None:
        record("child")

    def parent(word: str, _: None = web.Depends(child, use_cache=False)) -> None:
        record("parent")

    def beside(_: None = web.Depends(parent)) -> None: ...

    @app.get("/")
    def read(a: None = web.Depends(parent), b: None = web.Depends(beside)) -> Any: ...

    return app


@DEPARTURES.program(
    get("/function", name="in_function_scope")
    .gives(
        500,
        error="UnboundLocalError",
        order="+r +quiet endpoint -quiet !r:UnboundLocalError -r send:start send:end"
        " raised:UnboundLocalError",
    )
    .but(
        500,
        error="FastAPIError",
        order="+r +quiet endpoint -quiet !r:SwallowedError -r send:start send:end"
        " raised:FastAPIError",
    ),
    get("/request", name="in_request_scope")
    .gives(
        500,
        error="FastAPIError",
        order="+r +quiet endpoint -quiet -r send:start send:end raised:FastAPIError",
    )
    .but(
        500,
        error="FastAPIError",
        order="+r +quiet endpoint -quiet !r:SwallowedError -r send:start send:end"
        " raised:FastAPIError",
    ),
    get("/none", name="no_yield")
    .gives(
        500,
        error="RuntimeError",
        order="+r !r:RuntimeError -r send:start send:end raised:RuntimeError",
    )
    .but(
        500,
        error="FastAPIError",
        order="+r !r:DidNotYieldError -r send:start send:end raised:FastAPIError",
    ),
    get("/two", name="two_yields")
    .gives(
        500,
        error="RuntimeError",
        order="+r endpoint !r:RuntimeError -r send:start send:end raised:RuntimeError",
    )
    .but(
        500,
        error="FastAPIError",
        order="+r endpoint !r:YieldedTwiceError -r send:start send:end raised:FastAPIError",
    ),
    section="17.5",
)
def one_kind_of_error_for_a_broken_yield(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    wide = web.Depends(watching(record)("r"))

    async def quiet() -> Any:
        record("+quiet")
        try:
            yield
        except ZeroDivisionError:
            record("-quiet")

    async def none() -> Any:
        if record is None:
            yield

    async def two() -> Any:
        yield
        yield

    @app.get("/function")
    async def function(r: Any = wide, q: Any = web.Depends(quiet, scope="function")) -> Any:
        record("endpoint")
        raise ZeroDivisionError

    @app.get("/request")
    async def request(r: Any = wide, q: Any = web.Depends(quiet)) -> Any:
        record("endpoint")
        raise ZeroDivisionError

    @app.get("/none")
    async def without(r: Any = wide, n: Any = web.Depends(none)) -> Any: ...

    @app.get("/two")
    async def twice(r: Any = wide, t: Any = web.Depends(two, scope="function")) -> Any:
        record("endpoint")

    return app


@DEPARTURES.program(
    get("/sync", name="contextmanager")
    .gives(500, error="TypeError")
    .but(200, "value", order="+cm send:start send:end -cm"),
    get("/async", name="asynccontextmanager")
    .gives(500, error="TypeError")
    .but(200, "value", order="+cm send:start send:end -cm"),
    section="17.6",
)
def context_manager_functions_are_dependencies(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @contextmanager
    def sync() -> Any:
        record("+cm")
        yield "value"
        record("-cm")

    @asynccontextmanager
    async def asynchronous() -> Any:
        record("+cm")
        yield "value"
        record("-cm")

    @app.get("/sync")
    def read_sync(value: Any = web.Depends(sync)) -> Any:
        return value

    @app.get("/async")
    def read_async(value: Any = web.Depends(asynchronous)) -> Any:
        return value

    return app


@DEPARTURES.program(
    get("/")
    .gives(
        200,
        error="ZeroDivisionError",
        order="+r endpoint send:start send:end first !r:ZeroDivisionError -r"
        " raised:ZeroDivisionError",
    )
    .but(
        200,
        error="ZeroDivisionError",
        order="+r endpoint send:start send:end first last -r raised:ZeroDivisionError",
    ),
    section="17.7",
)
def a_failing_background_task_stops_nobody(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def fail() -> None:
        record("first")
        raise ZeroDivisionError

    @app.get("/")
    async def read(tasks: web.BackgroundTasks, r: Any = web.Depends(watching(record)("r"))) -> Any:
        record("endpoint")
        tasks.add_task(fail)
        tasks.add_task(record, "last")

    return app


@DEPARTURES.program(
    get("/")
    .gives(200, order="endpoint send:start send:end added")
    .but(
        200,
        error="FastAPIError",
        order="endpoint send:start send:end raised:FastAPIError",
    ),
    section="17.7",
)
def a_task_that_can_no_longer_run(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    async def opened(tasks: web.BackgroundTasks) -> Any:
        yield
        tasks.add_task(record, "never")
        record("added")

    @app.get("/")
    async def read(o: Any = web.Depends(opened)) -> Any:
        record("endpoint")

    return app


@DEPARTURES.program(
    get("/", leaves_after=2, spec_version="2.3", name="older_servers")
    .gives(200, order="+r send:start send:body body> background -r")
    .but(200, order="+r send:start send:body body> background !r:ClientDisconnect -r"),
    get("/", leaves_after=2, spec_version="2.4", name="newer_servers")
    .gives(
        200,
        error="ClientDisconnect",
        order="+r send:start send:body !r:ClientDisconnect -r raised:ClientDisconnect body>",
    )
    .but(200, order="+r send:start send:body body> background !r:ClientDisconnect -r"),
    section="17.8, 17.9",
)
def a_client_that_leaves_during_a_stream(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    async def read(tasks: web.BackgroundTasks, r: Any = web.Depends(watching(record)("r"))) -> Any:
        tasks.add_task(record, "background")

        async def chunks() -> Any:
            try:
                while True:
                    yield b"chunk"
                    await anyio.lowlevel.checkpoint()
            finally:
                record("body>")

        return web.responses.StreamingResponse(chunks())

    return app


@DEPARTURES.program(
    get("/", cancelled_at="-r<", name="during_an_exit")
    .gives(200, error="CancelledError", order="send:start send:end -r< raised:CancelledError")
    .but(200, error="CancelledError", order="send:start send:end -r< -r> raised:CancelledError"),
    section="17.10",
)
def exits_are_shielded_from_native_cancellation(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    async def opened() -> Any:
        yield
        record("-r<")
        await anyio.lowlevel.checkpoint()
        record("-r>")

    @app.get("/")
    async def read(o: Any = web.Depends(opened)) -> Any: ...

    return app


@DEPARTURES.program(
    get("/").gives(500, error="ExceptionGroup").but(418, {"detail": "tea"}),
    get("/child", name="of_a_child").gives(500, error="ExceptionGroup").but(418, {"detail": "tea"}),
    get("/own", name="of_the_endpoint")
    .gives(500, error="ExceptionGroup")
    .but(418, {"detail": "tea"}),
    section="17.11",
)
def an_http_error_through_a_task_group(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    async def group() -> Any:
        async with anyio.create_task_group() as tasks:
            yield tasks

    @app.get("/")
    async def read(tasks: Any = web.Depends(group)) -> Any:
        raise web.HTTPException(418, "tea")

    async def refuse() -> None:
        raise web.HTTPException(418, "tea")

    @app.get("/child")
    async def wait(tasks: Any = web.Depends(group)) -> Any:
        tasks.start_soon(refuse)
        await anyio.sleep_forever()

    @app.get("/own")
    async def hold() -> Any:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(refuse)
            await anyio.sleep_forever()

    return app
