"""The unit of work: all of it is in the books, or none."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import anyio
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from examples.ledger import logs
from examples.ledger.database import Database
from examples.ledger.engines import WRITES, is_transient

ATTEMPTS = 6

Result = TypeVar("Result")


class BooksAreBusyError(Exception):
    """Others were writing all the time. Nothing was written; trying again later is safe."""


class TryAgainError(Exception):
    """The step met a change that was made at the same time, and must start over."""


class SessionInUseError(RuntimeError):
    """The session has a transaction already, which can neither be made to write nor be repeated."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"session #{number} was used before the unit of work ran its step: read what the step "
            "needs inside the step, and give one unit of work one step"
        )


class UnitOfWork:
    """One transaction, from the first step to the commit.

    Give it what to do with `run`; `begin_work` commits or rolls back.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._after_commit: list[Callable[[], None]] = []

    async def run(self, step: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
        """Run `step` in the transaction; again from the start where others were in its way.

        The transaction begins here, so nothing may have been read from the session before.
        """
        if self._session.in_transaction():
            raise SessionInUseError(self.number)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await self._session.connection(execution_options={WRITES: True})
                return await step(self._session)
            except (DBAPIError, TryAgainError) as error:
                if isinstance(error, DBAPIError) and not is_transient(error):
                    raise
                await self._session.rollback()
                self._after_commit.clear()
                logs.work.info("#%d rolled back, attempt %d met another", self.number, attempt)
            # Those who collided must not come back at the same moment.
            await anyio.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 (not a secret)
        raise BooksAreBusyError

    def after_commit(self, tell: Callable[[], None]) -> None:
        """Call `tell` when what happened so far has been committed, and not if it never is."""
        self._after_commit.append(tell)

    @property
    def number(self) -> int:
        """The number of its session, by which the log's lines belong together."""
        number: int = self._session.info["number"]
        return number

    async def commit(self) -> None:
        """Make it final, then tell those who wait to hear of it."""
        try:
            await self._session.commit()
        except DBAPIError as error:
            if is_transient(error):
                raise BooksAreBusyError from error
            raise
        for tell in self._after_commit:
            tell()


@asynccontextmanager
async def begin_work(database: Database, session: AsyncSession) -> AsyncIterator[UnitOfWork]:
    """Open a unit of work on `session`: committed at the end, rolled back when something raises."""
    async with database.writers_turn:
        work = UnitOfWork(session)
        database.units_of_work += 1
        logs.work.info("#%d opened", work.number)
        try:
            yield work
            await work.commit()
        except BaseException as error:
            try:
                await session.rollback()
            finally:  # where the connection is lost the database does it
                logs.work.info("#%d rolled back: %s", work.number, type(error).__name__)
            raise
        else:
            logs.work.info("#%d committed", work.number)
        finally:
            database.units_of_work -= 1
