"""The tables. Amounts are whole minor units (cents); a float never touches money."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    String,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# SQLite numbers rows by itself only in a column of exactly the type INTEGER.
Number = BigInteger().with_variant(Integer(), "sqlite")


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, on SQLite too, which forgets time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store in UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say that what was stored is in UTC."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


def now() -> datetime:
    """Tell the time, for a column that records it."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """What all tables have in common."""


class Account(Base):
    """A place where money is, or is owed: the balance may go down to minus the overdraft limit."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("balance >= -overdraft_limit", name="account_not_overdrawn"),
        CheckConstraint("overdraft_limit >= 0", name="account_limit_not_negative"),
    )

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    # The sum of the account's entries, kept here so that a transfer need not add them up.
    balance: Mapped[int] = mapped_column(BigInteger, default=0)
    overdraft_limit: Mapped[int] = mapped_column(BigInteger, default=0)
    opened_at: Mapped[datetime] = mapped_column(Instant, default=now)


class Transfer(Base):
    """Money that moved. It has exactly two entries, and they add up to nothing."""

    __tablename__ = "transfer"
    __table_args__ = (
        CheckConstraint("amount > 0", name="transfer_amount_positive"),
        CheckConstraint("source_id <> target_id", name="transfer_between_two"),
        UniqueConstraint("holder", "idempotency_key", name="transfer_once_per_key"),
    )

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    target_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    amount: Mapped[int] = mapped_column(BigInteger)
    memo: Mapped[str] = mapped_column(String(140), default="")
    # Who ordered it, and the key under which the same order may be repeated without effect.
    holder: Mapped[str] = mapped_column(String(80))
    idempotency_key: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)


class Entry(Base):
    """One side of a transfer: what it did to one account, and the balance that this left."""

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("transfer_id", "account_id", name="entry_once_per_account"),
        Index("entry_by_account", "account_id", "id"),
    )

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfer.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    amount: Mapped[int] = mapped_column(BigInteger)
    balance: Mapped[int] = mapped_column(BigInteger)


class Audit(Base):
    """Who did what. Written after the response, by a background task."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(80))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
