"""What the endpoints ask for, and how long they may keep it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from sqlalchemy.ext.asyncio import AsyncSession

from examples.ledger.database import Database
from examples.ledger.feed import Feed
from examples.ledger.settings import Settings
from examples.ledger.work import UnitOfWork, begin_work
from tenure.web import Depends
from tenure.web.requests import HTTPConnection


@dataclass(frozen=True)
class Resources:
    """What is open as long as the application is. The lifespan makes it."""

    settings: Settings
    database: Database
    feed: Feed
    # When the application was started, on the monotonic clock.
    started: float


def resources(connection: HTTPConnection) -> Resources:
    """Hand over what the lifespan opened."""
    opened: Resources = connection.state.resources
    return opened


Opened = Annotated[Resources, Depends(resources)]


async def open_session(connection: HTTPConnection, opened: Opened) -> AsyncIterator[AsyncSession]:
    """Open a database session for one request.

    It lives in request scope: a statement is read from it while the client receives it. It is
    closed after the last byte, however the request ends.
    """
    purpose = f"{connection.scope.get('method', 'WEBSOCKET')} {connection.url.path}"
    async with opened.database.session(purpose) as session:
        yield session


Session = Annotated[AsyncSession, Depends(open_session)]


async def open_work(session: Session, opened: Opened) -> AsyncIterator[UnitOfWork]:
    """Open a unit of work for one request.

    It lives in function scope: it is committed before the client is told so, and when the commit
    fails, the client is told that instead.
    """
    async with begin_work(opened.database, session) as work:
        yield work


Work = Annotated[UnitOfWork, Depends(open_work, scope="function")]
