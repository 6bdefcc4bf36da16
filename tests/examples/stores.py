"""Databases for one test: made, looked into from outside the ledger, and dropped."""

import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]


class SqliteStore:
    """A SQLite file."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "ledger.sqlite3"
        self.url = f"sqlite+aiosqlite:///{self.path}"

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            return connection.execute(query).fetchall()

    async def connections(self, application_name: str) -> list[str]:
        """What can be told from outside: the journal beside the file is there while it is open."""
        journal = self.path.with_name(self.path.name + "-wal")
        return ["open"] if journal.exists() else []


class PostgresStore:
    """A PostgreSQL database of its own; who may create it is told as libpq is (PGUSER, ...)."""

    kind = "postgresql"

    def __init__(self, host: str, port: int) -> None:
        self._server: dict[str, Any] = {
            "host": host,
            "port": port,
            "user": os.environ.get("PGUSER", "postgres"),
        }
        self._name = f"ledger_{os.getpid()}_{uuid4().hex[:8]}"
        self.url = f"postgresql+asyncpg://{self._server['user']}@{host}:{port}/{self._name}"

    @asynccontextmanager
    async def connection(self, database: str | None = None) -> AsyncIterator[Any]:
        """A connection past the ledger, to this database unless another is named."""
        connection = await asyncpg.connect(**self._server, database=database or self._name)
        try:
            yield connection
        finally:
            await connection.close()

    async def _administer(self, command: str) -> None:
        async with self.connection(os.environ.get("PGDATABASE", "postgres")) as connection:
            await connection.execute(command)

    async def create(self) -> None:
        await self._administer(f"CREATE DATABASE {self._name}")

    async def drop(self) -> None:
        await self._administer(f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)")

    async def empty(self) -> None:
        async with self.connection() as connection:
            await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        async with self.connection() as connection:
            return [tuple(row) for row in await connection.fetch(query)]

    async def connections(self, application_name: str) -> list[str]:
        """Tell the state of each connection under this name, as the server sees it."""
        async with self.connection() as connection:
            found = await connection.fetch(
                "SELECT state FROM pg_stat_activity WHERE application_name = $1", application_name
            )
        return [row["state"] for row in found]


Store = SqliteStore | PostgresStore
