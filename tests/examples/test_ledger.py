"""What the ledger answers, in process, on each database."""

import asyncio
import json
import logging
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from examples.ledger import transfers
from examples.ledger.app import create_app
from examples.ledger.books import post_transfer
from examples.ledger.database import Database
from examples.ledger.dependencies import Resources
from examples.ledger.feed import Feed
from examples.ledger.seed import seed
from examples.ledger.settings import Settings
from tenure.web import WebSocketDisconnect
from tests.examples.stores import Store

with warnings.catch_warnings():
    # Starlette's test client prefers another HTTP library, and works with this one.
    warnings.simplefilter("ignore")
    from tenure.web.testclient import TestClient

READER = {"X-API-Key": "reader-key"}
WRITER = {"X-API-Key": "writer-key"}
ADMIN = {"X-API-Key": "admin-key"}

Rows = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
def settings(store: Store) -> Settings:
    return Settings(database_url=store.url, application_name="ledger-test", feed_backlog=3)


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    """A ledger with a treasury (1) and three customers (2, 3, 4) of 1000.00 each."""
    asyncio.run(seed(settings))
    with TestClient(create_app(settings)) as client:
        yield client


def transfer(client: TestClient, body: dict[str, Any], **headers: str) -> Any:
    return client.post("/transfers", json=body, headers=WRITER | headers)


def balances(client: TestClient) -> dict[str, int]:
    accounts = client.get("/accounts", headers=READER).json()
    return {account["name"]: account["balance"] for account in accounts}


def test_an_account_is_opened_once_and_read(client: TestClient) -> None:
    opened = client.post("/accounts", json={"name": "dave"}, headers=ADMIN)
    assert (opened.status_code, opened.json()["balance"]) == (201, 0)
    number = opened.json()["id"]
    assert client.get(f"/accounts/{number}", headers=READER).json() == opened.json()
    again = client.post("/accounts", json={"name": "dave"}, headers=ADMIN)
    assert (again.status_code, again.json()) == (
        409,
        {"detail": "there is an account 'dave' already"},
    )
    assert client.get("/accounts/99", headers=READER).status_code == 404


def test_accounts_are_listed_by_pages(client: TestClient) -> None:
    page = client.get("/accounts", params={"after": 1, "limit": 2}, headers=READER).json()
    assert [account["name"] for account in page] == ["alice", "bob"]


def test_a_transfer_moves_money_in_two_entries(client: TestClient, rows: Rows) -> None:
    answer = transfer(client, {"source": 2, "target": 3, "amount": 2500, "memo": "rent"})
    assert answer.status_code == 201
    number = answer.json()["id"]
    assert client.get(f"/transfers/{number}", headers=READER).json() == answer.json()
    assert balances(client) == {
        "treasury": -300_000,
        "alice": 97_500,
        "bob": 102_500,
        "carol": 100_000,
    }
    query = f"SELECT account_id, amount, balance FROM entry WHERE transfer_id = {number} ORDER BY 1"
    assert rows(query) == [(2, -2500, 97_500), (3, 2500, 102_500)]


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({"source": 2, "target": 3, "amount": 100_001}, 409, "account 2 has 100000, which is"),
        ({"source": 2, "target": 99, "amount": 1}, 404, "there is no account 99"),
        ({"source": 99, "target": 2, "amount": 1}, 404, "there is no account 99"),
    ],
)
def test_a_refused_transfer_leaves_nothing(
    client: TestClient, rows: Rows, body: dict[str, Any], status: int, detail: str
) -> None:
    before = balances(client)
    answer = transfer(client, body)
    assert answer.status_code == status
    assert answer.json()["detail"].startswith(detail)
    assert balances(client) == before
    assert rows("SELECT count(*) FROM transfer") == [(3,)]
    assert rows("SELECT count(*) FROM audit") == [(0,)]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"amount": 0}, ["body", "amount"]),
        ({"amount": 10.5}, ["body", "amount"]),
        ({"amount": "10"}, ["body", "amount"]),
        ({"target": 2}, ["body"]),
        ({"fee": 1}, ["body", "fee"]),
        ({"memo": "m" * 141}, ["body", "memo"]),
    ],
)
def test_a_faulty_order_is_named_before_anything_opens(
    client: TestClient, change: dict[str, Any], place: list[str]
) -> None:
    answer = transfer(client, {"source": 2, "target": 3, "amount": 100} | change)
    assert answer.status_code == 422
    assert [fault["loc"] for fault in answer.json()["detail"]] == [place]


def test_a_repeated_order_is_done_once(client: TestClient, rows: Rows) -> None:
    body = {"source": 2, "target": 3, "amount": 100}
    key = {"Idempotency-Key": "k1"}
    first, second = transfer(client, body, **key), transfer(client, body, **key)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json()
    assert second.headers["Idempotent-Replay"] == "true"
    other = transfer(client, body | {"amount": 200}, **key)
    assert other.status_code == 409
    assert balances(client)["alice"] == 99_900
    # The key is the caller's own: another caller's order under the same word is another order.
    theirs = client.post("/transfers", json=body, headers=ADMIN | key)
    assert theirs.status_code == 201
    assert rows("SELECT count(*) FROM transfer WHERE idempotency_key = 'k1'") == [(2,)]


@pytest.mark.parametrize(
    ("headers", "status", "detail"),
    [
        ({}, 401, "send your key in the header X-API-Key"),
        ({"X-API-Key": "guess"}, 401, "the key in X-API-Key is not known"),
        (READER, 403, "the key of 'reader' lacks ledger:write"),
    ],
)
def test_a_caller_without_the_right_is_refused(
    client: TestClient, headers: dict[str, str], status: int, detail: str
) -> None:
    body = {"source": 2, "target": 3, "amount": 100}
    answer = client.post("/transfers", json=body, headers=headers)
    assert (answer.status_code, answer.json()) == (status, {"detail": detail})


def test_what_was_done_is_audited_after_the_response(client: TestClient) -> None:
    number = transfer(client, {"source": 2, "target": 3, "amount": 100}).json()["id"]
    assert client.get("/audit", headers=WRITER).status_code == 403
    entries = client.get("/audit", headers=ADMIN).json()
    assert [(e["holder"], e["action"], e["subject_id"]) for e in entries] == [
        ("writer", "transfer", number)
    ]


def test_a_statement_is_one_line_an_entry(client: TestClient) -> None:
    for amount in (100, 200):
        transfer(client, {"source": 2, "target": 3, "amount": amount, "memo": f"m{amount}"})
    with client.stream("GET", "/accounts/3/statement", headers=READER) as answer:
        assert answer.headers["content-type"] == "application/jsonl"
        lines = [json.loads(line) for line in answer.iter_lines()]
    assert [(line["amount"], line["balance"], line["memo"]) for line in lines] == [
        (100_000, 100_000, "opening balance"),
        (100, 100_100, "m100"),
        (200, 100_300, "m200"),
    ]
    assert client.get("/accounts/99/statement", headers=READER).status_code == 404


def test_the_feed_tells_what_was_committed_and_only_that(client: TestClient) -> None:
    with client.websocket_connect("/feed", headers=READER) as socket:
        transfer(client, {"source": 2, "target": 3, "amount": 100_001})
        posted = transfer(client, {"source": 2, "target": 3, "amount": 100}).json()
        assert socket.receive_json() == posted
        assert client.get("/health").json()["subscribers"] == 1
    assert client.get("/health").json()["subscribers"] == 0


def test_the_feed_is_not_for_strangers(client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/feed"):
        pass


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

    async with Database.opened(settings) as database, anyio.create_task_group() as group:
        feed = Feed(settings.feed_backlog)
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
            "state": {"resources": Resources(settings, database, feed, 0.0)},
        }
        group.start_soon(create_app(settings), scope, receive, send)
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
