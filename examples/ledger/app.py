"""The application: its routers, and what lives as long as it does.

``uvicorn --factory examples.ledger.app:create_app`` serves it with the settings of the environment.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from examples.ledger import accounts, audit, health, live, statements, transfers
from examples.ledger.database import Database
from examples.ledger.dependencies import Resources
from examples.ledger.feed import Feed
from examples.ledger.settings import Settings
from examples.ledger.work import BooksAreBusyError
from tenure.web import FastAPI, Request, status
from tenure.web.responses import JSONResponse


def create_app(settings: Settings | None = None) -> FastAPI:
    """Make the application. Nothing is opened until it is started."""
    chosen = settings or Settings.from_environment()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, Resources]]:
        started = monotonic()
        async with Database.opened(chosen) as database:
            yield {"resources": Resources(chosen, database, Feed(chosen.feed_backlog), started)}

    app = FastAPI(title="Ledger", summary="Double-entry book-keeping.", lifespan=lifespan)
    for module in (accounts, statements, transfers, audit, live, health):
        app.include_router(module.router)
    # The commit raises the first; the second says that every connection of the pool was taken.
    app.add_exception_handler(BooksAreBusyError, _busy)
    app.add_exception_handler(PoolTimeoutError, _busy)
    return app


async def _busy(_request: Request, _error: Exception) -> JSONResponse:
    return JSONResponse(
        {"detail": "the ledger is busy; nothing was written, try again"},
        status_code=status.HTTP_503_SERVICE_UNAVAILABLE,
        headers={"Retry-After": "1"},
    )
