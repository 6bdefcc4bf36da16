"""The ledger as a process, under two hundred clients of which many misbehave."""

import asyncio
import json
import random
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from examples.ledger.settings import Settings
from tests.examples.aftermath import at_rest, check_books, eventually
from tests.examples.history import write_history
from tests.examples.processes import PATIENCE, LedgerProcess, running_ledger
from tests.examples.stores import Store
from tests.examples.storm import CLIENTS, DEEDS_EACH, storm
from tests.examples.wire import ask, request, wire

# How many entries the treasury's statement begins with: too many to be sent at once.
HISTORY = 3000

# How long the storm may last, in seconds, before something must be stuck.
STORM = 90


@dataclass
class Listener:
    """A client of the feed: the transfers it was told of, and how it was told goodbye."""

    socket: ClientConnection
    heard: list[int] = field(default_factory=list)
    goodbye: int | None = None

    async def listen(self) -> None:
        try:
            async for message in self.socket:
                self.heard.append(json.loads(message)["id"])
        except ConnectionClosed:
            pass
        self.goodbye = self.socket.close_code

    async def listen_to_a_few(self) -> None:
        """Hear some, then go away without a word."""
        for _ in range(5):
            await self.socket.recv()
        self.socket.transport.abort()


def subscription(port: int) -> connect:
    headers = {"X-API-Key": "reader-key"}
    return connect(f"ws://127.0.0.1:{port}/feed", additional_headers=headers, proxy=None)


async def check_audit(store: Store, numbers: set[int]) -> None:
    """The audit is written after the response, also when nobody was there to take it."""
    audited = await store.rows("SELECT subject_id FROM audit WHERE action = 'transfer'")
    assert sorted(number for (number,) in audited) == sorted(numbers)


async def check_connections(store: Store, name: str, health: dict[str, Any]) -> None:
    if store.kind == "postgresql":
        assert await store.connections(name) == ["idle"] * health["pool"]["open"]
        query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        assert await store.rows(query) == [(0,)]


async def check_farewell(ledger: LedgerProcess, store: Store, name: str) -> str:
    """The process has ended: everything that it opened it has closed, and its log says so."""

    async def look() -> list[str]:
        return await store.connections(name)

    assert await eventually(look, lambda seen: not seen) == []
    log = ledger.log
    for what in ("session", "work", "cursor"):
        # By number (the seeding has a number 1 of its own): each opened as often as closed.
        opened = re.findall(rf"ledger\.{what} +#(\d+) opened", log)
        closed = re.findall(rf"ledger\.{what} +#(\d+) (?:closed|committed|rolled back: )", log)
        assert sorted(opened) == sorted(closed) != []
    for what in ("connection", "pool"):
        assert log.count(f"{what} opened") == log.count(f"{what} closed") > 0
    assert log.count("subscriber joined") == log.count("subscriber left")
    assert log.rindex("session #") < log.rindex("pool    pool closed")
    return log


async def weather_a_storm(store: Store, folder: Path) -> None:
    name = f"ledger-{uuid4().hex[:8]}"
    await write_history(Settings(database_url=store.url, application_name="history"), HISTORY)
    seed = random.randrange(10**6)
    print("seed of the storm:", seed)
    environment = {
        "DATABASE_URL": store.url,
        "LEDGER_APPLICATION_NAME": name,
        "LEDGER_FEED_BACKLOG": "5000",
    }
    async with (
        running_ledger(folder, **environment) as ledger,
        subscription(ledger.port) as first,
        subscription(ledger.port) as second,
    ):
        faithful, fickle = Listener(first), Listener(second)
        async with asyncio.TaskGroup() as group:
            listening = asyncio.create_task(faithful.listen())
            group.create_task(fickle.listen_to_a_few())
            async with asyncio.timeout(STORM):
                tally = await storm([ledger.port], seed)
        print(*sorted(tally.counts.items()), sep="\n")
        assert tally.complaints == []
        assert tally.counts["transfer 201"] > CLIENTS * DEEDS_EACH / 10
        health = await at_rest(ledger.port, subscribers=1)
        assert (health["status"], health["books"]["balanced"]) == ("ok", True)
        numbers = await check_books(store, tally)
        await check_audit(store, numbers)
        await check_connections(store, name, health)
        assert await ledger.stop() == 0
        async with asyncio.timeout(PATIENCE):
            await listening
        assert sorted(faithful.heard) == sorted(numbers)
        assert faithful.goodbye == 1012
    log = await check_farewell(ledger, store, name)
    assert "Traceback" not in log
    # Who left a statement in the middle was noticed: its rows were not read to the end for nobody.
    taken = [int(rows) for rows in re.findall(r"cursor +#\d+ closed after (\d+) rows", log)]
    assert sum(taken) < tally.counts["left the statement"] * HISTORY / 2


def test_two_hundred_clients_leave_balanced_books_and_nothing_open(
    store: Store, tmp_path: Path
) -> None:
    asyncio.run(weather_a_storm(store, tmp_path))


async def two_ledgers_on_one_database(store: Store, folder: Path) -> None:
    name = f"ledger-{uuid4().hex[:8]}"
    await write_history(Settings(database_url=store.url, application_name="history"), HISTORY)
    environment = {"DATABASE_URL": store.url, "LEDGER_APPLICATION_NAME": name}
    async with (
        running_ledger(folder, **environment) as one,
        running_ledger(folder, **environment) as other,
    ):
        async with asyncio.timeout(STORM):
            tally = await storm([one.port, other.port], random.randrange(10**6), clients=40)
        assert tally.complaints == []
        for ledger in (one, other):
            health = await at_rest(ledger.port, subscribers=0)
            assert health["books"]["balanced"] is True
        await check_audit(store, await check_books(store, tally))
        assert await one.stop() == await other.stop() == 0
    logs = [await check_farewell(ledger, store, name) for ledger in (one, other)]
    if store.kind == "sqlite":
        # Each waits for its turn before it reads, so none ever has to start over.
        assert "met another" not in "".join(logs)


def test_two_processes_keep_the_same_books(store: Store, tmp_path: Path) -> None:
    asyncio.run(two_ledgers_on_one_database(store, tmp_path))


async def stop_under_a_reader_that_does_not_read(store: Store, folder: Path) -> None:
    name = f"ledger-{uuid4().hex[:8]}"
    await write_history(Settings(database_url=store.url, application_name="history"), HISTORY)
    environment = {"DATABASE_URL": store.url, "LEDGER_APPLICATION_NAME": name}
    async with (
        running_ledger(folder, "--grace", "1", **environment) as ledger,
        wire(ledger.port, narrow=True) as connection,
    ):
        await connection.send(request("GET", "/accounts/1/statement", "reader-key"))
        await connection.reader.readuntil(b"}\n")
        health = (await ask(ledger.port, "GET", "/health", "no-key")).json()
        assert (health["cursors"], health["pool"]["checked_out"]) == (1, 1)
        assert await ledger.stop() == 0
    await check_farewell(ledger, store, name)


def test_a_client_that_does_not_read_cannot_keep_the_ledger_open(
    store: Store, tmp_path: Path
) -> None:
    asyncio.run(stop_under_a_reader_that_does_not_read(store, tmp_path))
