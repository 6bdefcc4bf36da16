"""A database for each test of the ledger, SQLite's and PostgreSQL's, and a ledger on it."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from examples.ledger.app import create_app
from examples.ledger.seed import seed
from examples.ledger.settings import Settings
from tests.examples.callers import TestClient
from tests.examples.stores import PostgresStore, SqliteStore, Store
from tests.services import require_service


@pytest.fixture(scope="session")
def postgres_store() -> Iterator[PostgresStore]:
    store = PostgresStore(*require_service("postgresql"))
    asyncio.run(store.create())
    yield store
    asyncio.run(store.drop())


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty database, on each of the two in turn."""
    if request.param == "sqlite":
        return SqliteStore(tmp_path)
    postgres: PostgresStore = request.getfixturevalue("postgres_store")
    asyncio.run(postgres.empty())
    return postgres


@pytest.fixture
def settings(store: Store) -> Settings:
    return Settings(database_url=store.url, application_name="ledger-test", feed_backlog=3)


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    """A ledger with a treasury (1) and three customers (2, 3, 4) of 1000.00 each."""
    asyncio.run(seed(settings))
    with TestClient(create_app(settings)) as client:
        yield client


@pytest.fixture
def rows(store: Store) -> Callable[[str], list[tuple[object, ...]]]:
    """Ask the database directly, past the ledger."""
    return lambda query: asyncio.run(store.rows(query))
