"""Scope "app" in web applications: mounted, included, in lifespans and jobs, under load."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import anyio
import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Host

from tenure import ApplicationError, Container, GraphError
from tenure.web import APIRouter, App, Depends, Header, Query, Request
from tenure.web.testclient import TestClient

events: list[str] = []


@pytest.fixture(autouse=True)
def no_events() -> None:
    events.clear()


async def get_pool() -> AsyncIterator[list[str]]:
    events.append("pool opens")
    await anyio.lowlevel.checkpoint()
    yield []
    events.append("pool closes")


Pool = Annotated[list[str], Depends(get_pool, scope="app")]


async def get_session(pool: Pool) -> AsyncIterator[list[str]]:
    yield pool


async def read(pool: Pool) -> int:
    return id(pool)


async def job(session: Annotated[list[str], Depends(get_session)]) -> int:
    return id(session)


def an_app(**options: Any) -> App:
    app = App(**options)
    app.get("/")(read)
    return app


def test_it_is_set_up_before_the_first_request_and_closed_at_shutdown() -> None:
    with TestClient(an_app()) as client:
        assert events == ["pool opens"]
        assert client.get("/").json() == client.get("/").json()
    assert events == ["pool opens", "pool closes"]


def test_included_and_mounted_parts_share_it() -> None:
    app, mounted, deeper, router = an_app(), an_app(), an_app(), APIRouter()
    router.get("/included")(read)
    app.include_router(router)
    mounted.mount("/deeper", deeper)
    app.mount("/mounted", mounted)
    with TestClient(app) as client:
        paths = ["/", "/included", "/mounted/", "/mounted/deeper/"]
        assert len({client.get(path).json() for path in paths}) == 1
    assert events == ["pool opens", "pool closes"]


def test_parts_share_it_wherever_they_are_mounted() -> None:
    app, between = an_app(), Starlette()
    app.mount("/itself", app)
    app.mount("/wrapped", GZipMiddleware(an_app()))
    between.mount("/deeper", an_app())
    app.mount("/between", between)
    app.router.routes.insert(0, Host("other.example.org", an_app()))
    with TestClient(app) as client:
        paths = ["/", "/itself/", "/wrapped/", "/between/deeper/", "http://other.example.org/"]
        assert len({client.get(path).json() for path in paths}) == 1
    assert events == ["pool opens", "pool closes"]


def test_what_only_a_mounted_application_declares_is_set_up_too() -> None:
    app, mounted = App(), an_app()
    app.mount("/mounted", mounted)
    with TestClient(app):
        assert events == ["pool opens"]
    with TestClient(mounted):  # and by itself
        assert events == ["pool opens", "pool closes", "pool opens"]


def test_lifespans_find_it_in_the_container_and_run_inside_it() -> None:
    seen: list[int] = []

    def a_lifespan() -> Any:
        @asynccontextmanager
        async def lifespan(app: App) -> AsyncIterator[None]:
            pool = await app.container.get(get_pool)
            seen.append(id(pool))
            yield
            events.append("lifespan ends")

        return lifespan

    app = an_app(lifespan=a_lifespan())
    app.mount("/mounted", an_app(lifespan=a_lifespan()))
    with TestClient(app) as client:
        seen.append(client.get("/").json())
    assert len(seen) == 3
    assert len(set(seen)) == 1
    assert events == ["pool opens", "lifespan ends", "lifespan ends", "pool closes"]


def test_a_job_and_a_request_share_it() -> None:
    app = an_app()

    @app.get("/job")
    async def run_job() -> int:
        return await app.container.call(job)

    with TestClient(app) as client:
        assert client.get("/job").json() == client.get("/").json()


def test_a_websocket_shares_it() -> None:
    from tenure.web import WebSocket

    app = an_app()

    @app.websocket("/socket")
    async def socket(websocket: WebSocket, pool: Pool) -> None:
        await websocket.accept()
        await websocket.send_json(id(pool))

    with TestClient(app) as client, client.websocket_connect("/socket") as websocket:
        assert websocket.receive_json() == client.get("/").json()


def test_a_set_up_that_fails_fails_the_start() -> None:
    async def get_broken(pool: Pool) -> None:
        raise LookupError("no database")

    app = App(dependencies=[Depends(get_broken, scope="app")])
    app.get("/")(read)
    with pytest.raises(LookupError, match="no database"), TestClient(app):
        pytest.fail("started")
    assert events == ["pool opens", "pool closes"]


def test_a_lazy_one_fails_its_request_and_is_tried_again() -> None:
    attempts: list[int] = []

    async def get_flaky() -> str:
        attempts.append(1)
        if len(attempts) == 1:
            raise LookupError("not yet")
        return "there"

    app = App()

    @app.get("/")
    async def read_flaky(flaky: Annotated[str, Depends(get_flaky, scope="app", lazy=True)]) -> str:
        return flaky

    with TestClient(app, raise_server_exceptions=False) as client:
        assert attempts == []
        assert [client.get("/").status_code for _ in range(3)] == [500, 200, 200]
    assert len(attempts) == 2


def test_requests_without_a_lifespan_say_what_is_missing() -> None:
    client = TestClient(an_app())
    with pytest.raises(ApplicationError, match=r"(?s)get_pool \(.*with TestClient"):
        client.get("/")


async def test_a_thousand_first_requests_set_up_once() -> None:
    app = App()
    statuses: list[int] = []

    @app.get("/")
    async def read_lazily(
        pool: Annotated[list[str], Depends(get_pool, scope="app", lazy=True)],
    ) -> int:
        return id(pool)

    async with app.container:
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:

            async def ask() -> None:
                statuses.append((await client.get("/")).status_code)

            async with anyio.create_task_group() as group:
                for _ in range(1000):
                    group.start_soon(ask)
    assert statuses == [200] * 1000
    assert events == ["pool opens", "pool closes"]


def test_an_override_in_place_at_the_start_is_what_is_set_up() -> None:
    async def fake_pool() -> AsyncIterator[list[str]]:
        events.append("fake opens")
        yield ["fake"]
        events.append("fake closes")

    app = an_app()
    app.get("/len")(read_length)
    app.dependency_overrides[get_pool] = fake_pool
    with TestClient(app) as client:
        assert client.get("/len").json() == 1
    assert events == ["fake opens", "fake closes"]
    app.dependency_overrides.clear()
    with TestClient(app) as client:
        assert client.get("/len").json() == 0


async def read_length(pool: Pool) -> int:
    return len(pool)


@pytest.mark.parametrize(
    ("declaration", "word"),
    [
        (Annotated[str, Query()], "Query"),
        (Annotated[str, Header()], "Header"),
        (Request, "Request"),
    ],
)
def test_nothing_of_a_request_reaches_it(declaration: Any, word: str) -> None:
    async def get_bad(it: declaration) -> None: ...

    app = App()
    with pytest.raises(GraphError, match=rf"(?s)'it' of .*get_bad.* \({word}\)") as caught:

        @app.get("/")
        async def endpoint(bad: Annotated[None, Depends(get_bad, scope="app")]) -> None: ...

    assert "app" in str(caught.value)


async def test_what_only_http_supplies_is_refused_outside_of_it() -> None:
    async def page(limit: int = Query(10)) -> int:
        return limit

    async def plain(limit: Annotated[int, Query()] = 10) -> int:
        return limit

    async def uses(
        page: Annotated[int, Depends(page)], request: Request, q: Annotated[str, Query()]
    ) -> int:
        return page

    async def right(limit: Annotated[int, Depends(plain)], q: Annotated[str, Query()]) -> str:
        return f"{limit} {q}"

    container = Container()
    with pytest.raises(GraphError) as caught:
        await container.call(uses)
    texts = [fault.message + fault.hint for fault in caught.value.faults]
    assert len(texts) == 3
    assert any(re.search(r"'limit' of .*page.*Query is its default", each) for each in texts)
    assert any(re.search(r"'request' of .*\(Request\).*request=\.\.\.", each) for each in texts)
    assert any(re.search(r"'q' of .*\(Query\).*q=\.\.\.", each) for each in texts)
    assert await container.call(right, q="given") == "10 given"
