"""The application: its routers. What lives as long as it does, they ask for themselves.

``uvicorn --factory examples.ledger.app:create_app`` serves it with the settings of the environment.
"""

from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from examples.ledger import accounts, audit, health, live, statements, transfers
from examples.ledger.dependencies import read_settings
from examples.ledger.settings import Settings
from examples.ledger.work import BooksAreBusyError
from tenure.web import FastAPI, Request, status
from tenure.web.responses import JSONResponse


def create_app(settings: Settings | None = None) -> FastAPI:
    """Make the application. Nothing is opened until it is started."""
    app = FastAPI(title="Ledger", summary="Double-entry book-keeping.")
    if settings is not None:
        app.dependency_overrides[read_settings] = lambda: settings
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
