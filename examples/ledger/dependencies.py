"""What the endpoints ask for, and how long they may keep it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from time import monotonic
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
    """What is open as long as the application is. `open_resources` makes it."""

    settings: Settings
    database: Database
    feed: Feed
    # When the application was started, on the monotonic clock.
    started: float


def read_settings() -> Settings:
    """Take the settings from the environment. `create_app` may put others in their place."""
    return Settings.from_environment()


async def open_resources(
    settings: Annotated[Settings, Depends(read_settings)],
) -> AsyncIterator[Resources]:
    """Open the pool once: for the application that serves, a worker, or one command."""
    started = monotonic()
    async with Database.opened(settings) as database:
        yield Resources(settings, database, Feed(settings.feed_backlog), started)


Opened = Annotated[Resources, Depends(open_resources, scope="app")]


async def open_session(
    opened: Opened,
    connection: HTTPConnection = None,  # type: ignore[assignment] # in jobs and commands
) -> AsyncIterator[AsyncSession]:
    """Open a database session for one request, one job, or one command.

    It lives in request scope: a statement is read from it while the client receives it. It is
    closed after the last byte, however the request ends.
    """
    async with opened.database.session(_purpose(connection)) as session:
        yield session


def _purpose(connection: HTTPConnection | None) -> str:
    if connection is None:
        return "a job or command"
    return f"{connection.scope.get('method', 'WEBSOCKET')} {connection.url.path}"


Session = Annotated[AsyncSession, Depends(open_session)]


async def open_work(session: Session, opened: Opened) -> AsyncIterator[UnitOfWork]:
    """Open a unit of work for one request, job or command.

    It lives in function scope: it is committed before the client is told so, and when the commit
    fails, the client is told that instead.
    """
    async with begin_work(opened.database, session) as work:
        yield work


Work = Annotated[UnitOfWork, Depends(open_work, scope="function")]
