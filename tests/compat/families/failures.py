"""Who fails, with what, and who sees it: a grid over the places where a request can break."""

from collections.abc import Callable
from typing import Any

from ..case import Family, get
from .programs import Custom, watching

FAILURES = Family("failures")

PLACES = ("setup", "endpoint", "function_exit", "request_exit", "model")
KINDS = ("http", "handled", "plain", "status_handled")

# (place, kind) -> order, for both kinds of generators. What the contract (section 6) states:
# a failure goes through what is open, inmost first; only then does a handler answer.
SEEN = "!f:{0} -f !r:{0} -r send:start send:end"
ORDERS = {
    "setup": "+r +f !f:{0} -f !r:{0} -r send:start send:end",
    "endpoint": "+r +f endpoint !f:{0} -f !r:{0} -r send:start send:end",
    "function_exit": "+r +f endpoint -f !r:{0} -r send:start send:end",
    "request_exit": "+r +f endpoint -f send:start send:end background -r",
    "model": "+r +f endpoint !f:{0} -f !r:{0} -r send:start send:end",
}


def failure(web: Any, kind: str) -> Exception:
    if kind == "http":
        return web.HTTPException(418, "short", headers={"x-pot": "tea"})  # type: ignore[no-any-return]
    if kind == "status_handled":
        return web.HTTPException(419, {"any": ["json"]})  # type: ignore[no-any-return]
    if kind == "handled":
        return Custom("broken")
    return ZeroDivisionError("broken")


def build_for(place: str, kind: str, *, asynchronous: bool) -> Any:
    """One endpoint under a request-scoped and a function-scoped generator, one of which breaks."""

    def build(web: Any, record: Any) -> Any:
        app = web.FastAPI()

        def fail_at(here: str) -> None:
            if here == place:
                raise failure(web, kind)

        @app.exception_handler(Custom)
        async def handle(request: Any, error: Custom) -> Any:
            return web.responses.PlainTextResponse(f"custom {error}", 512)

        @app.exception_handler(419)
        def handle_status(request: Any, error: Any) -> Any:
            return web.responses.JSONResponse({"handled": error.detail}, 420)

        watch = watching(record, asynchronous=asynchronous)
        wide = watch("r", exit=lambda: fail_at("request_exit"))
        narrow = watch("f", exit=lambda: fail_at("function_exit"))

        def last() -> None:
            fail_at("setup")

        @app.get("/", response_model=int)
        async def endpoint(
            tasks: web.BackgroundTasks,
            r: Any = web.Depends(wide),
            f: Any = web.Depends(narrow, scope="function"),
            none: None = web.Depends(last),
        ) -> Any:
            record("endpoint")
            tasks.add_task(record, "background")
            fail_at("endpoint")
            return "no number" if place == "model" else 1

        return app

    return build


STATUS = {"http": 418, "handled": 512, "plain": 500, "status_handled": 420}
NAMES = {
    "http": "HTTPException",
    "status_handled": "HTTPException",
    "handled": "Custom",
    "plain": "ZeroDivisionError",
}


def stated(place: str, kind: str) -> dict[str, Any]:
    if place == "model":
        error = "ResponseValidationError"
        return {"status": 500, "error": error, "order": _order(place, error, error)}
    if place == "request_exit":
        # The response has gone: a handled kind cannot become another one.
        error = "ZeroDivisionError" if kind == "plain" else "RuntimeError"
        return {"status": 200, "error": error, "order": _order(place, NAMES[kind], error)}
    if kind == "plain":
        error = NAMES[kind]
        return {"status": 500, "error": error, "order": _order(place, error, error)}
    return {"status": STATUS[kind], "order": _order(place, NAMES[kind], None)}


def _order(place: str, seen: str, raised: str | None) -> str:
    order = ORDERS[place].format(seen)
    return f"{order} raised:{raised}" if raised else order


for _place in PLACES:
    for _kind in KINDS if _place != "model" else ("plain",):
        for _asynchronous in (True, False):
            _style = "async" if _asynchronous else "sync"
            FAILURES.add(
                f"{_place}-{_kind}-{_style}",
                build_for(_place, _kind, asynchronous=_asynchronous),
                get("/").gives(**stated(_place, _kind)),
            )


def replacing(record: Callable[[str], None], name: str, error: Callable[[], Exception]) -> Any:
    """A generator that answers every failure with one of its own."""

    async def opened() -> Any:
        record(f"+{name}")
        try:
            yield name
        except Exception as seen:
            record(f"!{name}:{type(seen).__name__}<{type(seen.__context__).__name__}")
            raise error() from None

    return opened


@FAILURES.program(
    get("/outer-decides").gives(
        418,
        {"detail": "tea"},
        order="+outer +middle +inner endpoint !inner:ZeroDivisionError<NoneType"
        " !middle:Custom<ZeroDivisionError !outer:KeyError<Custom send:start send:end",
    ),
    get("/to-plain").gives(
        500,
        error="KeyError",
        order="+inner !inner:HTTPException<NoneType send:start send:end raised:KeyError",
    ),
)
def replaced_failures(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    outer = replacing(record, "outer", lambda: web.HTTPException(418, "tea"))
    middle = replacing(record, "middle", lambda: KeyError("middle"))
    inner = replacing(record, "inner", lambda: Custom("inner"))
    to_plain = replacing(record, "inner", lambda: KeyError("inner"))

    @app.get("/outer-decides")
    async def first(
        o: Any = web.Depends(outer), m: Any = web.Depends(middle), i: Any = web.Depends(inner)
    ) -> Any:
        record("endpoint")
        raise ZeroDivisionError

    @app.get("/to-plain")
    async def second(i: Any = web.Depends(to_plain)) -> Any:
        raise web.HTTPException(400)

    return app


@FAILURES.program(
    get("/generator", name="http_error_of_a_setup").gives(
        401, {"detail": "Unauthorized"}, order="+a !a:HTTPException -a send:start send:end"
    ),
    get("/first", name="later_siblings_do_not_run").gives(401, order="send:start send:end"),
    get("/headers", name="headers_are_lost").gives(401, headers={"x-lost": None}),
    get("/own-headers", name="headers_of_the_error").gives(
        401, headers={"www-authenticate": "Basic"}
    ),
    get("/bodiless", name="no_body_for_304").gives(304, b""),
)
def refusing_dependencies(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    async def refuse() -> Any:
        raise web.HTTPException(401)

    async def refuse_opening() -> Any:
        raise web.HTTPException(401)
        yield

    def set_header(response: web.Response) -> None:
        response.headers["x-lost"] = "1"

    def refuse_with_header() -> None:
        raise web.HTTPException(status_code=401, headers={"WWW-Authenticate": "Basic"})

    def not_modified() -> None:
        raise web.HTTPException(304)

    opened = watching(record)("a")

    @app.get("/generator")
    async def one(a: Any = web.Depends(opened), r: Any = web.Depends(refuse_opening)) -> Any: ...

    @app.get("/first")
    async def two(r: Any = web.Depends(refuse), a: Any = web.Depends(opened)) -> Any: ...

    @app.get("/headers")
    async def three(h: Any = web.Depends(set_header), r: Any = web.Depends(refuse)) -> Any: ...

    @app.get("/own-headers")
    async def four(r: Any = web.Depends(refuse_with_header)) -> Any: ...

    @app.get("/bodiless")
    async def five(r: Any = web.Depends(not_modified)) -> Any: ...

    return app
