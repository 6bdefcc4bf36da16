"""`max_concurrency`: what is counted, what takes a slot and for how long.

The requests that meet are made by an endpoint of each program, each in a task of its own.
"""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from starlette.concurrency import run_in_threadpool

from ..case import Family, declared, get
from .programs import watching

LIMITS = Family("limits")

LIMITED = Family("departures_limits")
"""Where Tenure departs; rows of the table in `docs/compatibility.md`."""

TURNS = 200
"""How often the event loop is let go round before something is taken to wait."""


async def visit(app: Any, path: str) -> int:
    """The status with which *app* answers a request for *path*."""
    statuses: list[int] = []
    asked: list[None] = []

    async def receive() -> dict[str, Any]:
        if asked:
            await asyncio.Event().wait()
        asked.append(None)
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    asgi_scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [],
        "client": ("client", 1),
        "server": ("server", 80),
        "state": {},
    }
    await app(asgi_scope, receive, send)
    return statuses[0]


async def outcome(app: Any, path: str) -> str:
    """How a request ends, or that it waits; then it is cancelled."""
    task = asyncio.ensure_future(visit(app, path))
    for _ in range(TURNS):
        await asyncio.sleep(0)
    if task.done():
        error = task.exception()
        return str(task.result()) if error is None else type(error).__name__
    task.cancel()
    await asyncio.wait([task])
    return "waits"


def meeting(app: Any, record: Callable[[str], None], *paths: str) -> None:
    """Add an endpoint that asks for all *paths* at the same time."""

    @app.get("/")
    async def together() -> Any:
        return await asyncio.gather(*[visit(app, path) for path in paths])


@LIMITS.program(
    get("/", name="request").gives(
        200, [200, 200, 200], order="+s use -s +s use -s +s use -s send:start send:end"
    ),
)
def async_generators_until_their_exit(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    session = Annotated[str, web.Depends(watching(record)("s"), max_concurrency=1)]

    @app.get("/used")
    async def used(_: session) -> None:  # type: ignore[valid-type]
        record("use")
        await asyncio.sleep(0)

    meeting(app, record, "/used", "/used", "/used")
    return app


@LIMITS.program(get("/").gives(200, [200, 200], order="+s use -s +s use -s send:start send:end"))
def generators_until_their_exit(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    opened = watching(record, asynchronous=False)("s")
    session = Annotated[str, web.Depends(opened, max_concurrency=1)]

    @app.get("/used")
    async def used(_: session) -> None:  # type: ignore[valid-type]
        record("use")
        await asyncio.sleep(0)

    meeting(app, record, "/used", "/used")
    return app


@LIMITS.program(get("/").gives(200, [200, 200]))
def generators_of_scope_function(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    opened = watching(record)("s")
    session = Annotated[str, web.Depends(opened, max_concurrency=1, scope="function")]

    @app.get("/used")
    async def used(_: session) -> None:  # type: ignore[valid-type]
        record("use")
        await asyncio.sleep(0)

    meeting(app, record, "/used", "/used")
    return app


@LIMITS.program(
    get("/", name="until_they_return").gives(
        200, [200, 200], order="in out in out send:start send:end"
    )
)
def async_functions_until_they_return(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    async def called() -> None:
        record("in")
        for _ in range(3):
            await asyncio.sleep(0)
        record("out")

    @app.get("/used")
    async def used(_: Annotated[None, web.Depends(called, max_concurrency=1)]) -> None: ...

    meeting(app, record, "/used", "/used")
    return app


@LIMITS.program(get("/").gives(200, [200, 200, 200]))
def functions_until_they_return(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    alive: list[None] = []

    def called() -> None:
        alive.append(None)
        if len(alive) > 1:
            record("too many")
        alive.pop()

    @app.get("/used")
    async def used(_: Annotated[None, web.Depends(called, max_concurrency=1)]) -> None: ...

    meeting(app, record, "/used", "/used", "/used")
    return app


@LIMITS.program(
    get("/", name="shared").gives(200, [200, 200], order="+s one -s +s two -s send:start send:end")
)
def one_count_for_all_routes_and_applications(web: Any, record: Any) -> Any:
    app, other = web.FastAPI(), web.FastAPI()
    session = Annotated[str, web.Depends(watching(record)("s"), max_concurrency=1)]

    @app.get("/one")
    async def one(_: session) -> None:  # type: ignore[valid-type]
        record("one")
        await asyncio.sleep(0)

    @other.get("/two")
    async def two(_: session) -> None:  # type: ignore[valid-type]
        record("two")
        await asyncio.sleep(0)

    app.mount("/other", other)
    meeting(app, record, "/one", "/other/two")
    return app


@LIMITS.program(get("/", name="apart").gives(200, ["200", "200"]))
def declarations_are_counted_apart(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    opened = watching(record)("s")

    @app.get("/other")
    async def other(_: Annotated[str, web.Depends(opened, max_concurrency=1)]) -> None: ...

    @app.get("/")
    async def main(_: Annotated[str, web.Depends(opened, max_concurrency=1)]) -> Any:
        return [await outcome(app, "/other"), await outcome(app, "/other")]

    return app


@LIMITS.program(get("/").gives(200, [200, 200], order="+s use -s +s use -s send:start send:end"))
def the_class_behind_security(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    opened = watching(record)("s")
    session = Annotated[str, web.params.Security(opened, max_concurrency=1, scopes=["read"])]

    @app.get("/used")
    async def used(_: session) -> None:  # type: ignore[valid-type]
        record("use")
        await asyncio.sleep(0)

    meeting(app, record, "/used", "/used")
    return app


@LIMITS.program(get("/").gives(200, order="+s endpoint send:start send:end -s"))
def what_is_cached_takes_one_slot(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    session = Annotated[str, web.Depends(watching(record)("s"), max_concurrency=1)]

    def user(_: session) -> None: ...  # type: ignore[valid-type]

    @app.get("/")
    async def main(_: session, __: Annotated[None, web.Depends(user)]) -> None:  # type: ignore[valid-type]
        record("endpoint")

    return app


@LIMITS.program(get("/").gives(200, [200, 200]))
def dependencies_run_before_the_wait(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    seen: list[str] = []
    enough: list[asyncio.Event] = []

    async def below() -> None:
        seen.append("below")
        if not enough:
            enough.append(asyncio.Event())
        else:
            enough[0].set()

    async def opened(_: Annotated[None, web.Depends(below)]) -> Any:
        await enough[0].wait()
        seen.append("open")
        yield

    @app.get("/used")
    async def used(_: Annotated[None, web.Depends(opened, max_concurrency=1)]) -> None:
        record(seen[1])

    meeting(app, record, "/used", "/used")
    return app


@LIMITS.program(
    get("/").gives(200, [200, 200], order="in out in out send:start send:end"),
)
def overrides_are_limited(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    async def original() -> None:
        record("original")

    async def instead() -> Any:
        record("in")
        yield
        record("out")

    @app.get("/used")
    async def used(_: Annotated[None, web.Depends(original, max_concurrency=1)]) -> None:
        await asyncio.sleep(0)

    app.dependency_overrides[original] = instead
    meeting(app, record, "/used", "/used")
    return app


@LIMITS.program(get("/").gives(200, ["waits", "waits", 200]))
def who_waits_can_be_cancelled(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    held: list[asyncio.Event] = []

    async def opened() -> Any:
        yield
        for event in held:
            await event.wait()

    @app.get("/used")
    async def used(_: Annotated[None, web.Depends(opened, max_concurrency=1)]) -> None: ...

    @app.get("/")
    async def main() -> Any:
        held.append(asyncio.Event())
        holder = asyncio.ensure_future(visit(app, "/used"))
        await asyncio.sleep(0)
        answers: list[Any] = [await outcome(app, "/used"), await outcome(app, "/used")]
        held[0].set()
        return [*answers, await holder]

    return app


@LIMITS.program(
    get("/setup", name="setup").gives(200, ["ValueError", "ValueError"]),
    get("/use", name="use").gives(200, ["ValueError", "ValueError"]),
    get("/exit", name="exit").gives(200, ["ValueError", "ValueError"]),
)
def a_failure_gives_the_slot_back(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    async def opened(request: web.Request) -> Any:
        where = request.url.path.rpartition("/")[2]
        if where == "setup":
            raise ValueError(where)
        yield where
        if where == "exit":
            raise ValueError(where)

    @app.get("/used/{where}")
    async def used(where: str, _: Annotated[str, web.Depends(opened, max_concurrency=1)]) -> None:
        if where == "use":
            raise ValueError(where)

    @app.get("/{where}")
    async def main(where: str) -> Any:
        return [await outcome(app, f"/used/{where}") for _ in range(2)]

    return app


def declaring(name: str, declare: Callable[[Any], Any], kind: str) -> None:
    def build(web: Any, record: Any) -> Any:
        declare(web)
        return web.FastAPI()

    LIMITS.add(f"declared-{name}", build, declared().refused(kind))


for value in (0, -1, True, 1.5, "1"):
    declaring(
        f"as_{value}",
        lambda web, value=value: web.Depends(dict, max_concurrency=value),  # type: ignore[misc]
        "ValueError",
    )
declaring("for_security", lambda web: web.Security(dict, max_concurrency=1), "TypeError")
declaring("by_position", lambda web: web.Depends(dict, True, None, 1), "TypeError")


@LIMITED.program(
    get("/", name="uncached").gives(200, "waits").but(200, "LimitError"),
    section="17.12",
)
def a_request_that_waits_for_itself(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    session = web.Depends(watching(record)("s"), max_concurrency=1, use_cache=False)

    @app.get("/twice")
    async def twice(a: Annotated[str, session], b: Annotated[str, session]) -> None: ...

    @app.get("/")
    async def main() -> Any:
        return await outcome(app, "/twice")

    return app


@LIMITED.program(
    get("/").gives(200, ["waits", "waits"]).but(200, ["200", "LimitError"]),
    section="17.12",
)
def requests_that_wait_for_each_other(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    async def one() -> Any:
        await asyncio.sleep(0)
        yield

    async def two() -> Any:
        await asyncio.sleep(0)
        yield

    first = Annotated[None, web.Depends(one, max_concurrency=1)]
    second = Annotated[None, web.Depends(two, max_concurrency=1)]

    @app.get("/forth")
    async def forth(a: first, b: second) -> None: ...  # type: ignore[valid-type]

    @app.get("/back")
    async def back(a: second, b: first) -> None: ...  # type: ignore[valid-type]

    @app.get("/")
    async def main() -> Any:
        return sorted(await asyncio.gather(outcome(app, "/forth"), outcome(app, "/back")))

    return app


@LIMITED.program(
    get("/").gives(200, "200").but(200, "waits"),
    section="17.12",
)
def limits_count_on_all_event_loops(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    session = Annotated[str, web.Depends(watching(record)("s"), max_concurrency=1)]

    @app.get("/other")
    async def other(_: session) -> None: ...  # type: ignore[valid-type]

    @app.get("/")
    async def main(_: session) -> Any:  # type: ignore[valid-type]
        return await run_in_threadpool(lambda: asyncio.run(outcome(app, "/other")))

    return app
