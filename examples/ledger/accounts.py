"""Accounts: open one, read one, list them."""

from typing import Annotated

from sqlalchemy import select

from examples.ledger.audit import write_audit
from examples.ledger.books import NameTakenError, UnknownAccountError, find_account, open_account
from examples.ledger.dependencies import Opened, Session, Work
from examples.ledger.messages import AccountOrder, AccountView
from examples.ledger.models import Account
from examples.ledger.security import Admin, Reader
from tenure.web import APIRouter, BackgroundTasks, HTTPException, Path, Query, status

router = APIRouter(prefix="/accounts", tags=["accounts"])

AccountId = Annotated[int, Path(ge=1, le=2**62)]


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_account(
    order: AccountOrder, admin: Admin, work: Work, opened: Opened, background: BackgroundTasks
) -> AccountView:
    """Open an account."""
    try:
        account = await work.run(lambda session: open_account(session, order))
    except NameTakenError as error:
        raise HTTPException(status.HTTP_409_CONFLICT, str(error)) from error
    background.add_task(write_audit, opened.database, admin.holder, "open account", account.id)
    return AccountView.model_validate(account)


@router.get("")
async def list_accounts(
    _reader: Reader,
    session: Session,
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[AccountView]:
    """List the accounts by number, those after `after`."""
    rows = await session.scalars(
        select(Account).where(Account.id > after).order_by(Account.id).limit(limit)
    )
    return [AccountView.model_validate(account) for account in rows]


@router.get("/{account_id}")
async def read_account(account_id: AccountId, _reader: Reader, session: Session) -> AccountView:
    """Read one account."""
    try:
        return AccountView.model_validate(await find_account(session, account_id))
    except UnknownAccountError as error:
        raise HTTPException(status.HTTP_404_NOT_FOUND, str(error)) from error
