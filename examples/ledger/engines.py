"""What differs between SQLite and PostgreSQL, so that nothing else has to know."""

import sqlite3
from contextlib import AbstractAsyncContextManager, nullcontext

import anyio
from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from examples.ledger import logs
from examples.ledger.settings import Settings

# The execution option that says a transaction is going to write.
WRITES = "ledger_writes"

# How long SQLite waits for another process to finish its write, in milliseconds.
BUSY_TIMEOUT = 10_000

# PostgreSQL: serialization_failure, deadlock_detected.
TRANSIENT_STATES = {"40001", "40P01"}


def create_engine(settings: Settings) -> AsyncEngine:
    """Make the engine, with its pool still empty."""
    url = make_url(settings.database_url)
    arguments: dict[str, object] = {}
    if url.get_backend_name() == "postgresql":
        arguments["server_settings"] = {"application_name": settings.application_name}
    engine = create_async_engine(
        url,
        connect_args=arguments,
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.pool_timeout,
    )
    if url.get_backend_name() == "sqlite":
        _prepare_sqlite(engine)
    _log_connections(engine)
    return engine


def writers_turn(engine: AsyncEngine) -> AbstractAsyncContextManager[object]:
    """Hold what lets one unit of work write.

    SQLite has one writer at a time and no queue for the others: they poll, and the unlucky ones
    time out. In this process they line up here instead, before they take a connection from the
    pool. PostgreSQL locks rows, and there everyone goes ahead.
    """
    return anyio.Lock() if engine.dialect.name == "sqlite" else nullcontext()


def is_transient(error: DBAPIError) -> bool:
    """Tell whether the same unit of work, begun anew, may well succeed."""
    original = error.orig
    if isinstance(original, sqlite3.OperationalError):
        # The low byte is the error, the others say what kind of it.
        return original.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    return getattr(original, "sqlstate", None) in TRANSIENT_STATES


def _prepare_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # The driver would begin transactions by itself, and later than it should: `begin` does.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later may find that it read what is no longer
        # so, and can only fail. One that says at once that it will write, waits for its turn.
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _log_connections(engine: AsyncEngine) -> None:
    pool = engine.sync_engine.pool

    @event.listens_for(pool, "connect")
    def opened(_connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        logs.pool.info("connection opened to %s", engine.dialect.name)

    @event.listens_for(pool, "close")
    def closed(_connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        logs.pool.info("connection closed")
