"""Transfers: order one, read one."""

from typing import Annotated

from examples.ledger.audit import write_audit
from examples.ledger.books import (
    KeyReusedError,
    OverdrawnError,
    UnknownAccountError,
    post_transfer,
)
from examples.ledger.dependencies import Opened, Session, Work
from examples.ledger.messages import TransferOrder, TransferView
from examples.ledger.models import Transfer
from examples.ledger.security import Reader, Writer
from tenure.web import APIRouter, BackgroundTasks, Header, HTTPException, Path, Response, status

router = APIRouter(prefix="/transfers", tags=["transfers"])

IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=200)]

REFUSALS: dict[type[Exception], int] = {
    UnknownAccountError: status.HTTP_404_NOT_FOUND,
    OverdrawnError: status.HTTP_409_CONFLICT,
    KeyReusedError: status.HTTP_409_CONFLICT,
}


@router.post("", status_code=status.HTTP_201_CREATED)
async def order_transfer(
    order: TransferOrder,
    writer: Writer,
    work: Work,
    opened: Opened,
    background: BackgroundTasks,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> TransferView:
    """Move money, once: an order repeated with its `Idempotency-Key` answers with the first."""
    try:
        posted = await work.run(
            lambda session: post_transfer(
                session, order, holder=writer.holder, idempotency_key=idempotency_key
            )
        )
    except tuple(REFUSALS) as error:
        # Raised inside the unit of work, so that this too rolls it back.
        raise HTTPException(REFUSALS[type(error)], str(error)) from error
    view = TransferView.model_validate(posted.transfer)
    if posted.repeated:
        response.status_code = status.HTTP_200_OK
        response.headers["Idempotent-Replay"] = "true"
        return view
    work.after_commit(lambda: opened.feed.publish(view.model_dump_json()))
    background.add_task(write_audit, opened.database, writer.holder, "transfer", view.id)
    return view


@router.get("/{transfer_id}")
async def read_transfer(
    transfer_id: Annotated[int, Path(ge=1, le=2**62)], _reader: Reader, session: Session
) -> TransferView:
    """Read one transfer."""
    transfer = await session.get(Transfer, transfer_id)
    if transfer is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"there is no transfer {transfer_id}")
    return TransferView.model_validate(transfer)
