"""The ledger's jobs. ``taskiq worker examples.ledger.jobs:broker`` does them.

They ask for the session and the unit of work that the endpoints ask for.
"""

from sqlalchemy import select

from examples.ledger.app import create_app
from examples.ledger.books import BooksOffError, examine
from examples.ledger.brokers import BrokerSettings, create_broker
from examples.ledger.dependencies import Session, Work
from examples.ledger.interest import Month, post_interest
from examples.ledger.models import Account
from tenure.ext.taskiq import TaskiqJobs

broker = create_broker(BrokerSettings.from_environment())
jobs = TaskiqJobs(broker, create_app().container)


@jobs.task("ledger:pay_interest", retry_on_error=True)
async def pay_interest(account: int, month: str, work: Work) -> None:
    """Post one account's interest; a message that comes twice posts nothing the second time."""
    await work.run(lambda session: post_interest(session, account, Month.parse(month)))


@jobs.task("ledger:check_books")
async def check_books(session: Session) -> None:
    """Fail when the books do not balance."""
    report = await examine(session)
    if not report.balanced:
        raise BooksOffError(str(report))


async def order_interest(month: Month, session: Session) -> int:
    """Send one message for each account; how many these were."""
    accounts = (await session.scalars(select(Account.id).order_by(Account.id))).all()
    await session.rollback()  # reading is over; the jobs may take long
    async with broker:
        for account in accounts:
            await pay_interest.kiq(account=account, month=str(month))
        await check_books.kiq()
    return len(accounts)
