"""One pool for the requests and the jobs of a ledger; tests at the same time, each on its own."""

import asyncio
import logging
from dataclasses import replace
from typing import Annotated

import anyio
import pytest
from sqlalchemy import text

from examples.ledger.app import create_app
from examples.ledger.books import Report, examine
from examples.ledger.database import Database
from examples.ledger.dependencies import Opened, Resources, Session, open_resources, read_settings
from examples.ledger.seed import seed
from examples.ledger.settings import Settings
from tenure.ext.jobs import JobRunner
from tenure.web import App, Depends
from tests.examples.stores import PostgresStore
from tests.web.apps.client import Client, running

pytestmark = pytest.mark.once

AT_ONCE = 1_000

OpenedLater = Annotated[Resources, Depends(open_resources, scope="app", lazy=True)]


@pytest.fixture(autouse=True)
def _told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "ledger.pool")


def pools(caplog: pytest.LogCaptureFixture) -> tuple[int, int]:
    """How many were opened, and how many closed."""
    said = [record.getMessage() for record in caplog.records if record.name == "ledger.pool"]
    return sum(each.startswith("pool opened") for each in said), said.count("pool closed")


async def examine_books(session: Session, opened: Opened) -> tuple[Report, Database]:
    return await examine(session), opened.database


def test_a_job_and_a_request_share_the_pool(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        await seed(settings)
        caplog.clear()
        app = create_app(settings)
        runner = JobRunner(app.container)
        async with running(app) as client:
            await runner.start()
            health = (await client.request(app, "GET", "/health")).json()
            report, database = await runner.run(examine_books)
            assert (await app.container.get(open_resources)).database is database
            assert health["books"]["accounts"] == report.accounts == 4
            assert database.sessions == 0
            await runner.stop()
            assert pools(caplog) == (1, 0)

    asyncio.run(work())
    assert pools(caplog) == (1, 1)


def test_a_thousand_first_requests_open_one_pool(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """Of an application whose requests are the first to need it."""
    ledger = App()
    ledger.dependency_overrides[read_settings] = lambda: settings

    @ledger.get("/books")
    async def look(opened: OpenedLater) -> int:
        async with opened.database.session("a test") as session:
            return int((await session.execute(text("SELECT 1"))).scalar_one())

    async def ask(client: Client, answers: list[int]) -> None:
        answers.append((await client.request(ledger, "GET", "/books")).json())

    async def work() -> list[int]:
        answers: list[int] = []
        async with running(ledger) as client:
            assert pools(caplog) == (0, 0)
            async with anyio.create_task_group() as group:
                for _ in range(AT_ONCE):
                    group.start_soon(ask, client, answers)
        return answers

    assert asyncio.run(work()) == [1] * AT_ONCE
    assert pools(caplog) == (1, 1)


async def whose(session: Session) -> str:
    found = await session.execute(text("SELECT current_setting('application_name')"))
    return str(found.scalar_one())


def test_two_tests_at_the_same_time_have_settings_of_their_own(
    postgres_store: PostgresStore, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(database_url=postgres_store.url, application_name="ledger-both")
    app = create_app(settings)
    app.get("/whose")(whose)

    async def a_test(client: Client, name: str) -> None:
        mine = replace(settings, application_name=name)
        with app.container.override({read_settings: lambda: mine}):
            for _ in range(20):
                assert (await client.request(app, "GET", "/whose")).json() == name
                assert await app.container.call(whose) == name

    async def work() -> None:
        async with running(app) as client:
            async with anyio.create_task_group() as group:
                group.start_soon(a_test, client, "ledger-one")
                group.start_soon(a_test, client, "ledger-two")
            assert (await client.request(app, "GET", "/whose")).json() == "ledger-both"

    asyncio.run(work())
    assert pools(caplog) == (3, 3)
