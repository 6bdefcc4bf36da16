"""Statements: an account's entries, streamed row by row from an open cursor."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import anyio
import anyio.lowlevel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncResult

from examples.ledger import logs
from examples.ledger.accounts import AccountId
from examples.ledger.books import UnknownAccountError, find_account
from examples.ledger.dependencies import Opened, Session
from examples.ledger.messages import StatementLine
from examples.ledger.models import Entry, Transfer
from examples.ledger.security import Reader
from tenure.web import APIRouter, Depends, HTTPException, status
from tenure.web.responses import StreamingResponse

router = APIRouter(prefix="/accounts", tags=["accounts"])

# How many rows the cursor takes from the database at a time: all the memory a statement needs.
ROWS_AT_A_TIME = 100


@dataclass
class Cursor:
    """An open cursor over an account's entries, and how many rows were taken from it."""

    rows: AsyncResult[tuple[int, int, datetime, int, int, str]]
    taken: int = 0

    async def lines(self) -> AsyncIterator[str]:
        """Write each row as a line of JSON, when the client has received the one before."""
        while True:
            # A fetch that is cut off costs the connection, and a fetch is short. So it is
            # finished, and a cancellation that came meanwhile is noticed before the next one.
            await anyio.lowlevel.checkpoint_if_cancelled()
            with anyio.CancelScope(shield=True):
                page = await self.rows.fetchmany(ROWS_AT_A_TIME)
            if not page:
                return
            for row in page:
                self.taken += 1
                yield StatementLine.model_validate(row).model_dump_json() + "\n"


async def open_cursor(
    account_id: AccountId, session: Session, opened: Opened
) -> AsyncIterator[Cursor]:
    """Open a cursor over an account's entries.

    Request scope again, inside the session's: open while the rows are sent, closed when the last
    one is, or when the client went away before that.
    """
    try:
        await find_account(session, account_id)
    except UnknownAccountError as error:
        raise HTTPException(status.HTTP_404_NOT_FOUND, str(error)) from error
    columns = (
        Entry.id.label("entry"),
        Transfer.id.label("transfer"),
        Transfer.created_at.label("at"),
        Entry.amount,
        Entry.balance,
        Transfer.memo,
    )
    rows = await session.stream(
        select(*columns)
        .join(Transfer, Entry.transfer_id == Transfer.id)
        .where(Entry.account_id == account_id)
        .order_by(Entry.id)
        .execution_options(yield_per=ROWS_AT_A_TIME)
    )
    number = session.info["number"]
    logs.cursor.info("#%d opened on account %d", number, account_id)
    opened.database.cursors += 1
    cursor = Cursor(rows)
    try:
        yield cursor
    finally:
        try:
            await rows.close()
        finally:
            opened.database.cursors -= 1
            logs.cursor.info("#%d closed after %d rows", number, cursor.taken)


@router.get("/{account_id}/statement", response_class=StreamingResponse)
async def statement(
    _reader: Reader, cursor: Annotated[Cursor, Depends(open_cursor)]
) -> StreamingResponse:
    """Stream an account's entries, oldest first, one JSON object a line."""
    return StreamingResponse(cursor.lines(), media_type="application/jsonl")
