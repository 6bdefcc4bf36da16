"""Responses, files, middleware and helpers, as programs use them."""

import warnings
from dataclasses import dataclass
from typing import Annotated, Any

import pydantic

from ..case import Family, get, post, together

TOOLS = Family("tools")


class Item(pydantic.BaseModel):
    name: str = pydantic.Field(alias="theName")
    size: int = 3
    note: str | None = None


@dataclass
class Point:
    x: int
    _sa_state: int = 1


@TOOLS.program(get("/").gives(200))
def encoded_values(web: Any, record: Any) -> Any:
    encode = web.encoders.jsonable_encoder
    item = Item(theName="a")

    class Own:
        pass

    app = web.FastAPI()

    @app.get("/")
    def read() -> Any:
        assert web.encoders.ENCODERS_BY_TYPE[bytes](b"x") == "x"
        return [
            encode(obj=item),
            encode(item, include={"size"}),
            encode(item, exclude={"size"}),
            encode(item, by_alias=False),
            encode(item, exclude_unset=True),
            encode(item, exclude_defaults=True),
            encode(item, exclude_none=True),
            encode({"own": Own()}, custom_encoder={Own: lambda _own: "own"}),
            encode(Point(1), sqlalchemy_safe=True),
            encode({"_sa_key": 1, "key": 2}, sqlalchemy_safe=False),
            encode({"_sa_key": 1, "key": 2}),
        ]

    return app


@TOOLS.program(
    post("/", headers={"content-type": "multipart/form-data; boundary=b"}, name="upload",
         body=b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
              b"Content-Type: text/x-own\r\nX-More: 1\r\n\r\nabcdef\r\n--b--\r\n"),
)  # fmt: skip
def an_upload(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.post("/")
    async def take(file: web.UploadFile) -> Any:
        first = await file.read(size=2)
        await file.seek(offset=0)
        whole = await file.read()
        await file.write(data=b"gh")
        await file.seek(0)
        grown = await file.read()
        more = file.headers["x-more"]
        facts = [file.filename, file.content_type, file.size, more, file.file.closed]
        await file.close()
        return [first, whole, grown, *facts, file.file.closed]

    @app.get("/made")
    async def made() -> Any:
        from io import BytesIO

        file = web.UploadFile(
            file=BytesIO(b"xyz"),
            size=3,
            filename="x",
            headers=web.datastructures.Headers({"content-type": "text/plain"}),
        )
        return [await file.read(), file.content_type, file.size]

    return app


@TOOLS.program(get("/made").gives(200, ["xyz", "text/plain", 3]))
def a_made_upload(web: Any, record: Any) -> Any:
    return an_upload(web, record)


@TOOLS.program(get("/p?a=1&a=2", headers={"x-a": "h"}, name="structures"))
def data_structures(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    structures = web.datastructures
    app.state.word = "kept"

    @app.get("/p")
    def read(request: web.Request) -> Any:
        default = structures.Default(value="d")
        assert isinstance(default, structures.DefaultPlaceholder)
        assert default == structures.DefaultPlaceholder(value="d")
        assert not structures.Default("")
        assert isinstance(request.app.state, structures.State)
        assert request.client is None or isinstance(request.client, structures.Address)
        return [
            structures.URL("https://example.org/a?b=1").replace(path="/c") == "x",
            str(structures.URL("https://example.org/a").include_query_params(b=2)),
            structures.Address("host", 80)._asdict(),
            isinstance(request.query_params, structures.QueryParams),
            isinstance(request.headers, structures.Headers),
            structures.FormData([("a", "1"), ("a", "2")]).getlist("a"),
            request.app.state.word,
            web.utils.get_value_or_default(default, structures.Default(1), "given"),
            web.utils.get_value_or_default(first_item="first"),
        ]

    return app


@TOOLS.program(
    get("/", name="handled").gives(418, ["RequestValidationError", 1, None, "GET /"]),
    get("/?value=x", name="response").gives(500, ["ResponseValidationError", 1, "x", "GET /"]),
    get("/made").gives(200, [[{"a": 1}], "f", "GET /f", "f.py", 3, "b", [], [2], "c"]),
)
def validation_errors(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    errors = web.exceptions

    async def show(request: web.Request, error: Any) -> Any:
        is_request = isinstance(error, errors.RequestValidationError)
        assert isinstance(error, errors.ValidationException)
        content = [type(error).__name__, len(error.errors()), error.body]
        # Its function is not shown: FastAPI remembers it by the id of an endpoint that has gone.
        content += [error.endpoint_path]
        return web.responses.JSONResponse(content, 418 if is_request else 500)

    app.add_exception_handler(errors.RequestValidationError, show)
    app.add_exception_handler(errors.ResponseValidationError, show)

    @app.get("/", response_model=int)
    def read(value: str) -> Any:
        return value

    @app.get("/made")
    def made() -> Any:
        context = errors.EndpointContext(function="f", path="GET /f", file="f.py", line=3)
        first = errors.ValidationException(errors=[{"a": 1}], endpoint_ctx=context)
        second = errors.RequestValidationError([], body="b", endpoint_ctx=context)
        third = errors.WebSocketRequestValidationError([2], endpoint_ctx=context)
        fourth = errors.ResponseValidationError(errors=[], body="c", endpoint_ctx=None)
        assert issubclass(errors.PydanticV1NotSupportedError, errors.FastAPIError)
        assert fourth.endpoint_path is None
        return [
            first.errors(), first.endpoint_function, first.endpoint_path, first.endpoint_file,
            first.endpoint_line, second.body, second.errors(), third.errors(), fourth.body,
        ]  # fmt: skip

    return app


@TOOLS.program(
    get("/ok", headers={"host": "good.example"}, name="right_host"),
    get("/ok", name="wrong_host").gives(400),
)
def trusted_hosts(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    trusted = web.middleware.trustedhost.TrustedHostMiddleware
    app.add_middleware(trusted, allowed_hosts=["good.example"])

    @app.get("/ok")
    def read() -> Any:
        return "ok"

    return app


@TOOLS.program(
    get("/x?a=1").gives(307, headers={"location": "https://test.example/x?a=1"}),
)
def redirects_to_https(web: Any, record: Any) -> Any:
    redirect = web.middleware.httpsredirect.HTTPSRedirectMiddleware
    return web.FastAPI(middleware=[web.middleware.Middleware(redirect)])


@TOOLS.program(
    get("/").gives(200, order="endpoint send:start send:end pushed"),
    get("/?fail=1", name="failed").gives(
        500,
        error="ZeroDivisionError",
        order="endpoint send:start send:end pushed raised:ZeroDivisionError",
    ),
)
def an_exit_stack_of_one_s_own(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    stack = web.middleware.asyncexitstack.AsyncExitStackMiddleware

    @app.get("/")
    async def read(request: web.Request, fail: bool = False) -> Any:
        record("endpoint")
        request.scope["my_stack"].callback(record, "pushed")
        if fail:
            raise ZeroDivisionError

    return stack(app=app, context_name="my_stack")


@TOOLS.program(
    get("/").gives(200, order="send:start send:end first second third"),
)
def tasks_given_at_once(web: Any, record: Any) -> Any:
    from starlette.background import BackgroundTask

    app = web.FastAPI()

    @app.get("/")
    def read() -> Any:
        tasks = web.background.BackgroundTasks(tasks=[BackgroundTask(record, "first")])
        tasks.add_task(record, "second")
        tasks.add_task(func=lambda: record("third"))
        return web.responses.JSONResponse(1, background=tasks)

    return app


@TOOLS.program(get("/").gives(200, [6, "managed", [0, 1], "first"]))
def work_in_threads(web: Any, record: Any) -> Any:
    from contextlib import contextmanager

    app = web.FastAPI()
    threads = web.concurrency

    @contextmanager
    def managed() -> Any:
        record("+m")
        yield "managed"
        record("-m")

    @threads.asynccontextmanager
    async def both() -> Any:
        async with threads.contextmanager_in_threadpool(cm=managed()) as value:
            yield value

    @app.get("/")
    async def read() -> Any:
        found: list[Any] = [await threads.run_in_threadpool(func=lambda: 6)]
        async with both() as value:
            found.append(value)
        found.append([each async for each in threads.iterate_in_threadpool(iterator=range(2))])
        done: list[str] = []

        async def first() -> None:
            done.append("first")

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            await threads.run_until_first_complete((first, {}))
        return [*found, *done]

    return app


@TOOLS.program(get("/").gives(200))
def words_for_types(web: Any, record: Any) -> Any:
    types, utils = web.types, web.utils
    app = web.FastAPI()

    @app.get("/{one}/{two}")
    def never(one: int, two: int) -> Any: ...

    @app.get("/")
    def read() -> Any:
        assert types.ModelNameMap.__origin__ is dict
        assert types.DependencyCacheKey.__origin__ is tuple
        assert types.IncEx is not None
        route = app.router.routes[-2]
        main = {"a": {"b": [1]}, "c": 1}
        utils.deep_dict_update(main_dict=main, update_dict={"a": {"b": [2]}, "c": 2})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            old = utils.generate_operation_id_for_path(name="n", path="/{p}", method="GET")
        return [
            isinstance(int | str, types.UnionType),
            main, old,
            utils.generate_unique_id(route=route),
            sorted(utils.get_path_param_names(path="/{a}/{b}")),
            [
                utils.is_body_allowed_for_status_code(status_code=code)
                for code in (None, 100, 200, 204, 205, 304, 404, "default", "4XX", "204")
            ],
        ]  # fmt: skip

    return app


@TOOLS.program(get("/").gives(200, b"Hello <b>&lt;you&gt;</b> from /"))
def templates(web: Any, record: Any) -> Any:
    import jinja2

    loader = jinja2.DictLoader({"page.html": "Hello <b>{{ name }}</b> from {{ request.url.path }}"})
    environment = jinja2.Environment(loader=loader, autoescape=True)
    pages = web.templating.Jinja2Templates(env=environment)
    app = web.FastAPI()

    @app.get("/")
    def read(request: web.Request) -> Any:
        return pages.TemplateResponse(request, "page.html", {"name": "<you>"})

    return app


@TOOLS.program(
    together(get("/"), get("/?again=1"), lifespan=True).gives(200, 2),
)
def names_of_the_package(web: Any, record: Any) -> Any:
    assert web.status.HTTP_418_IM_A_TEAPOT == 418
    assert web.logger.logger.name
    assert issubclass(web.testclient.TestClient, object)
    assert issubclass(web.staticfiles.StaticFiles, object)
    app = web.FastAPI()
    count = 0

    async def counted(request: web.requests.Request, call_next: Any) -> Any:
        nonlocal count
        count += 1
        return await call_next(request)

    app.middleware(middleware_type="http")(counted)

    @app.get("/")
    def read(connection: web.requests.HTTPConnection) -> Annotated[Any, "count"]:
        assert connection.scope["type"] == "http"
        return count

    return app


@TOOLS.program(
    get("/").gives(
        201,
        b"event: e\nid: 1\n\ndata: x\n\n",
        headers={"content-type": "text/event-stream; charset=utf-8", "x-own": "1"},
        order="send:start send:body send:body send:end done",
    ),
    get("/formatted").gives(200),
)
def events_written_by_hand(web: Any, record: Any) -> Any:
    from starlette.background import BackgroundTask

    app = web.FastAPI()
    write = web.sse.format_sse_event

    @app.get("/")
    def read() -> Any:
        return web.responses.EventSourceResponse(
            content=iter([write(event="e", id="1"), write(data_str="x")]),
            status_code=201,
            headers={"x-own": "1"},
            media_type="text/event-stream",
            background=BackgroundTask(record, "done"),
        )

    @app.get("/formatted")
    def formatted() -> Any:
        whole = write(data_str="a\nb", event="e", id="1", retry=5, comment="c\nd")
        return [whole, write(), write(comment=""), write(data_str=""), write(data_str="a\r\nb")]

    return app
