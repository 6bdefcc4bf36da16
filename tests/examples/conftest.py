"""A database for each test of the ledger: SQLite's and PostgreSQL's."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

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
def rows(store: Store) -> Callable[[str], list[tuple[object, ...]]]:
    """Ask the database directly, past the ledger."""
    return lambda query: asyncio.run(store.rows(query))
