"""Workers killed or asked to end half way, and every posting is in the books exactly once."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from examples.ledger.books import open_account, post_transfer
from examples.ledger.database import Database
from examples.ledger.messages import AccountOrder, TransferOrder
from examples.ledger.seed import seed
from examples.ledger.settings import Settings
from examples.ledger.work import begin_work
from tests.examples.processes import PATIENCE
from tests.examples.stores import PostgresStore
from tests.examples.workers import Worker, environment, remove_queue, running_workers
from tests.services import require_service

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(sys.platform == "win32", reason="kills a group of processes"),
]

TREASURY = 1
ACCOUNTS = range(2, 50)
MONTH, MONTH_BEFORE = "2026-09", "2026-08"

BROKERS = {
    "nats": "nats://{}:{}",
    "rabbitmq": "amqp://guest:guest@{}:{}/",
    "redis": "redis://{}:{}",
}


@pytest.fixture(params=list(BROKERS))
def broker_url(request: pytest.FixtureRequest) -> str:
    return BROKERS[request.param].format(*require_service(request.param))


async def fill(settings: Settings) -> None:
    """Open the accounts with 1000.00 each."""
    await seed(settings)

    async def write(session: Any) -> None:
        for number in range(5, ACCOUNTS.stop):
            await open_account(session, AccountOrder(name=f"customer {number}"))
            order = TransferOrder(source=TREASURY, target=number, amount=1_000_00)
            await post_transfer(session, order, holder="fill")

    async with (
        Database.opened(settings) as database,
        database.session("fill") as session,
        begin_work(database, session) as work,
    ):
        await work.run(write)


@asynccontextmanager
async def treasury_locked(store: PostgresStore) -> AsyncIterator[None]:
    """Nobody can post anything meanwhile; who tries to, waits in the middle of a transaction."""
    async with store.connection() as connection, connection.transaction():
        await connection.execute("SELECT FROM account WHERE id = $1 FOR UPDATE", TREASURY)
        yield


async def until(condition: Callable[[], Any]) -> None:
    """Ask the database until it says so."""
    async with asyncio.timeout(PATIENCE):
        while not await condition():  # noqa: ASYNC110 (a database tells nobody)
            await asyncio.sleep(0.02)


class Books:
    """What the database says of the postings and of the workers."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store

    async def posted(self) -> int:
        [(count,)] = await self._store.rows(
            "SELECT count(*) FROM transfer WHERE holder = 'interest'"
        )
        return int(count)

    async def all_posted(self) -> bool:
        return await self.posted() == len(ACCOUNTS)

    async def waiting(self, *workers: Worker) -> bool:
        """Each of these workers has a posting that waits for the treasury."""
        rows = await self._store.rows(
            "SELECT DISTINCT application_name FROM pg_stat_activity "
            "WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return {name for (name,) in rows} >= {worker.name for worker in workers}

    async def connected(self, *workers: Worker) -> list[str]:
        return [one for each in workers for one in await self._store.connections(each.name)]


async def order(command: str, *arguments: str, variables: dict[str, str]) -> str:
    """Run one of the ledger's commands."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "examples.ledger", command, *arguments),
        env=environment(**variables),
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0
    return printed.decode()


async def post_interest_while_one_is_killed(
    folder: Path, store: PostgresStore, variables: dict[str, str]
) -> list[Worker]:
    books = Books(store)
    async with running_workers(folder, 3, variables) as workers:
        killed, *others = workers
        async with treasury_locked(store):
            ordered = await order("interest", MONTH, variables=variables)
            assert ordered.startswith(f"{len(ACCOUNTS) + 1} accounts")
            await until(lambda: books.waiting(*workers))
        # Those that waited are posted now; the lock comes back before all others are.
        async with treasury_locked(store):
            await until(lambda: books.waiting(killed))
            assert 0 < await books.posted() < len(ACCOUNTS)
            await killed.kill()
        if variables["LEDGER_BROKER"].startswith("redis"):
            # There the messages of the dead are looked for when others arrive; these post nothing.
            await order("interest", MONTH_BEFORE, variables=variables)
        await until(books.all_posted)
        assert [await worker.stop() for worker in others] == [0, 0]
        assert await books.connected(*others) == []
    return workers


async def post_interest_while_one_is_asked_to_end(
    folder: Path, store: PostgresStore, variables: dict[str, str]
) -> list[Worker]:
    books = Books(store)
    async with running_workers(folder, 2, variables) as workers:
        ended, other = workers
        async with treasury_locked(store):
            await order("interest", MONTH, variables=variables)
            await until(lambda: books.waiting(*workers))
            assert await ended.stop() == 0
            assert await books.posted() == 0
        if variables["LEDGER_BROKER"].startswith("redis"):
            await order("interest", MONTH_BEFORE, variables=variables)
        await until(books.all_posted)
        assert await other.stop() == 0
        assert await books.connected(ended, other) == []
    return workers


@pytest.fixture
def variables(broker_url: str, postgres_store: PostgresStore) -> Iterator[dict[str, str]]:
    """What the workers are told: books of their own, and a queue of their own."""
    asyncio.run(postgres_store.empty())
    asyncio.run(fill(Settings(database_url=postgres_store.url)))
    asyncio.run(postgres_store.rows("UPDATE transfer SET created_at = '2026-09-01Z' RETURNING id"))
    queue = f"ledger_test_{uuid4().hex[:8]}"
    yield {
        "DATABASE_URL": postgres_store.url,
        "LEDGER_BROKER": broker_url,
        "LEDGER_QUEUE": queue,
        "LEDGER_REDELIVERY": "2",
    }
    asyncio.run(remove_queue(broker_url, queue))


def assert_each_is_posted_once(store: PostgresStore) -> None:
    postings = asyncio.run(
        store.rows(
            "SELECT target_id, idempotency_key, amount, count(*) OVER (PARTITION BY target_id) "
            "FROM transfer WHERE holder = 'interest' ORDER BY target_id"
        )
    )
    assert postings == [(number, f"{MONTH} account {number}", 200, 1) for number in ACCOUNTS]


def test_every_posting_is_there_once_though_a_worker_is_killed(
    variables: dict[str, str], postgres_store: PostgresStore, tmp_path: Path
) -> None:
    workers = asyncio.run(post_interest_while_one_is_killed(tmp_path, postgres_store, variables))
    assert_each_is_posted_once(postgres_store)
    for worker in workers[1:]:
        assert worker.log.count("pool opened") == worker.log.count("pool closed") == 1
    assert "pool closed" not in workers[0].log


def test_the_jobs_of_a_worker_that_is_asked_to_end_are_done_by_another(
    variables: dict[str, str], postgres_store: PostgresStore, tmp_path: Path
) -> None:
    workers = asyncio.run(
        post_interest_while_one_is_asked_to_end(tmp_path, postgres_store, variables)
    )
    assert_each_is_posted_once(postgres_store)
    for worker in workers:
        assert worker.log.count("pool opened") == worker.log.count("pool closed") == 1
    assert "JobInterruptedError" in workers[0].log
