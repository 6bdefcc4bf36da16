"""The ledger's commands, on the session that its endpoints have."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from examples.ledger.brokers import BrokerSettings
from examples.ledger.commands import commands
from examples.ledger.interest import Month, MonthError
from examples.ledger.seed import seed
from examples.ledger.settings import Settings, SettingsError
from tests.examples.stores import Store

Rows = Callable[[str], list[tuple[object, ...]]]
Run = Callable[..., Result]

CHANGE_DATES = "UPDATE transfer SET created_at = '2026-09-30 23:59:59+00:00' RETURNING id"


@pytest.fixture
def run(settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run of the program with one of the commands, on books with a treasury and three others."""
    asyncio.run(seed(settings))
    monkeypatch.setenv("DATABASE_URL", store.url)
    monkeypatch.delenv("LEDGER_BROKER", raising=False)
    return lambda *arguments: CliRunner().invoke(commands, arguments)


def test_reconcile_says_that_the_books_balance(run: Run) -> None:
    result = run("reconcile")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "4 accounts, 3 transfers, 6 entries",
        "the books balance",
    ]


def test_reconcile_says_what_is_off(run: Run, rows: Rows) -> None:
    rows("UPDATE entry SET amount = amount + 5 WHERE id = 1 RETURNING id")
    result = run("reconcile")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[1:] == [
        "the entries add up to 5, not to 0",
        "1 accounts differ from the sum of their entries",
        "1 transfers have not two entries that add up to 0",
    ]


def test_export_writes_a_line_for_each_transfer(run: Run, tmp_path: Path) -> None:
    printed = run("export")
    transfers = [json.loads(line) for line in printed.stdout.splitlines()]
    assert [(each["source"], each["target"], each["amount"]) for each in transfers] == [
        (1, number, 100_000) for number in (2, 3, 4)
    ]
    assert printed.stderr == "3 transfers\n"
    folder = tmp_path / "exports"
    folder.mkdir()
    run("export", "--to", str(folder / "books.jsonl"))
    assert (folder / "books.jsonl").read_text() == printed.stdout
    assert [path.name for path in folder.iterdir()] == ["books.jsonl"]


def test_an_export_that_fails_leaves_no_file(run: Run, rows: Rows, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    rows("ALTER TABLE transfer RENAME COLUMN memo TO gone")
    result = run("export", "--to", str(folder / "books.jsonl"))
    assert result.exit_code == 1
    assert "memo" in str(result.exception)
    assert list(folder.iterdir()) == []


def test_interest_is_posted_once_however_often_it_is_ordered(run: Run, rows: Rows) -> None:
    rows(CHANGE_DATES)
    for _ in range(2):
        result = run("interest", "2026-09")
        assert result.exit_code == 0, result.output
        assert result.stdout == "4 accounts: interest for 2026-09 ordered\n"
    posted = rows(
        "SELECT target_id, amount, idempotency_key FROM transfer "
        "WHERE holder = 'interest' ORDER BY target_id"
    )
    assert posted == [(number, 200, f"2026-09 account {number}") for number in (2, 3, 4)]
    assert run("reconcile").exit_code == 0


def test_what_came_after_the_month_earns_nothing_in_it(run: Run, rows: Rows) -> None:
    rows(CHANGE_DATES)
    assert run("interest", "2026-08").exit_code == 0
    assert rows("SELECT count(*) FROM transfer WHERE holder = 'interest'") == [(0,)]


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (("interest", "October"), "write it as 2026-10"),
        (("interest", "9999-11"), "9999-11 is not over yet"),
    ],
)
def test_a_mistake_is_told_in_one_line(run: Run, arguments: tuple[str, ...], advice: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert advice in result.stderr


def test_the_books_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    result = CliRunner().invoke(commands, ["reconcile"])
    assert result.exit_code == 2
    assert "DATABASE_URL" in result.stderr
    monkeypatch.setenv("DATABASE_URL", "mysql://me:s3cret@host/books")
    result = CliRunner().invoke(commands, ["reconcile"])
    assert result.exit_code == 2
    assert "s3cret" not in result.output


def test_a_month_ends_where_the_next_begins() -> None:
    assert Month.parse("2025-12").end == datetime(2026, 1, 1, tzinfo=UTC)
    assert Month.parse("2026-01").end == datetime(2026, 2, 1, tzinfo=UTC)
    assert str(Month.parse("2026-1")) == "2026-01"
    with pytest.raises(MonthError, match="'2026' is no month"):
        Month.parse("2026")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("LEDGER_BROKER", "kafka://me:s3cret@host"),
        ("LEDGER_REDELIVERY", "0"),
        ("LEDGER_REDELIVERY", "soon"),
    ],
)
def test_a_faulty_setting_of_the_queue_is_named(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}.*: write ") as caught:
        BrokerSettings.from_environment({name: text})
    assert "s3cret" not in str(caught.value)
