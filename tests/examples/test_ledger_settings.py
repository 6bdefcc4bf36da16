"""What the ledger takes from the environment, and what it says about a mistake there."""

import pytest

from examples.ledger.settings import ADMIN, READ, WRITE, Settings, SettingsError, async_url


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgresql://me@host/books", "postgresql+asyncpg://me@host/books"),
        ("postgres://me@host/books", "postgresql+asyncpg://me@host/books"),
        ("sqlite:///books.db", "sqlite+aiosqlite:///books.db"),
        ("postgresql+psycopg://host/books", "postgresql+psycopg://host/books"),
    ],
)
def test_a_url_needs_no_driver(given: str, used: str) -> None:
    assert async_url(given) == used


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("mysql://me:s3cret@host/books", "knows PostgreSQL and SQLite; write postgresql://"),
        ("/books.db", "knows PostgreSQL and SQLite; write postgresql://"),
        ("sqlite://", "name a file, such as sqlite:///ledger.sqlite3"),
        ("sqlite:///:memory:", "name a file, such as sqlite:///ledger.sqlite3"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused(url: str, advice: str) -> None:
    with pytest.raises(SettingsError, match=advice) as caught:
        Settings.from_environment({"DATABASE_URL": url})
    assert "s3cret" not in str(caught.value)


def test_keys_are_read_with_their_scopes() -> None:
    keys = Settings.from_environment({"LEDGER_KEYS": "shop:s3cret:read+write, boss:x:admin"}).keys
    assert [(key.holder, key.secret, key.oauth_scopes) for key in keys] == [
        ("shop", "s3cret", frozenset({READ, WRITE})),
        ("boss", "x", frozenset({ADMIN})),
    ]


@pytest.mark.parametrize("text", ["", "shop", "shop:s3cret", "shop:s3cret:", "a:b:fly", ":b:read"])
def test_a_faulty_key_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(SettingsError, match=r"LEDGER_KEYS, key 1: write holder:secret") as caught:
        Settings.from_environment({"LEDGER_KEYS": text})
    assert "s3cret:" not in str(caught.value).split("such as")[0]


@pytest.mark.parametrize("text", ["0", "-1", "ten", ""])
def test_a_faulty_number_is_named(text: str) -> None:
    with pytest.raises(SettingsError, match=f"LEDGER_POOL_SIZE='{text}': write a whole number"):
        Settings.from_environment({"LEDGER_POOL_SIZE": text})


def test_secrets_are_not_in_the_representation() -> None:
    shown = repr(Settings(database_url="postgresql+asyncpg://me:s3cret@host/books"))
    assert "writer-key" not in shown
    assert "s3cret" not in shown
