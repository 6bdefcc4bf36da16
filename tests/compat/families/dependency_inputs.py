"""What dependencies may take, when they run although a value is wrong, and overrides."""

from typing import Annotated, Any

from ..case import Family, declared, get, post, together
from .programs import pair

INPUTS = Family("inputs")


@INPUTS.program(
    post(
        "/7?q=1&q=2", json={"a": 1}, headers={"x-word": "w", "cookie": "crumb=c"}, name="given"
    ).gives(200, {"number": 7, "q": [1, 2], "x_word": "w", "crumb": "c", "body": {"a": 1}}),
    post("/x?q=y", json=[], name="all_wrong").gives(422),
    post("/7", name="all_missing").gives(422),
)
def every_location_in_a_dependency(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def collect(
        number: int,
        q: Annotated[list[int], web.Query()],
        x_word: Annotated[str, web.Header()],
        crumb: Annotated[str, web.Cookie()],
        body: dict[str, int],
    ) -> Any:
        return {"number": number, "q": q, "x_word": x_word, "crumb": crumb, "body": body}

    @app.post("/{number}")
    def read(value: Annotated[Any, web.Depends(collect)]) -> Any:
        return value

    return app


@INPUTS.program(
    get("/", name="both_wrong").gives(
        422,
        {
            "detail": [
                {
                    "type": "missing",
                    "loc": ["query", "inner"],
                    "msg": "Field required",
                    "input": None,
                },
                {
                    "type": "missing",
                    "loc": ["query", "own"],
                    "msg": "Field required",
                    "input": None,
                },
                {
                    "type": "missing",
                    "loc": ["query", "last"],
                    "msg": "Field required",
                    "input": None,
                },
            ]
        },
        order="+before sibling !before:RequestValidationError -before send:start send:end",
    ),
    get("/?inner=1&own=1&last=x", name="endpoint_wrong").gives(
        422,
        order="+before outer sibling !before:RequestValidationError -before send:start send:end",
    ),
    get("/?inner=1&own=1&last=1", name="right").gives(
        200, order="+before outer sibling endpoint send:start send:end -before"
    ),
)
def siblings_run_and_generators_see_the_rejection(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def inner(inner: int) -> int:
        return inner

    def outer(own: int, value: int = web.Depends(inner)) -> int:
        record("outer")
        return own + value

    def sibling() -> None:
        record("sibling")

    @app.get("/")
    async def read(
        last: int,
        before: str = web.Depends(pair(record, "before")),
        total: int = web.Depends(outer),
        _: None = web.Depends(sibling),
    ) -> Any:
        record("endpoint")

    return app


@INPUTS.program(
    get("/", name="all_missing").gives(422, order="send:start send:end"),
    get("/?own=x&word=a", name="the_shared_one_right").gives(
        422, order="shared apart send:start send:end"
    ),
    get("/?own=1&last=x", name="one_missing").gives(422, order="send:start send:end"),
    get("/?own=1&last=1&word=a", name="right").gives(
        200, order="shared apart between endpoint send:start send:end"
    ),
)
def errors_of_what_several_depend_on(web: Any, record: Any) -> Any:
    """They are reported for each declaration that leads there."""
    app = web.FastAPI()

    def shared(word: str, key: str = web.Header("k", max_length=1)) -> None:
        record("shared")

    def apart(word: str) -> None:
        record("apart")

    def between(
        own: int, a: None = web.Depends(shared), b: None = web.Depends(apart, use_cache=False)
    ) -> None:
        record("between")

    @app.get("/", dependencies=[web.Depends(shared)])
    async def read(last: int, a: None = web.Depends(between), b: None = web.Depends(shared)) -> Any:
        record("endpoint")

    return app


@INPUTS.program(
    post("/", body=b"{broken", headers={"content-type": "application/json"}).gives(
        422, order="send:start send:end"
    )
)
def a_broken_body_runs_nothing(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.post("/")
    async def read(body: dict[str, int], a: str = web.Depends(pair(record, "a"))) -> Any:
        record("endpoint")

    return app


@INPUTS.program(
    get("/5?x=1", name="connection").gives(
        200, {"method": "GET", "path": "/5", "number": "5", "query": "x=1", "same": True}
    )
)
def connection_objects_in_dependencies(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def of_request(request: web.Request) -> Any:
        return request

    def of_connection(connection: web.requests.HTTPConnection) -> Any:
        return connection

    @app.get("/{number}")
    def read(
        request: web.Request,
        first: Any = web.Depends(of_request),
        second: Any = web.Depends(of_connection),
    ) -> Any:
        return {
            "method": first.method,
            "path": second.url.path,
            "number": second.path_params["number"],
            "query": str(request.query_params),
            "same": first is request,
        }

    return app


@INPUTS.program(
    get("/").gives(
        202,
        {"same": True},
        headers={"x-one": "1", "x-two": "2, 22", "set-cookie": "a=b; Path=/; SameSite=lax"},
        order="send:start send:end one two",
    )
)
def response_and_tasks_are_shared_by_the_whole_tree(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def one(response: web.Response, tasks: web.BackgroundTasks) -> Any:
        response.headers["X-One"] = "1"
        response.status_code = 201
        tasks.add_task(record, "one")
        return response

    def two(response: web.Response, tasks: web.BackgroundTasks) -> Any:
        response.headers.append("X-Two", "2")
        response.headers.append("X-Two", "22")
        response.set_cookie("a", "b")
        tasks.add_task(record, "two")
        return response

    @app.get("/", status_code=203)
    def read(
        response: web.Response, one: Any = web.Depends(one), two: Any = web.Depends(two)
    ) -> Any:
        response.status_code = 202
        return {"same": one is two is response}

    return app


@INPUTS.program(
    get("/?q=7", name="depends").gives(200, {"plain": "7", "value": "7"}),
)
def depends_without_a_callable_takes_the_annotation(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    class Choice:
        def __init__(self, q: str) -> None:
            self.q = q

    @app.get("/")
    def read(a: Annotated[Choice, web.Depends()], b: Choice = web.Depends()) -> Any:
        return {"plain": a.q, "value": b.q}

    return app


@INPUTS.program(
    get("/", name="plain").gives(200, {"value": "override"}, order="override send:start send:end"),
    get("/nested", name="nested").gives(200, {"value": "nested override"}),
    get("/generator/3", name="generator").gives(
        200, {"value": 3}, order="+override send:start send:end -override"
    ),
    get("/generator/x", name="own_parameters").gives(422),
)
def overrides(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def original(absent: int) -> str:
        record("original")
        return "original"

    def opened() -> Any:
        record("+opened")
        yield
        record("-opened")

    def above(value: str = web.Depends(original)) -> str:
        return f"nested {value}"

    def override() -> str:
        record("override")
        return "override"

    async def opened_override(number: int) -> Any:
        record("+override")
        yield number
        record("-override")

    @app.get("/")
    def read(value: str = web.Depends(original)) -> Any:
        return {"value": value}

    @app.get("/nested")
    def nested(value: str = web.Depends(above)) -> Any:
        return {"value": value}

    @app.get("/generator/{number}")
    def generator(value: Any = web.Depends(opened)) -> Any:
        return {"value": value}

    app.dependency_overrides[original] = override
    app.dependency_overrides[opened] = opened_override
    return app


@INPUTS.program(
    together(get("/"), get("/set"), get("/"), get("/clear"), get("/")).gives(
        200,
        "original",
        order=" ".join(
            f"{word} send:start send:end"
            for word in ("original", "set", "override", "clear", "original")
        ),
    )
)
def overrides_change_between_requests(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def original() -> str:
        return "original"

    @app.get("/")
    async def read(value: str = web.Depends(original)) -> Any:
        record(value)
        return value

    @app.get("/set")
    async def set_override() -> None:
        record("set")
        app.dependency_overrides[original] = lambda: "override"

    @app.get("/clear")
    async def clear() -> None:
        record("clear")
        app.dependency_overrides = {}

    return app


@INPUTS.program(declared().refused("DependencyScopeError", complaint='scope of "request"'))
def a_request_generator_on_a_function_scope(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def wide(value: str = web.Depends(pair(record, "narrow"), scope="function")) -> Any:
        yield value

    @app.get("/")
    def read(value: Annotated[Any, web.Depends(wide)]) -> Any: ...

    return app


@INPUTS.program(
    get("/?shared=1", name="right").gives(200, {"a": 1, "b": 1}),
)
def a_parameter_used_at_two_levels(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def below(shared: int) -> int:
        return shared

    @app.get("/")
    def read(shared: int, below: int = web.Depends(below)) -> Any:
        return {"a": shared, "b": below}

    return app


@INPUTS.program(
    post("/", json={"first": {"a": 1}, "second": 2}, name="right").gives(200, [{"a": 1}, 2]),
    post("/", json={"first": {"a": "x"}}, name="wrong").gives(422),
    post("/", json={"a": 1}, name="not_embedded").gives(422),
    post("/", name="missing").gives(422),
)
def bodies_at_two_levels_are_embedded(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def below(first: dict[str, int]) -> Any:
        return first

    @app.post("/")
    def read(second: Annotated[int, web.Body()], first: Any = web.Depends(below)) -> Any:
        return [first, second]

    return app


@INPUTS.program(get("/", name="deep").gives(200, {"value": 40}))
def a_chain_of_forty(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def bottom() -> int:
        return 0

    link: Any = bottom
    for _ in range(40):

        def above(value: int = web.Depends(link)) -> int:
            return value + 1

        link = above

    @app.get("/")
    async def read(value: int = web.Depends(link)) -> Any:
        return {"value": value}

    return app
