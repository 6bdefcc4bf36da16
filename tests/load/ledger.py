"""A ledger on PostgreSQL through everything that can happen to it; and what is left afterwards."""

import asyncio
import re
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random
from uuid import uuid4

from examples.ledger.settings import Settings
from tests.examples.aftermath import at_rest, check_books, eventually
from tests.examples.history import write_history
from tests.examples.stores import PostgresStore
from tests.examples.wire import ask
from tests.load.chaos import Crowd
from tests.load.servers import Served, served
from tests.services import require_service

POOL = 5
HISTORY = 300
TERMINATIONS = 0.3
"""Seconds between two sessions that the database ends."""


@asynccontextmanager
async def database() -> AsyncIterator[PostgresStore]:
    """A PostgreSQL database of its own."""
    store = PostgresStore(*require_service("postgresql"))
    await store.create()
    try:
        yield store
    finally:
        await store.drop()


class Season:
    """One server through one run."""

    def __init__(self, server: str, store: PostgresStore, folder: Path, crowd: Crowd) -> None:
        self.server, self.store, self.folder, self.crowd = server, store, folder, crowd
        self.name = f"soak-{uuid4().hex[:8]}"
        self.environment = {
            "DATABASE_URL": store.url,
            "LEDGER_APPLICATION_NAME": self.name,
            "LEDGER_POOL_SIZE": str(POOL),
        }
        self.terminated = 0
        self._starting = asyncio.Lock()
        """Held while a ledger starts: what ends its start is no fault that it has to survive."""
        self.processes = 0

    @asynccontextmanager
    async def served(self) -> AsyncIterator[Served]:
        self.processes += 1
        async with AsyncExitStack() as stack:
            async with self._starting:
                ledger = await stack.enter_async_context(
                    served(
                        self.server,
                        self.folder,
                        self.crowd.port,
                        self.processes,
                        self.environment,
                    )
                )
            yield ledger

    async def run(self) -> None:
        await write_history(
            Settings(database_url=self.store.url, application_name="history"), HISTORY
        )
        async with asyncio.TaskGroup() as group:
            ending = group.create_task(self._end_sessions())
            crowd = None
            async with self.served() as first:
                crowd = group.create_task(self.crowd.run())
                await first.during(self.crowd.until(0.35))
                assert await first.ended(signal.SIGTERM) in {0, -signal.SIGTERM}
            await self._check_farewell(first)
            async with self.served() as second:
                await second.during(self.crowd.until(0.7))
                await second.ended(signal.SIGKILL)
            async with self.served() as third:
                await third.during(crowd)
                ending.cancel()
                await self._check_rest()
                assert await third.ended(signal.SIGTERM) in {0, -signal.SIGTERM}
            await self._check_farewell(third)

    async def _end_sessions(self) -> None:
        """Now and then, end one of the ledger's sessions in the middle of what it does."""
        random = Random(self.crowd.seed)
        while True:
            await asyncio.sleep(random.uniform(0.5, 1.5) * TERMINATIONS)
            async with self._starting:
                ended = await self.store.rows(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    f"WHERE application_name = '{self.name}' ORDER BY random() LIMIT 1"
                )
            self.terminated += len(ended)

    async def _check_rest(self) -> None:
        """Nothing is open; the books balance; the pool is whole."""
        # Connections that the database has ended are found out by who gets them next.
        for _ in range(POOL):
            await ask(self.crowd.port, "GET", "/health", "no-key")
        health = await at_rest(self.crowd.port, subscribers=0)
        assert (health["status"], health["books"]["balanced"]) == ("ok", True)
        assert health["pool"]["checked_out"] == 0
        states = await self.store.connections(self.name)
        assert set(states) <= {"idle"}, states
        assert len(states) <= POOL
        await check_books(self.store, self.crowd.tally)
        assert self.crowd.tally.complaints == []

    async def _check_farewell(self, ledger: Served) -> None:
        """Who was asked to end has closed all that it had opened."""

        async def look() -> list[str]:
            return await self.store.connections(self.name)

        assert await eventually(look, lambda seen: not seen) == []
        log = ledger.log_file.read_text()
        for what in ("session", "work", "cursor"):
            # (The seeding has a number 1 of its own.)
            opened = re.findall(rf"ledger\.{what} +#(\d+) opened", log)
            closed = re.findall(rf"ledger\.{what} +#(\d+) (?:closed|committed|rolled back: )", log)
            assert sorted(opened) == sorted(closed), f"{what}: {set(opened) ^ set(closed)}"


async def weather(server: str, requests: int, seed: int, folder: Path) -> None:
    """Run it, and print what it went through."""
    started = time.monotonic()
    async with database() as store:
        crowd = Crowd(requests, seed)
        season = Season(server, store, folder, crowd)
        await season.run()
    left = sum(crowd.deeds[name] for name in crowd.deeds if name.startswith("leave"))
    print(f"{server}: {crowd.made} requests in {time.monotonic() - started:.0f} s, seed {seed}")
    print(f"  {left} of {crowd.deeds.total()} deeds were left in the middle")
    print(f"  {season.terminated} sessions ended by the database; SIGTERM twice, SIGKILL once")
    tally = crowd.tally
    print(
        f"  {len(tally.acknowledged)} transfers acknowledged, all in the books; "
        f"{len(tally.unknown)} in doubt (those made while nobody listened, too), "
        f"{len(tally.absent)} refused, none of them there"
    )
    print("  " + ", ".join(f"{what}: {count}" for what, count in sorted(tally.counts.items())))
