"""The database: one pool, the sessions taken from it, and what is open at the moment."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter
from typing import cast

import anyio
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.pool import QueuePool

from examples.ledger import engines, logs
from examples.ledger.models import Base
from examples.ledger.settings import Settings

# How long the sessions that are open at the end may take to close, in seconds.
CLOSING = 5


class Database:
    """The pool and what was taken from it. Open one with `Database.opened`."""

    def __init__(self, settings: Settings) -> None:
        self.engine = engines.create_engine(settings)
        self.writers_turn = engines.writers_turn(self.engine)
        # How many of each are open now; the health check reports them.
        self.sessions = 0
        self.units_of_work = 0
        self.cursors = 0
        self._numbers = itertools.count(1)
        # Set while no session is open.
        self._no_sessions = anyio.Event()
        self._no_sessions.set()

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: Settings) -> AsyncIterator["Database"]:
        """Create the tables that are missing, and close every connection in the end."""
        database = cls(settings)
        logs.pool.info("pool opened, up to %d connections", settings.pool_size)
        try:
            async with database.engine.begin() as connection:
                await connection.run_sync(Base.metadata.create_all)
            yield database
        finally:
            await database.close()

    async def close(self) -> None:
        """Close every connection, the sessions first.

        A server that has waited long enough for its requests cancels them, and then stops the
        application without waiting for what they still clean up. So that is waited for here: a
        connection that comes back to a pool after its end would stay open.
        """
        with anyio.move_on_after(CLOSING):
            await self._no_sessions.wait()
        if self.sessions:
            logs.pool.warning("pool closes while %d sessions are open", self.sessions)
        await self.engine.dispose()
        logs.pool.info("pool closed")

    @property
    def kind(self) -> str:
        """The database's name: ``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name

    @property
    def connections(self) -> tuple[int, int]:
        """How many connections the pool owns, and how many of them are checked out."""
        # The kind of pool that every engine with a `pool_size` has.
        pool = cast("QueuePool", self.engine.pool)
        return pool.checkedin() + pool.checkedout(), pool.checkedout()

    @asynccontextmanager
    async def session(self, purpose: str) -> AsyncIterator[AsyncSession]:
        """Open a session. It takes a connection when it is first used, and none when it is not."""
        number = next(self._numbers)
        logs.session.info("#%d opened for %s", number, purpose)
        start = perf_counter()
        if self.sessions == 0:
            self._no_sessions = anyio.Event()
        self.sessions += 1
        session = AsyncSession(self.engine, expire_on_commit=False, info={"number": number})
        try:
            yield session
        finally:
            try:
                await session.close()
            finally:
                self.sessions -= 1
                if self.sessions == 0:
                    self._no_sessions.set()
                taken = (perf_counter() - start) * 1000
                logs.session.info("#%d closed after %.1f ms", number, taken)
