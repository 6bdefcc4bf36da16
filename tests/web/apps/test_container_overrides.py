"""``dependency_overrides`` and overrides by context, in what an application's container runs."""

import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from unittest.mock import patch

import pytest

from tenure.web import App, Depends
from tenure.web.testclient import TestClient


async def get_setting() -> str:
    return "real"


async def get_word() -> str:
    return "word"


async def job(
    setting: Annotated[str, Depends(get_setting)], word: Annotated[str, Depends(get_word)]
) -> str:
    return f"{setting} {word}"


async def count(times: int, setting: Annotated[str, Depends(get_setting)]) -> str:
    return setting * times


@pytest.fixture
def app() -> App:
    return App()


async def test_every_way_to_run_something_sees_them(app: App) -> None:
    container = app.container
    assert await container.call(job) == "real word"
    assert await container.call(job) == "real word"
    app.dependency_overrides[get_setting] = lambda: "fake"
    assert await container.call(job) == "fake word"
    assert await container.call(count, times=2) == "fakefake"
    assert await container.inject(job)() == "fake word"
    async with container.scope() as scope:
        assert await scope.call(job) == "fake word"
        assert await scope.get(get_setting) == "fake"
    async with container:
        assert await container.get(get_setting) == "fake"


def test_a_command_sees_them(app: App) -> None:
    app.dependency_overrides[get_setting] = lambda: "fake"
    assert app.container.run(job) == "fake word"


async def test_each_change_holds_for_the_next_call(app: App) -> None:
    call = app.container.call
    app.dependency_overrides[get_setting] = lambda: "fake"
    assert await call(job) == "fake word"
    app.dependency_overrides.clear()
    assert await call(job) == "real word"
    app.dependency_overrides = {get_setting: lambda: "another"}
    assert await call(job) == "another word"
    with patch.dict(app.dependency_overrides, {get_setting: lambda: "patched"}):
        assert await call(job) == "patched word"
    assert await call(job) == "another word"
    del app.dependency_overrides[get_setting]
    assert await call(job) == "real word"


async def test_those_of_the_context_come_first(app: App) -> None:
    app.dependency_overrides = {get_setting: lambda: "fake", get_word: lambda: "other"}
    with app.container.override({get_setting: lambda: "here"}):
        assert await app.container.call(job) == "here other"
    assert await app.container.call(job) == "fake other"


async def test_other_applications_do_not_see_them(app: App) -> None:
    app.dependency_overrides[get_setting] = lambda: "fake"
    assert await App().container.call(job) == "real word"


class TestMounted:
    """What a mounted application's own container runs, while its parent runs."""

    def test_it_sees_those_of_its_parent(self, app: App) -> None:
        mounted = self.mounted_in(app)
        with TestClient(app) as client:
            assert client.get("/mounted/").json() == "real word"
            app.dependency_overrides[get_setting] = lambda: "parent's"
            assert client.get("/mounted/").json() == "parent's word"
            with app.container.override({get_word: lambda: "context"}):
                assert client.get("/mounted/").json() == "parent's context"
            mounted.dependency_overrides[get_word] = lambda: "own"
            assert client.get("/mounted/").json() == "real own"
        mounted.dependency_overrides.clear()
        assert mounted.container.run(job) == "real word"

    def test_its_lifespan_opens_the_replacement(self, app: App) -> None:
        opened: list[str] = []

        async def get_pool() -> AsyncIterator[str]:
            opened.append("real")
            yield "real"

        async def fake_pool() -> AsyncIterator[str]:
            opened.append("fake")
            yield "fake"

        @asynccontextmanager
        async def lifespan(inner: App) -> AsyncIterator[None]:
            assert await inner.container.get(get_pool) == "fake"
            yield

        app.mount("/mounted", App(lifespan=lifespan))
        with app.container.override({get_pool: fake_pool}), TestClient(app):
            pass
        app.dependency_overrides[get_pool] = fake_pool
        with TestClient(app):
            pass
        assert opened == ["fake", "fake"]

    def test_overrides_of_both_contexts_count_as_matched(self, app: App) -> None:
        mounted = self.mounted_in(app)

        @mounted.get("/direct")
        async def direct(
            setting: Annotated[str, Depends(get_setting)], word: Annotated[str, Depends(get_word)]
        ) -> str:
            return f"{setting} {word}"

        with (
            warnings.catch_warnings(action="error"),
            TestClient(app) as client,
            app.container.override({get_setting: lambda: "outer"}),
            mounted.container.override({get_word: lambda: "inner"}),
        ):
            assert client.get("/mounted/direct").json() == "outer inner"
        with (
            warnings.catch_warnings(action="error"),
            TestClient(app) as client,
            app.container.override({get_setting: lambda: "outer"}),
            mounted.container.override({get_word: lambda: "inner"}),
        ):
            assert client.get("/mounted/").json() == "outer inner"

    def mounted_in(self, app: App) -> App:
        mounted = App()

        @mounted.get("/")
        async def run_job() -> str:
            return await mounted.container.call(job)

        app.mount("/mounted", mounted)
        return mounted
