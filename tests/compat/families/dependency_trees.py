"""Dependencies of dependencies: order, sharing, lifetimes."""

import threading
from contextvars import ContextVar
from typing import Annotated, Any

from ..case import Family, get, post, together
from .programs import pair

TREES = Family("trees")


@TREES.program(
    get("/").gives(
        200,
        {"value": "abc"},
        order="+a +b +c endpoint send:start send:end -c -b -a",
    )
)
def a_chain_opens_from_the_bottom(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def a() -> Any:
        record("+a")
        yield "a"
        record("-a")

    async def b(a: str = web.Depends(a)) -> Any:
        record("+b")
        yield a + "b"
        record("-b")

    def c(b: Annotated[str, web.Depends(b)]) -> Any:
        record("+c")
        yield b + "c"
        record("-c")

    @app.get("/")
    async def read(value: Annotated[str, web.Depends(c)]) -> Any:
        record("endpoint")
        return {"value": value}

    return app


@TREES.program(
    get("/").gives(
        200,
        {"left": "base", "right": "base", "base": "base"},
        order="+base left right endpoint send:start send:end -base",
    )
)
def a_shared_node_opens_once(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    base = pair(record, "base")

    def left(value: str = web.Depends(base)) -> str:
        record("left")
        return value

    async def right(value: str = web.Depends(base)) -> str:
        record("right")
        return value

    @app.get("/")
    def read(
        left: str = web.Depends(left),
        right: str = web.Depends(right),
        base: str = web.Depends(base),
    ) -> Any:
        record("endpoint")
        return {"left": left, "right": right, "base": base}

    return app


def counted(web: Any, record: Any) -> Any:
    calls: list[int] = []

    def count() -> int:
        calls.append(1)
        record(f"call{len(calls)}")
        return len(calls)

    return count


@TREES.program(
    get("/uncached-first", name="filled_by_an_uncached_use").gives(200, [1, 1]),
    get("/cached-first", name="uncached_after_cached").gives(200, [1, 2]),
    get("/both-uncached", name="both_uncached").gives(200, [1, 2]),
    get("/three", name="first_fill_stays").gives(200, [1, 2, 1]),
)
def uncached_uses(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    count = counted(web, record)
    cached, uncached = web.Depends(count), web.Depends(count, use_cache=False)

    @app.get("/uncached-first")
    def uncached_first(a: int = uncached, b: int = cached) -> Any:
        return [a, b]

    @app.get("/cached-first")
    def cached_first(a: int = cached, b: int = uncached) -> Any:
        return [a, b]

    @app.get("/both-uncached")
    def both(a: int = uncached, b: int = web.Depends(count, use_cache=False)) -> Any:
        return [a, b]

    @app.get("/three")
    def three(a: int = uncached, b: int = uncached, c: int = cached) -> Any:
        return [a, b, c]

    return app


@TREES.program(
    get("/").gives(200, {"same": False}, order="+x +x endpoint send:start send:end -x -x")
)
def an_uncached_generator_opens_for_each_use(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    async def opened() -> Any:
        record("+x")
        yield object()
        record("-x")

    fresh = web.Depends(opened, use_cache=False)

    @app.get("/")
    async def read(a: object = fresh, b: object = fresh) -> Any:
        record("endpoint")
        return {"same": a is b}

    return app


@TREES.program(
    get("/function", name="of_a_function").gives(200, [1, 2, 3]),
    get("/generator", name="of_a_generator").gives(200, [1, 1]),
    get("/empty", name="of_an_empty_value").gives(
        200, [None, None], order="none send:start send:end"
    ),
)
def the_declared_scope_belongs_to_the_key(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    count = counted(web, record)

    def opened() -> Any:
        yield count()

    def none() -> None:
        record("none")

    @app.get("/function")
    def function(
        a: int = web.Depends(count),
        b: int = web.Depends(count, scope="function"),
        c: int = web.Depends(count, scope="request"),
    ) -> Any:
        return [a, b, c]

    @app.get("/generator")
    def generator(
        a: int = web.Depends(opened), b: int = web.Depends(opened, scope="request")
    ) -> Any:
        return [a, b]

    @app.get("/empty")
    def empty(a: None = web.Depends(none), b: None = web.Depends(none)) -> Any:
        return [a, b]

    return app


@TREES.program(together(get("/"), get("/")).gives(200, {"count": 2}))
def a_new_request_has_a_new_cache(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read(count: int = web.Depends(counted(web, record))) -> Any:
        return {"count": count}

    return app


@TREES.program(
    get("/").gives(200, {"equal_instances": 1, "methods": 1, "partials": 2, "lambdas": 2})
)
def sharing_goes_by_equality(web: Any, record: Any) -> Any:
    from functools import partial

    app = web.FastAPI()
    calls: dict[str, int] = {"equal": 0, "method": 0, "partial": 0, "lambda": 0}

    def count(kind: str) -> int:
        calls[kind] += 1
        return calls[kind]

    class Equal:
        def __call__(self) -> int:
            return count("equal")

        def method(self) -> int:
            return count("method")

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Equal)

        def __hash__(self) -> int:
            return 1

    owner = Equal()

    @app.get("/")
    def read(
        a: int = web.Depends(Equal()),
        b: int = web.Depends(Equal()),
        c: int = web.Depends(owner.method),
        d: int = web.Depends(owner.method),
        e: int = web.Depends(partial(count, "partial")),
        f: int = web.Depends(partial(count, "partial")),
        g: int = web.Depends(lambda: count("lambda")),
        h: int = web.Depends(lambda: count("lambda")),
    ) -> Any:
        return {"equal_instances": b, "methods": d, "partials": f, "lambdas": h}

    return app


@TREES.program(
    get("/in/deep/", name="all_levels").gives(
        200,
        order="+app +outer_include +outer +inner_include +inner +decorator +parameter endpoint"
        " send:start send:end -parameter -decorator -inner -inner_include -outer"
        " -outer_include -app",
    ),
    get("/plain", name="application_only").gives(
        200, order="+app endpoint send:start send:end -app"
    ),
    get("/absent", name="not_for_404").gives(404, order="send:start send:end"),
    post("/plain", name="not_for_405").gives(405, order="send:start send:end"),
)
def parameterless_dependencies_run_from_the_outside_in(web: Any, record: Any) -> Any:
    def opened(name: str) -> Any:
        return web.Depends(pair(record, name))

    app = web.FastAPI(dependencies=[opened("app")])
    outer = web.APIRouter(prefix="/in", dependencies=[opened("outer")])
    inner = web.APIRouter(dependencies=[opened("inner")])

    @inner.get("/deep/", dependencies=[opened("decorator")])
    async def deep(value: str = opened("parameter")) -> Any:
        record("endpoint")

    @app.get("/plain")
    async def plain() -> Any:
        record("endpoint")

    outer.include_router(inner, dependencies=[opened("inner_include")])
    app.include_router(outer, dependencies=[opened("outer_include")])
    return app


@TREES.program(
    get("/", name="shared").gives(200, order="+x +y endpoint send:start send:end -y -x"),
)
def decorator_and_parameter_share_one_node(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    x, y = pair(record, "x"), pair(record, "y")

    @app.get("/", dependencies=[web.Depends(x), web.Depends(y)])
    async def read(second: str = web.Depends(y), first: str = web.Depends(x)) -> Any:
        record("endpoint")

    return app


@TREES.program(
    get("/").gives(
        200,
        order="+r1 +r2 +f1 +f2 endpoint task-added -f2 -f1 send:start send:end background -r2 -r1",
    )
)
def both_scopes_around_response_and_background(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/")
    async def read(
        tasks: web.BackgroundTasks,
        r1: str = web.Depends(pair(record, "r1")),
        r2: str = web.Depends(pair(record, "r2")),
        f1: str = web.Depends(pair(record, "f1"), scope="function"),
        f2: str = web.Depends(pair(record, "f2"), scope="function"),
    ) -> Any:
        record("endpoint")
        tasks.add_task(record, "background")
        record("task-added")

    return app


@TREES.program(
    get("/function-on-request").gives(200, order="+r +f endpoint -f send:start send:end -r"),
    get("/plain-on-function").gives(200, order="+g plain endpoint -g send:start send:end"),
)
def what_a_narrow_scope_may_use(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    async def narrow(value: str = web.Depends(pair(record, "r"))) -> Any:
        record("+f")
        yield value
        record("-f")

    def plain(value: str = web.Depends(pair(record, "g"), scope="function")) -> str:
        record("plain")
        return value

    @app.get("/function-on-request")
    async def one(value: str = web.Depends(narrow, scope="function")) -> Any:
        record("endpoint")

    @app.get("/plain-on-function")
    async def two(value: str = web.Depends(plain)) -> Any:
        record("endpoint")

    return app


@TREES.program(
    get("/").gives(200, {"dependency": True, "endpoint": True, "exit": False, "async": False}),
)
def sync_code_runs_in_worker_threads(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    main = threading.current_thread()

    def in_worker() -> bool:
        return threading.current_thread() is not main

    def dependency() -> Any:
        yield in_worker()
        record("exit-in-worker" if in_worker() else "exit-on-loop")

    async def on_loop() -> bool:
        return in_worker()

    @app.get("/")
    def read(
        dependency: bool = web.Depends(dependency), asynchronous: bool = web.Depends(on_loop)
    ) -> Any:
        return {
            "dependency": dependency,
            "endpoint": in_worker(),
            "exit": False,
            "async": asynchronous,
        }

    return app


@TREES.program(
    get("/sync", name="sync_endpoint").gives(200, "set", order="send:start send:end set exit:set"),
    get("/async", name="async_endpoint").gives(
        200, "set", order="send:start send:end set exit:set"
    ),
)
def context_variables_set_on_the_loop(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    variable: ContextVar[str] = ContextVar("variable", default="unset")

    async def setter() -> Any:
        token = variable.set("set")
        yield
        record(f"exit:{variable.get()}")
        variable.reset(token)

    async def show() -> None:
        record(variable.get())

    @app.get("/sync")
    def sync(tasks: web.BackgroundTasks, _: None = web.Depends(setter)) -> Any:
        tasks.add_task(show)
        return variable.get()

    @app.get("/async")
    async def asynchronous(tasks: web.BackgroundTasks, _: None = web.Depends(setter)) -> Any:
        tasks.add_task(show)
        return variable.get()

    return app
