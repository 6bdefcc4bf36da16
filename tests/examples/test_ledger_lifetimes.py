"""What the ledger opens and closes, also when something fails; in process, on each database."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from typing import Any

import anyio
import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from examples.ledger import transfers
from examples.ledger.app import create_app
from examples.ledger.books import post_transfer
from examples.ledger.database import Database
from examples.ledger.dependencies import Resources, open_resources
from examples.ledger.feed import Feed
from examples.ledger.seed import seed
from examples.ledger.settings import Settings
from tests.examples.callers import READER, TestClient, balances, transfer


def test_health_shows_that_nothing_stays_open(client: TestClient) -> None:
    transfer(client, {"source": 2, "target": 3, "amount": 100})
    transfer(client, {"source": 2, "target": 3, "amount": 100_001})
    client.get("/accounts/2/statement", headers=READER)
    answer = client.get("/health")
    health = answer.json()
    assert (answer.status_code, health["status"]) == (200, "ok")
    assert health["pool"]["open"] >= 1
    assert health["pool"]["checked_out"] == 0
    assert [health[name] for name in ("sessions", "units_of_work", "cursors", "subscribers")] == [
        0,
        0,
        0,
        0,
    ]
    assert health["books"] == {
        "balanced": True,
        "accounts": 4,
        "transfers": 4,
        "entries": 8,
        "sum_of_entries": 0,
        "accounts_off": 0,
        "transfers_off": 0,
    }


def test_health_notices_books_that_were_tampered_with(settings: Settings) -> None:
    async def tamper() -> None:
        await seed(settings)
        async with Database.opened(settings) as database, database.engine.begin() as connection:
            await connection.exec_driver_sql("UPDATE entry SET amount = amount + 1 WHERE id = 2")

    asyncio.run(tamper())
    with TestClient(create_app(settings)) as client:
        answer = client.get("/health")
    books = answer.json()["books"]
    assert (answer.status_code, books["balanced"]) == (503, False)
    assert (books["sum_of_entries"], books["accounts_off"], books["transfers_off"]) == (1, 1, 1)


def test_the_log_tells_what_opens_and_closes(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    def told(act: Callable[[], object]) -> list[str]:
        caplog.clear()
        with caplog.at_level(logging.INFO, "ledger"):
            act()
        return [
            f"{record.name.removeprefix('ledger.')} {record.getMessage().split()[1]}"
            for record in caplog.records
            if record.name.startswith("ledger.") and record.name != "ledger.pool"
        ]

    assert told(lambda: transfer(client, {"source": 2, "target": 3, "amount": 100})) == [
        "session opened",
        "work opened",
        "work committed",
        # The response is sent here; then the background task, with a session of its own.
        "session opened",
        "work opened",
        "work committed",
        "session closed",
        "audit transfer",
        "session closed",
    ]
    assert told(lambda: transfer(client, {"source": 2, "target": 3, "amount": 100_001})) == [
        "session opened",
        "work opened",
        "work rolled",
        "session closed",
    ]
    assert told(lambda: client.get("/accounts/2/statement", headers=READER)) == [
        "session opened",
        "cursor opened",
        "cursor closed",
        "session closed",
    ]


def busy() -> DBAPIError:
    """What SQLite says of a commit that another process stands in the way of."""
    original = sqlite3.OperationalError("database is locked")
    original.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return DBAPIError("COMMIT", None, original)


def test_a_commit_that_fails_is_never_told_as_done(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(seed(settings))
    made: list[Database] = []
    initialise = Database.__init__

    def remember(self: Database, settings: Settings) -> None:
        initialise(self, settings)
        made.append(self)

    monkeypatch.setattr(Database, "__init__", remember)
    with TestClient(create_app(settings)) as client:

        def fail(_connection: object) -> None:
            raise busy()

        engine = made[0].engine.sync_engine
        event.listen(engine, "commit", fail)
        with client.websocket_connect("/feed", headers=READER) as socket:
            answer = transfer(client, {"source": 2, "target": 3, "amount": 100})
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
            event.remove(engine, "commit", fail)
            assert balances(client)["alice"] == 100_000
            done = transfer(client, {"source": 2, "target": 3, "amount": 200})
            assert socket.receive_json() == done.json()
        assert client.get("/health").json()["pool"]["checked_out"] == 0


def test_a_step_that_collides_starts_over(
    settings: Settings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(seed(settings))
    collisions = iter([busy(), busy()])
    real = Feed.publish
    heard: list[str] = []

    def publish(self: Feed, message: str) -> None:
        heard.append(message)
        real(self, message)

    monkeypatch.setattr(Feed, "publish", publish)
    with TestClient(create_app(settings)) as client:

        async def collide(*args: Any, **options: Any) -> Any:
            posted = await post_transfer(*args, **options)
            for collision in collisions:
                raise collision
            return posted

        monkeypatch.setattr(transfers, "post_transfer", collide)
        with caplog.at_level(logging.INFO, "ledger.work"):
            answer = transfer(client, {"source": 2, "target": 3, "amount": 100})
        assert answer.status_code == 201
        assert balances(client)["alice"] == 99_900
        assert client.get("/health").json()["books"]["transfers"] == 4
    assert sum("met another" in record.getMessage() for record in caplog.records) == 2
    assert len(heard) == 1


async def serve_a_subscriber_that_does_not_read(settings: Settings) -> list[dict[str, Any]]:
    """Drive the feed's socket over plain ASGI; the client takes the handshake and nothing else."""
    sent: list[dict[str, Any]] = []
    accepted, stuck = anyio.Event(), anyio.Event()

    async def receive() -> dict[str, Any]:
        if not accepted.is_set():
            return {"type": "websocket.connect"}
        await anyio.sleep_forever()
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)
        if message["type"] == "websocket.accept":
            accepted.set()
        elif message["type"] == "websocket.send":
            stuck.set()
            await anyio.sleep_forever()

    app, feed = create_app(settings), Feed(settings.feed_backlog)
    async with (
        Database.opened(settings) as database,
        app.container,
        anyio.create_task_group() as group,
    ):
        opened = Resources(settings, database, feed, 0.0)
        app.dependency_overrides[open_resources] = lambda: opened
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "ws",
            "server": ("testserver", 80),
            "path": "/feed",
            "raw_path": b"/feed",
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", b"testserver"), (b"x-api-key", b"reader-key")],
            "subprotocols": [],
        }
        group.start_soon(app, scope, receive, send)
        with anyio.fail_after(10):
            await accepted.wait()
            feed.publish("taken, but never finished")
            await stuck.wait()
            for number in range(settings.feed_backlog):
                feed.publish(f"waits in the queue: {number}")
            assert feed.subscribers == 1
            feed.publish("one too many")
            assert feed.subscribers == 0
    return sent


def test_a_subscriber_that_does_not_read_is_dropped(settings: Settings) -> None:
    sent = asyncio.run(serve_a_subscriber_that_does_not_read(settings))
    assert [message["type"] for message in sent] == [
        "websocket.accept",
        "websocket.send",
        "websocket.close",
    ]
    assert sent[-1]["code"] == 1013
