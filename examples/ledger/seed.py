"""A few accounts to begin with."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from examples.ledger.books import open_account, post_transfer
from examples.ledger.database import Database
from examples.ledger.messages import AccountOrder, TransferOrder
from examples.ledger.models import Account
from examples.ledger.settings import Settings
from examples.ledger.work import begin_work

# The treasury pays out what the others start with, so that all of it together is nothing.
TREASURY = AccountOrder(name="treasury", overdraft_limit=1_000_000_00)
CUSTOMERS = ("alice", "bob", "carol")
START = 1_000_00


async def seed(settings: Settings) -> None:
    """Open the accounts and fill them, in books that have none yet."""
    async with (
        Database.opened(settings) as database,
        database.session("seed") as session,
        begin_work(database, session) as work,
    ):
        await work.run(_fill)


async def _fill(session: AsyncSession) -> None:
    if await session.scalar(select(Account.id).limit(1)) is not None:
        return
    treasury = await open_account(session, TREASURY)
    for name in CUSTOMERS:
        customer = await open_account(session, AccountOrder(name=name))
        order = TransferOrder(
            source=treasury.id, target=customer.id, amount=START, memo="opening balance"
        )
        await post_transfer(session, order, holder="seed")
