"""The health check: what is open, and whether the books balance."""

from time import monotonic

from examples.ledger.books import examine
from examples.ledger.dependencies import Opened
from examples.ledger.messages import BooksView, HealthView, PoolView
from tenure.web import APIRouter, Response, status

router = APIRouter(tags=["health"])


@router.get("/health")
async def health(opened: Opened, response: Response) -> HealthView:
    """Say what is open now, and answer 503 when the books do not balance.

    Counted before the check opens its own session: so an idle ledger shows nothing open.
    """
    database = opened.database
    connections, checked_out = database.connections
    sessions = database.sessions
    async with database.session("health") as session:
        books = await examine(session)
    if not books.balanced:
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    return HealthView(
        status="ok" if books.balanced else "out of balance",
        database=database.kind,
        uptime_seconds=round(monotonic() - opened.started, 3),
        pool=PoolView(open=connections, checked_out=checked_out),
        sessions=sessions,
        units_of_work=database.units_of_work,
        cursors=database.cursors,
        subscribers=opened.feed.subscribers,
        books=BooksView.model_validate(books),
    )
