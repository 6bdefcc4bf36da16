"""``app.container.override``: reaches every part of an application, in one context only."""

from collections.abc import AsyncIterator
from typing import Annotated

import anyio
import httpx2
import pytest

from tenure import GraphError, TenureWarning
from tenure.web import APIRouter, App, Depends, Query
from tenure.web.testclient import TestClient


async def get_user() -> str:
    return "real"


async def fake_user(name: Annotated[str, Query()] = "fake") -> AsyncIterator[str]:
    yield name


async def read(user: Annotated[str, Depends(get_user)]) -> str:
    return user


def an_app() -> App:
    app, mounted, router = App(), App(), APIRouter()
    app.get("/")(read)
    router.get("/included")(read)
    mounted.get("/")(read)
    app.include_router(router)
    app.mount("/mounted", mounted)
    return app


PATHS = ["/", "/included", "/mounted/"]


def test_it_reaches_included_and_mounted_parts_and_is_undone() -> None:
    app = an_app()
    with TestClient(app) as client:
        assert [client.get(path).json() for path in PATHS] == ["real"] * 3
        with app.container.override({get_user: fake_user}):
            assert [client.get(path).json() for path in PATHS] == ["fake"] * 3
            assert client.get("/?name=asked").json() == "asked"
        assert [client.get(path).json() for path in PATHS] == ["real"] * 3


def test_it_comes_before_dependency_overrides() -> None:
    app = an_app()
    app.dependency_overrides[get_user] = lambda: "by the dictionary"
    client = TestClient(app)
    with app.container.override({get_user: fake_user}):
        assert [client.get(path).json() for path in PATHS] == ["fake"] * 3
    assert [client.get(path).json() for path in PATHS] == ["by the dictionary"] * 3


def test_the_two_kinds_go_together() -> None:
    async def get_word() -> str:
        return "word"

    app = App()

    @app.get("/")
    async def read_both(
        user: Annotated[str, Depends(get_user)], word: Annotated[str, Depends(get_word)]
    ) -> str:
        return f"{user} {word}"

    app.dependency_overrides[get_word] = lambda: "other"
    client = TestClient(app)
    with app.container.override({get_user: fake_user}):
        assert client.get("/").json() == "fake other"


async def test_tests_at_the_same_time_do_not_see_each_others() -> None:
    app = an_app()
    transport = httpx2.ASGITransport(app=app)

    async def a_test(name: str) -> None:
        async def fake() -> str:
            await anyio.lowlevel.checkpoint()
            return name

        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            with app.container.override({get_user: fake}):
                for path in PATHS * 5:
                    assert (await client.get(path)).json() == name

    async with anyio.create_task_group() as group:
        for number in range(10):
            group.start_soon(a_test, f"name {number}")


def test_one_that_no_request_used_warns() -> None:
    app = an_app()
    with pytest.warns(TenureWarning, match="get_other"):
        with app.container.override({get_other: lambda: "other"}):
            assert TestClient(app).get("/").json() == "real"


async def get_other() -> str:
    return "other"


def test_its_faults_are_found_when_it_is_set() -> None:
    async def needs_itself(user: Annotated[str, Depends(get_user)]) -> str:
        return user

    app = an_app()
    with pytest.raises(GraphError, match="cycle"), app.container.override({get_user: needs_itself}):
        pytest.fail("entered")
    assert TestClient(app).get("/").json() == "real"


def test_jobs_see_it_too() -> None:
    app = an_app()
    with app.container.override({get_user: lambda: "fake"}):
        assert app.container.run(read) == "fake"


def test_what_is_set_up_at_the_start_is_the_replacement() -> None:
    opened: list[str] = []

    async def get_pool() -> AsyncIterator[str]:
        opened.append("real")
        yield "real"

    async def fake_pool() -> AsyncIterator[str]:
        opened.append("fake")
        yield "fake"

    app = App()

    @app.get("/")
    async def read_pool(pool: Annotated[str, Depends(get_pool, scope="app")]) -> str:
        return pool

    with app.container.override({get_pool: fake_pool}), TestClient(app) as client:
        assert client.get("/").json() == "fake"
    assert opened == ["fake"]
