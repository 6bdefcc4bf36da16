"""Lifetimes relative to the bytes: streams, background tasks, handlers, middleware."""

from typing import Any

from ..case import Family, get, post
from .programs import Custom, watching

SENDING = Family("sending")


@SENDING.program(
    get("/", name="streams").gives(
        200,
        b"onetwo",
        order="+r +f endpoint -f send:start one send:body two send:body send:end background -r",
    ),
    get("/?fail=1", name="breaks").gives(
        200,
        b"one",
        error="ZeroDivisionError",
        order="+r +f endpoint -f send:start one send:body !r:ZeroDivisionError -r"
        " raised:ZeroDivisionError",
    ),
    get("/?fail=2", name="breaks_with_a_handled_error").gives(
        200,
        b"one",
        error="RuntimeError",
        order="+r +f endpoint -f send:start one send:body !r:HTTPException -r raised:RuntimeError",
    ),
    get("/?fail=3", name="breaks_before_the_first_chunk").gives(
        200,
        b"",
        error="ZeroDivisionError",
        order="+r +f endpoint -f send:start !r:ZeroDivisionError -r raised:ZeroDivisionError",
    ),
)
def streaming_response(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    watch = watching(record)

    @app.get("/")
    async def read(
        tasks: web.BackgroundTasks,
        fail: int = 0,
        r: Any = web.Depends(watch("r")),
        f: Any = web.Depends(watch("f"), scope="function"),
    ) -> Any:
        record("endpoint")
        tasks.add_task(record, "background")

        async def chunks() -> Any:
            if fail == 3:
                raise ZeroDivisionError
            record("one")
            yield b"one"
            if fail:
                raise ZeroDivisionError if fail == 1 else web.HTTPException(400)
            record("two")
            yield b"two"

        return web.responses.StreamingResponse(chunks())

    return app


@SENDING.program(
    get("/").gives(
        200,
        b"012",
        order="+r send:start send:body send:body send:body send:end -r",
        headers={"content-type": "text/csv; charset=utf-8", "content-length": None},
    ),
)
def streaming_a_plain_iterator(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read(r: Any = web.Depends(watching(record, asynchronous=False)("r"))) -> Any:
        return web.responses.StreamingResponse((str(n) for n in range(3)), media_type="text/csv")

    return app


@SENDING.program(
    get("/injected").gives(200, 1, order="endpoint send:start send:end first second"),
    get("/own").gives(200, 1, order="send:start send:end own"),
    get("/refused").gives(400, order="send:start send:end"),
    get("/sync").gives(200, order="+s send:start send:end sync coroutine -s"),
)
def background_tasks(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def add_first(tasks: web.BackgroundTasks) -> None:
        tasks.add_task(record, "first")

    async def later(word: str, *, prefix: str = "") -> None:
        record(prefix + word)

    def own() -> Any:
        tasks = web.BackgroundTasks()
        tasks.add_task(record, "own")
        return web.responses.JSONResponse(1, background=tasks)

    @app.get("/injected")
    async def injected(tasks: web.BackgroundTasks, _: None = web.Depends(add_first)) -> Any:
        record("endpoint")
        tasks.add_task(later, "ond", prefix="sec")
        return 1

    @app.get("/own")
    async def with_own() -> Any:
        return own()

    @app.get("/refused")
    async def refused(tasks: web.BackgroundTasks) -> Any:
        tasks.add_task(record, "dropped")
        raise web.HTTPException(400)

    @app.get("/sync")
    def sync(tasks: web.BackgroundTasks, s: Any = web.Depends(watching(record)("s"))) -> Any:
        tasks.add_task(record, "sync")
        tasks.add_task(later, "coroutine")

    return app


@SENDING.program(
    get("/", name="runs").gives(200, order="endpoint send:start send:end endpoint's exit's")
)
def a_task_added_by_the_exit_of_a_function_scope(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    async def opened(tasks: web.BackgroundTasks) -> Any:
        yield
        tasks.add_task(record, "exit's")

    @app.get("/")
    async def read(
        tasks: web.BackgroundTasks, o: Any = web.Depends(opened, scope="function")
    ) -> Any:
        record("endpoint")
        tasks.add_task(record, "endpoint's")

    return app


@SENDING.program(
    get("/returned").gives(200, headers={"x-late": "1"}),
    get("/injected").gives(200, headers={"x-late": None}),
)
def a_function_scope_can_still_change_a_returned_response(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    kept: list[Any] = []

    async def opened(response: web.Response) -> Any:
        yield
        (kept or [response])[-1].headers["x-late"] = "1"

    late = web.Depends(opened, scope="function")

    @app.get("/returned")
    async def returned(o: Any = late) -> Any:
        kept.append(web.responses.JSONResponse(1))
        return kept[-1]

    @app.get("/injected")
    async def injected(o: Any = late) -> Any:
        return 1

    return app


@SENDING.program(
    get("/plain", name="plain").gives(
        500,
        {"sorry": "broken"},
        error="ZeroDivisionError",
        order="+r !r:ZeroDivisionError -r server-handler send:start send:end"
        " raised:ZeroDivisionError",
    ),
    get("/derived", name="by_base_class").gives(502, order="+r !r:Derived -r send:start send:end"),
    get("/absent", name="404").gives(404, {"nothing": "/absent"}),
    post("/plain", name="405").gives(405, {"not": "POST"}, headers={"x-own": "1"}),
    get("/number/x", name="validation").gives(400, {"errors": [["path", "number"]], "body": None}),
    post("/body", json={"x": 1}, name="validation_body").gives(
        400, {"errors": [["body"]], "body": {"x": 1}}
    ),
    get("/broken-handler", name="a_handler_that_fails").gives(
        500,
        error="ZeroDivisionError",
        order="server-handler send:start send:end raised:ZeroDivisionError",
    ),
)
def handlers(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    class Derived(Custom): ...

    class BrokenError(Exception): ...

    @app.exception_handler(Exception)
    async def handle_all(request: Any, error: Exception) -> Any:
        record("server-handler")
        return web.responses.JSONResponse({"sorry": str(error)}, 500)

    @app.exception_handler(Custom)
    def handle_custom(request: Any, error: Custom) -> Any:
        return web.responses.JSONResponse(None, 502)

    @app.exception_handler(BrokenError)
    async def handle_broken(request: Any, error: BrokenError) -> Any:
        raise ZeroDivisionError("in the handler")

    @app.exception_handler(404)
    async def handle_404(request: Any, error: Any) -> Any:
        return web.responses.JSONResponse({"nothing": request.url.path}, 404)

    @app.exception_handler(405)
    async def handle_405(request: Any, error: Any) -> Any:
        return web.responses.JSONResponse({"not": request.method}, 405, headers={"X-Own": "1"})

    @app.exception_handler(web.exceptions.RequestValidationError)
    async def handle_validation(request: Any, error: Any) -> Any:
        return web.responses.JSONResponse(
            {"errors": [one["loc"] for one in error.errors()], "body": error.body}, 400
        )

    @app.get("/plain")
    async def plain(r: Any = web.Depends(watching(record)("r"))) -> Any:
        raise ZeroDivisionError("broken")

    @app.get("/derived")
    async def derived(r: Any = web.Depends(watching(record)("r"))) -> Any:
        raise Derived

    @app.get("/number/{number}")
    async def number(number: int) -> Any: ...

    @app.post("/body")
    async def body(body: list[int]) -> Any: ...

    @app.get("/broken-handler")
    async def broken() -> Any:
        raise BrokenError

    return app


@SENDING.program(
    get("/").gives(
        200,
        headers={"x-http": "1", "x-pure": "1"},
        order="pure< http< +r +f endpoint -f http> send:start send:body send:end"
        " background -r pure>",
    ),
    get("/fail", name="failing").gives(
        500,
        error="ZeroDivisionError",
        order="pure< http< +r !r:ZeroDivisionError -r send:start send:end raised:ZeroDivisionError",
    ),
    get("/refuse", name="refusing").gives(
        400, order="pure< http< +r !r:HTTPException -r http> send:start send:body send:end pure>"
    ),
    get("/absent", name="absent").gives(
        404, order="pure< http< http> send:start send:body send:end pure>"
    ),
)
def middleware(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    watch = watching(record)

    @app.middleware("http")
    async def http(request: Any, call_next: Any) -> Any:
        record("http<")
        response = await call_next(request)
        record("http>")
        response.headers["x-http"] = "1"
        return response

    class Pure:
        def __init__(self, app: Any, header: str) -> None:
            self.app = app
            self.header = header.encode()

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            async def send_more(message: Any) -> None:
                if message["type"] == "http.response.start":
                    message["headers"] = [*message["headers"], (self.header, b"1")]
                await send(message)

            record("pure<")
            await self.app(scope, receive, send_more)
            record("pure>")

    app.add_middleware(Pure, header="x-pure")

    @app.get("/")
    async def read(
        tasks: web.BackgroundTasks,
        r: Any = web.Depends(watch("r")),
        f: Any = web.Depends(watch("f"), scope="function"),
    ) -> Any:
        record("endpoint")
        tasks.add_task(record, "background")

    @app.get("/fail")
    async def fail(r: Any = web.Depends(watch("r"))) -> Any:
        raise ZeroDivisionError

    @app.get("/refuse")
    async def refuse(r: Any = web.Depends(watch("r"))) -> Any:
        raise web.HTTPException(400)

    return app


@SENDING.program(
    get("/", name="succeeds").gives(
        200,
        1,
        headers={"x-route": "1"},
        order="handler< +r handler> send:start send:end -r",
    ),
    get("/?fail=1", name="catches_before_the_generators").gives(
        503, order="handler< +r send:start send:end -r"
    ),
)
def a_route_class_with_its_own_handler(web: Any, record: Any) -> Any:
    class Route(web.routing.APIRoute):  # type: ignore[misc]
        def get_route_handler(self) -> Any:
            inner = super().get_route_handler()

            async def handle(request: Any) -> Any:
                record("handler<")
                try:
                    response = await inner(request)
                except ZeroDivisionError:
                    return web.responses.PlainTextResponse("", 503)
                record("handler>")
                response.headers["x-route"] = "1"
                return response

            return handle

    app = web.FastAPI()
    app.router.route_class = Route

    @app.get("/")
    async def read(fail: int = 0, r: Any = web.Depends(watching(record)("r"))) -> Any:
        if fail:
            raise ZeroDivisionError
        return 1

    return app
