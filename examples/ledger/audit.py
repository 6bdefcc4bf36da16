"""The audit trail: written after the response has gone, read by administrators."""

from typing import Annotated

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from examples.ledger import logs
from examples.ledger.database import Database
from examples.ledger.dependencies import Session
from examples.ledger.messages import AuditView
from examples.ledger.models import Audit
from examples.ledger.security import Admin
from examples.ledger.work import begin_work
from tenure.web import APIRouter, Query

router = APIRouter(prefix="/audit", tags=["audit"])


async def write_audit(database: Database, holder: str, action: str, subject_id: int) -> None:
    """Record who did what. It opens a session of its own: the request's work is over."""

    async def write(session: AsyncSession) -> None:
        session.add(Audit(holder=holder, action=action, subject_id=subject_id))
        await session.flush()

    async with database.session("audit") as session, begin_work(database, session) as work:
        await work.run(write)
    logs.audit.info("%s: %s %d", holder, action, subject_id)


@router.get("")
async def read_audit(
    _admin: Admin, session: Session, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> list[AuditView]:
    """List the latest audit entries, newest first."""
    rows = await session.scalars(select(Audit).order_by(Audit.id.desc()).limit(limit))
    return [AuditView.model_validate(entry) for entry in rows]
