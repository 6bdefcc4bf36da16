"""What clients send and receive."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StringConstraints, model_validator

LARGEST_AMOUNT = 10**15

AccountNumber = Annotated[StrictInt, Field(ge=1, le=2**62)]
Amount = Annotated[StrictInt, Field(gt=0, le=LARGEST_AMOUNT, description="In cents.")]
# PostgreSQL keeps no NUL character in a text: what one database cannot take, neither takes.
NO_NUL = r"^[^\x00]*$"

Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=NO_NUL),
]
Memo = Annotated[str, StringConstraints(max_length=140, pattern=NO_NUL)]


class Received(BaseModel):
    """A body from a client: a field that is not known is a mistake, not a wish to ignore."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AccountOrder(Received):
    """Ask for an account to be opened."""

    name: Name
    overdraft_limit: Annotated[StrictInt, Field(ge=0, le=LARGEST_AMOUNT)] = 0


class TransferOrder(Received):
    """Ask for money to be moved."""

    source: AccountNumber
    target: AccountNumber
    amount: Amount
    memo: Memo = ""

    @model_validator(mode="after")
    def between_two_accounts(self) -> "TransferOrder":
        """Refuse a transfer from an account to itself."""
        if self.source == self.target:
            raise ValueError("source and target must be two accounts")
        return self


class AccountView(BaseModel):
    """An account as clients see it."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    balance: int
    overdraft_limit: int
    opened_at: datetime


class TransferView(BaseModel):
    """A transfer as clients see it, in answers and in the feed."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    source: int = Field(validation_alias="source_id")
    target: int = Field(validation_alias="target_id")
    amount: int
    memo: str
    created_at: datetime


class StatementLine(BaseModel):
    """One line of a statement: an entry, and the balance after it."""

    model_config = ConfigDict(from_attributes=True)

    entry: int
    transfer: int
    at: datetime
    amount: int
    balance: int
    memo: str


class AuditView(BaseModel):
    """An audit entry as clients see it."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    holder: str
    action: str
    subject_id: int
    created_at: datetime


class BooksView(BaseModel):
    """Whether the books balance, and what was counted to know."""

    model_config = ConfigDict(from_attributes=True)

    balanced: bool
    accounts: int
    transfers: int
    entries: int
    # Each of the following is 0 in books that balance.
    sum_of_entries: int
    accounts_off: int
    transfers_off: int


class PoolView(BaseModel):
    """The connections that the pool owns, and how many of them somebody holds."""

    open: int
    checked_out: int


class HealthView(BaseModel):
    """What is open right now, the health check itself not counted."""

    status: str
    database: str
    uptime_seconds: float
    pool: PoolView
    sessions: int
    units_of_work: int
    cursors: int
    subscribers: int
    books: BooksView
