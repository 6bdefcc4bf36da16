"""The rules of double entry. Everything here runs inside a unit of work or a reading session."""

from dataclasses import dataclass

from sqlalchemy import Select, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from examples.ledger.messages import AccountOrder, TransferOrder
from examples.ledger.models import Account, Base, Entry, Transfer
from examples.ledger.work import TryAgainError


class UnknownAccountError(LookupError):
    """No account has this number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no account {number}")


class NameTakenError(ValueError):
    """Another account has this name."""


class OverdrawnError(ValueError):
    """The source account has not so much money."""


class KeyReusedError(ValueError):
    """An idempotency key came back with another order."""


class BooksOffError(Exception):
    """The books do not balance."""


@dataclass(frozen=True)
class Posted:
    """A transfer that is in the books, and whether this order was the one that put it there."""

    transfer: Transfer
    repeated: bool


async def open_account(session: AsyncSession, order: AccountOrder) -> Account:
    """Open an account, empty."""
    account = Account(name=order.name, overdraft_limit=order.overdraft_limit)
    session.add(account)
    try:
        await session.flush()
    except IntegrityError as error:
        raise NameTakenError(f"there is an account {order.name!r} already") from error
    return account


async def find_account(session: AsyncSession, number: int) -> Account:
    """Read one account."""
    account = await session.get(Account, number)
    if account is None:
        raise UnknownAccountError(number)
    return account


async def post_transfer(
    session: AsyncSession, order: TransferOrder, *, holder: str, idempotency_key: str | None = None
) -> Posted:
    """Move money: one transfer, two entries, two balances.

    An order that comes again with the same key is not done again; the first one's transfer is
    the answer.
    """
    if idempotency_key is not None:
        earlier = await _posted_under(session, holder, idempotency_key)
        if earlier is not None:
            return Posted(_same_order(earlier, order), repeated=True)
    source, target = await _lock(session, order.source, order.target)
    if source.balance - order.amount < -source.overdraft_limit:
        raise OverdrawnError(f"account {source.id} has {source.balance}, which is too little")
    source.balance -= order.amount
    target.balance += order.amount
    transfer = Transfer(
        source_id=source.id,
        target_id=target.id,
        amount=order.amount,
        memo=order.memo,
        holder=holder,
        idempotency_key=idempotency_key,
    )
    session.add(transfer)
    try:
        await session.flush()
    except IntegrityError as error:
        # Between the look for the key and now, the same order was done by another request.
        if idempotency_key is None:
            raise
        raise TryAgainError from error
    for account, amount in ((source, -order.amount), (target, order.amount)):
        session.add(
            Entry(
                transfer_id=transfer.id,
                account_id=account.id,
                amount=amount,
                balance=account.balance,
            )
        )
    await session.flush()
    return Posted(transfer, repeated=False)


async def _posted_under(session: AsyncSession, holder: str, key: str) -> Transfer | None:
    posted: Transfer | None = await session.scalar(
        select(Transfer).where(Transfer.holder == holder, Transfer.idempotency_key == key)
    )
    return posted


def _same_order(earlier: Transfer, order: TransferOrder) -> Transfer:
    before = (earlier.source_id, earlier.target_id, earlier.amount, earlier.memo)
    if before != (order.source, order.target, order.amount, order.memo):
        raise KeyReusedError(f"the idempotency key belongs to another order, transfer {earlier.id}")
    return earlier


async def _lock(session: AsyncSession, source: int, target: int) -> tuple[Account, Account]:
    """Lock both rows, the smaller number first: so no two transfers can wait for each other."""
    rows = await session.scalars(
        select(Account)
        .where(Account.id.in_((source, target)))
        .order_by(Account.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    accounts = {account.id: account for account in rows}
    for number in (source, target):
        if number not in accounts:
            raise UnknownAccountError(number)
    return accounts[source], accounts[target]


@dataclass(frozen=True)
class Report:
    """What an examination of the books found."""

    accounts: int
    transfers: int
    entries: int
    sum_of_entries: int
    accounts_off: int
    transfers_off: int

    @property
    def balanced(self) -> bool:
        """Whether nothing is amiss."""
        return self.sum_of_entries == self.accounts_off == self.transfers_off == 0


async def examine(session: AsyncSession) -> Report:
    """Add everything up, from the entries.

    Each question is one statement, so that its answer holds for one moment, whatever is being
    written meanwhile.
    """
    total = func.coalesce(func.sum(Entry.amount), 0)
    accounts_off = (
        select(Account.id).outerjoin(Entry).group_by(Account.id).having(Account.balance != total)
    )
    transfers_off = (
        select(Transfer.id)
        .outerjoin(Entry)
        .group_by(Transfer.id)
        .having(or_(func.count(Entry.id) != 2, total != 0))
    )

    async def count(rows: type[Base] | Select[tuple[int]]) -> int:
        counted = rows.subquery() if isinstance(rows, Select) else rows
        return await session.scalar(select(func.count()).select_from(counted)) or 0

    return Report(
        accounts=await count(Account),
        transfers=await count(Transfer),
        entries=await count(Entry),
        sum_of_entries=int(await session.scalar(select(total)) or 0),
        accounts_off=await count(accounts_off),
        transfers_off=await count(transfers_off),
    )
