"""Books to begin with: twelve customers with money, and a treasury with a long history."""

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from examples.ledger.books import open_account, post_transfer
from examples.ledger.database import Database
from examples.ledger.messages import AccountOrder, TransferOrder
from examples.ledger.models import Account, Entry, Transfer
from examples.ledger.seed import seed
from examples.ledger.settings import Settings
from examples.ledger.work import begin_work

TREASURY, LAST_CUSTOMER, ARCHIVE = 1, 13, 14


async def write_history(settings: Settings, length: int) -> None:
    """Open accounts up to number 13 with 1000.00 each, and move a cent `length` times."""
    await seed(settings)
    async with (
        Database.opened(settings) as database,
        database.session("history") as session,
        begin_work(database, session) as work,
    ):
        await work.run(lambda session: _write(session, length))


async def _write(session: AsyncSession, length: int) -> None:
    for number in range(5, LAST_CUSTOMER + 1):
        await open_account(session, AccountOrder(name=f"customer {number}"))
        order = TransferOrder(source=TREASURY, target=number, amount=1_000_00)
        await post_transfer(session, order, holder="history")
    await open_account(session, AccountOrder(name="archive"))
    await _move_cents(session, length)


async def _move_cents(session: AsyncSession, length: int) -> None:
    """As many transfers would do, but written in bulk."""
    treasury, archive = await session.scalars(
        select(Account).where(Account.id.in_((TREASURY, ARCHIVE))).order_by(Account.id)
    )
    cent = {"source_id": TREASURY, "target_id": ARCHIVE, "amount": 1, "memo": "h" * 100}
    numbers = await session.scalars(
        insert(Transfer).returning(Transfer.id), [cent | {"holder": "history"}] * length
    )
    entries = []
    for number in numbers.all():
        for account, amount in ((treasury, -1), (archive, 1)):
            account.balance += amount
            entry = {"transfer_id": number, "account_id": account.id}
            entries.append(entry | {"amount": amount, "balance": account.balance})
    await session.flush()
    await session.execute(insert(Entry), entries)
