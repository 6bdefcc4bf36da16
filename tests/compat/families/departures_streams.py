"""Where Tenure departs on purpose in streams and front ends: what each framework answers."""

import tempfile
from collections.abc import AsyncIterable, Callable
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel

from ..case import Case, Family, declared, get
from .programs import Custom, watching

STREAMED = Family("departures_streams")


@STREAMED.program(
    get("/later", name="after_an_item")
    .gives(200, error="ExceptionGroup")
    .but(
        200,
        b"data: 1\n\n",
        error="ZeroDivisionError",
        order="+r send:start send:body !r:ZeroDivisionError -r raised:ZeroDivisionError",
    ),
    get("/first", name="before_the_first_item")
    .gives(200, b"", error="ExceptionGroup")
    .but(
        200,
        b"",
        error="ZeroDivisionError",
        order="+r send:start !r:ZeroDivisionError -r raised:ZeroDivisionError",
    ),
    get("/unfit", name="an_unfit_item")
    .gives(200, error="ExceptionGroup")
    .but(200, b"data: 1\n\n", error="ResponseValidationError"),
    get("/handled", name="one_that_has_a_handler")
    .gives(200, error="ExceptionGroup")
    .but(200, b"data: 1\n\n", error="RuntimeError"),
    section="17.9",
)
def events_fail_with_the_exception_itself(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    events = web.responses.EventSourceResponse

    @app.exception_handler(Custom)
    async def handle(request: Any, error: Custom) -> Any:
        return web.responses.JSONResponse(None)

    @app.get("/later", response_class=events)
    async def later(r: Any = web.Depends(watching(record)("r"))) -> Any:
        yield 1
        raise ZeroDivisionError

    @app.get("/first", response_class=events)
    async def first(r: Any = web.Depends(watching(record)("r"))) -> Any:
        if r:
            raise ZeroDivisionError
        yield 1

    async def unfit() -> Any:
        yield 1
        yield "two"

    unfit.__annotations__["return"] = AsyncIterable[int]
    app.get("/unfit", response_class=events)(unfit)

    @app.get("/handled", response_class=events)
    async def handled() -> Any:
        yield 1
        raise Custom

    return app


@STREAMED.program(
    get("/")
    .gives(200, b"data: 1\n\ndata: 2\n\n")
    .but(
        200,
        b"data: 1\n\ndata: 2\n\n",
        order="-f< -f> send:start one send:body two send:body over send:end",
    ),
    section="17.9",
)
def events_are_made_when_they_are_sent(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    async def narrow() -> Any:
        yield
        record("-f<")
        for _ in range(3):
            await anyio.lowlevel.checkpoint()
        record("-f>")

    @app.get(
        "/",
        response_class=web.responses.EventSourceResponse,
        dependencies=[web.Depends(narrow, scope="function")],
    )
    async def events() -> Any:
        record("one")
        yield 1
        record("two")
        yield 2
        record("over")

    return app


def _leaving(path: str) -> list[Any]:
    """A client that leaves after the first item, by the version of its server."""
    return [
        get(
            path,
            leaves_after=2,
            spec_version=version,
            name=f"{path[1:]}_{version.replace('.', '_')}",
        )
        .gives(200, error=error)
        .but(200, order="+r send:start send:body body> background !r:ClientDisconnect -r")
        for version, error in (("2.3", None), ("2.4", "ClientDisconnect"))
    ]


@STREAMED.program(*_leaving("/lines"), *_leaving("/chunks"), section="17.8, 17.9")
def a_client_that_leaves_an_endpoint_that_yields(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    async def items(tasks: web.BackgroundTasks, r: Any = web.Depends(watching(record)("r"))) -> Any:
        tasks.add_task(record, "background")
        try:
            while True:
                yield "item"
                await anyio.lowlevel.checkpoint()
        finally:
            record("body>")

    app.get("/lines")(items)
    app.get("/chunks", response_class=web.responses.StreamingResponse)(items)
    return app


@STREAMED.program(
    get("/", leaves_after=2, spec_version="2.3", name="of_events")
    .gives(200)
    .but(200, order="+r send:start send:body body> !r:ClientDisconnect -r"),
    section="17.8, 17.9",
)
def a_client_that_leaves_server_sent_events(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/", response_class=web.responses.EventSourceResponse)
    async def events(r: Any = web.Depends(watching(record)("r"))) -> Any:
        try:
            yield 1
            await anyio.sleep_forever()
        finally:
            await anyio.lowlevel.checkpoint()
            record("body>")

    return app


@STREAMED.program(
    get("/", leaves_after=2, spec_version="2.4", name="returned")
    .gives(200, error="ClientDisconnect")
    .but(200, order="+r send:start send:body body> !r:ClientDisconnect -r"),
    get("/yielded", leaves_after=2, spec_version="2.4", name="yielded")
    .gives(200, error="ClientDisconnect")
    .but(200, order="+r send:start send:body body> !r:ClientDisconnect -r"),
    section="17.9",
)
def plain_iterators_are_closed_too(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def chunks() -> Any:
        try:
            while True:
                yield "chunk"
        finally:
            record("body>")

    @app.get("/")
    def returned(r: Any = web.Depends(watching(record)("r"))) -> Any:
        return web.responses.StreamingResponse(chunks())

    @app.get("/yielded")
    def yielded(r: Any = web.Depends(watching(record)("r"))) -> Any:
        yield from chunks()

    return app


@STREAMED.program(
    get("/response", name="a_response")
    .gives(200, b"", error="ExceptionGroup")
    .but(200, b"data: own\n\n"),
    get("/items", name="an_iterable_from_async_code")
    .gives(200, b"", error="ExceptionGroup")
    .but(200, b"data: 1\n\ndata: 2\n\n"),
    section="house rule",
)
def events_that_are_returned(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    events = web.responses.EventSourceResponse

    @app.get("/response", response_class=events)
    def response() -> Any:
        return events(iter(["data: own\n\n"]))

    @app.get("/items", response_class=events)
    async def items() -> Any:
        return [1, 2]

    return app


def _directory() -> Path:
    directory = Path(tempfile.gettempdir()) / "tenure-compat-departing-front-end"
    directory.mkdir(exist_ok=True)
    (directory / "a.txt").write_text("a")
    return directory


@STREAMED.program(
    get("/a.txt")
    .gives(200, b"a", order="+r +f send:start send:end -f -r")
    .but(200, b"a", order="+r +f -f send:start send:end -r"),
    section="16",
)
def function_scopes_of_a_front_end(web: Any, record: Any) -> Any:
    watch = watching(record)
    app = web.FastAPI(
        dependencies=[web.Depends(watch("r")), web.Depends(watch("f"), scope="function")]
    )
    app.frontend("/", directory=_directory())
    return app


def _mistaken(**options: Any) -> Callable[[Any, Any], Any]:
    def mistakes_of_a_front_end(web: Any, record: Any) -> Any:
        app = web.FastAPI()
        app.frontend(**{"path": "/", "directory": _directory(), **options})
        return app

    return mistakes_of_a_front_end


for _name, _options, _says in (
    ("no_path", {"path": ""}, "slash"),
    ("no_slash", {"path": "app"}, "slash"),
    ("no_fallback", {"fallback": "200.html"}, "200.html"),
):
    STREAMED.cases.append(
        Case(
            f"mistakes_of_a_front_end-{_name}",
            _mistaken(**_options),
            declared().refused("AssertionError").but(refused="FastAPIError", complaint=_says),
            "house rule",
        )
    )
