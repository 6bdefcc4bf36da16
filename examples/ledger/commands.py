"""Commands beside the server. They ask for the session that the endpoints ask for."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer
from sqlalchemy import select

from examples.ledger.app import create_app
from examples.ledger.books import Report, examine
from examples.ledger.dependencies import Session
from examples.ledger.interest import Month, MonthError
from examples.ledger.messages import TransferView
from examples.ledger.models import Transfer
from examples.ledger.settings import Settings, SettingsError
from tenure import Container

commands = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

ROWS_AT_A_TIME = 100


def _container() -> Container:
    """The web application's container, on the books that the environment names."""
    if "DATABASE_URL" not in os.environ:
        raise typer.BadParameter("name the books in DATABASE_URL, such as sqlite:///ledger.sqlite3")
    try:
        Settings.from_environment()
    except SettingsError as error:
        raise typer.BadParameter(str(error)) from error
    return create_app().container


@commands.command()
def reconcile() -> None:
    """Add up the books from their entries; exit status 1 when they do not balance."""
    report = _container().run(examine_books)
    print(f"{report.accounts} accounts, {report.transfers} transfers, {report.entries} entries")
    if report.balanced:
        print("the books balance")
        return
    print(f"the entries add up to {report.sum_of_entries}, not to 0")
    print(f"{report.accounts_off} accounts differ from the sum of their entries")
    print(f"{report.transfers_off} transfers have not two entries that add up to 0")
    raise typer.Exit(1)


async def examine_books(session: Session) -> Report:
    """Examine the books in a session of its own."""
    return await examine(session)


@commands.command()
def export(
    to: Annotated[Path | None, typer.Option(help="the file; standard output without it")] = None,
) -> None:
    """Write all transfers, one JSON object a line, oldest first."""
    container = _container()
    with _opened(to) as out:
        count = container.run(write_transfers, out=out)
    print(f"{count} transfers", file=sys.stderr)


@contextmanager
def _opened(path: Path | None) -> Iterator[TextIO]:
    """A file that has its name when all is in it, and not before."""
    if path is None:
        yield sys.stdout
        return
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w", encoding="utf-8") as out:
            yield out
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


async def write_transfers(out: TextIO, session: Session) -> int:
    """Write each transfer from an open cursor; how many these were."""
    count = 0
    query = select(Transfer).order_by(Transfer.id).execution_options(yield_per=ROWS_AT_A_TIME)
    async for transfer in await session.stream_scalars(query):
        out.write(TransferView.model_validate(transfer).model_dump_json() + "\n")
        count += 1
    return count


@commands.command()
def interest(
    month: Annotated[str, typer.Argument(help="a month that is over, such as 2026-10")],
) -> None:
    """Have every account's interest posted by the workers; once, however often this is run."""
    container = _container()
    try:
        from examples.ledger.jobs import order_interest

        wanted = Month.parse(month)
    except (SettingsError, MonthError) as error:
        raise typer.BadParameter(str(error)) from error
    count = container.run(order_interest, month=wanted)
    print(f"{count} accounts: interest for {wanted} ordered")
