"""When clients have gone: waiting for a ledger to come to rest, and looking through its books."""

import asyncio
from collections.abc import Callable
from typing import Any

from tests.examples.processes import PATIENCE
from tests.examples.stores import Store
from tests.examples.storm import Tally
from tests.examples.wire import ask


async def eventually(look: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
    """Look again and again until what is seen is as wanted, or patience ends."""
    async with asyncio.timeout(PATIENCE):
        while not wanted(seen := await look()):  # noqa: ASYNC110 (it is in another process)
            await asyncio.sleep(0.02)
    return seen


async def at_rest(port: int, subscribers: int) -> dict[str, Any]:
    """Wait until nothing is open but the subscriptions, and tell what the health check says."""

    async def look() -> dict[str, Any]:
        return (await ask(port, "GET", "/health", "no-key")).json()

    def is_at_rest(health: dict[str, Any]) -> bool:
        still_open = [health[name] for name in ("sessions", "units_of_work", "cursors")]
        return not any([*still_open, health["pool"]["checked_out"]]) and (
            health["subscribers"] == subscribers
        )

    return await eventually(look, is_at_rest)


async def check_books(store: Store, tally: Tally) -> set[int]:
    """Compare the books with what the clients were told; answer the new transfers' numbers."""
    transfers = await store.rows("SELECT memo, id FROM transfer WHERE holder = 'writer'")
    numbers = dict(transfers)
    assert len(numbers) == len(transfers), "an order was done twice"
    told = {memo: numbers.get(memo) for memo in tally.acknowledged}
    assert told == tally.acknowledged
    assert not tally.absent & numbers.keys()
    assert numbers.keys() <= tally.acknowledged.keys() | tally.unknown
    halves = await store.rows(
        "SELECT transfer.id FROM transfer LEFT JOIN entry ON entry.transfer_id = transfer.id "
        "GROUP BY transfer.id HAVING count(entry.id) <> 2 OR sum(entry.amount) <> 0"
    )
    assert halves == []
    off = await store.rows(
        "SELECT account.id FROM account LEFT JOIN entry ON entry.account_id = account.id "
        "GROUP BY account.id HAVING account.balance <> coalesce(sum(entry.amount), 0)"
    )
    assert off == []
    assert await store.rows("SELECT sum(balance) FROM account") == [(0,)]
    return set(numbers.values())
