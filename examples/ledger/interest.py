"""Monthly interest: what an account earned in a month, posted once however often that is asked."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from examples.ledger.books import Posted, post_transfer
from examples.ledger.messages import TransferOrder
from examples.ledger.models import Account, Entry, Transfer
from examples.ledger.seed import TREASURY

# A hundredth of a per cent, a year.
BASIS_POINTS = 240

# Who orders the transfers: idempotency keys belong to a holder.
HOLDER = "interest"


class MonthError(ValueError):
    """What should name a month that is over does not."""


@dataclass(frozen=True)
class Month:
    """A month of the calendar, in UTC."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``2026-10``; a month that is over, since interest is on the balance at its end."""
        try:
            begin = datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)
        except ValueError:
            raise MonthError(f"{text!r} is no month: write it as 2026-10") from None
        month = cls(begin.year, begin.month)
        if month.end > datetime.now(UTC):
            raise MonthError(f"{month} is not over yet")
        return month

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        years, months = divmod(self.number, 12)
        return datetime(self.year + years, months + 1, 1, tzinfo=UTC)

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02}"


async def post_interest(session: AsyncSession, account: int, month: Month) -> Posted | None:
    """Move an account's interest from the treasury, once; None where it earned nothing.

    The balance at the month's end does not change any more, so the same order is made each time,
    and the idempotency key says that it is the same.
    """
    amount = await _balance_at(session, account, month.end) * BASIS_POINTS // (12 * 10_000)
    if amount <= 0:
        return None
    treasury = await session.scalar(select(Account.id).where(Account.name == TREASURY.name))
    if treasury is None:
        raise LookupError(f"there is no account {TREASURY.name!r} to pay the interest")
    order = TransferOrder(
        source=treasury, target=account, amount=amount, memo=f"interest for {month}"
    )
    key = f"{month} account {account}"
    return await post_transfer(session, order, holder=HOLDER, idempotency_key=key)


async def _balance_at(session: AsyncSession, account: int, moment: datetime) -> int:
    total = (
        select(func.coalesce(func.sum(Entry.amount), 0))
        .join(Transfer, Entry.transfer_id == Transfer.id)
        .where(Entry.account_id == account, Transfer.created_at < moment)
    )
    return int(await session.scalar(total) or 0)
