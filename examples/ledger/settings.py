"""What can be set from outside, read once at startup."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

DEFAULT_DATABASE_URL = "sqlite+aiosqlite:///ledger.sqlite3"

# The asynchronous driver of each database that the ledger knows.
DRIVERS = {"postgresql": "asyncpg", "sqlite": "aiosqlite"}

READ = "ledger:read"
WRITE = "ledger:write"
ADMIN = "ledger:admin"


@dataclass(frozen=True)
class ApiKey:
    """A key that a client may send, who that client is, and what it may do."""

    holder: str
    secret: str
    oauth_scopes: frozenset[str]


EXAMPLE_KEYS = (
    ApiKey("reader", "reader-key", frozenset({READ})),
    ApiKey("writer", "writer-key", frozenset({READ, WRITE})),
    ApiKey("admin", "admin-key", frozenset({READ, WRITE, ADMIN})),
)


class SettingsError(ValueError):
    """An environment variable holds what the ledger cannot use."""


@dataclass(frozen=True)
class Settings:
    """The settings of one process."""

    database_url: str = field(default=DEFAULT_DATABASE_URL, repr=False)
    # PostgreSQL shows it in pg_stat_activity: whose connections these are.
    application_name: str = "tenure-ledger"
    pool_size: int = 10
    # How long a request waits for a connection of the pool, in seconds.
    pool_timeout: float = 30.0
    # How many transfers a subscriber of the feed may lag behind before it is dropped.
    feed_backlog: int = 100
    keys: tuple[ApiKey, ...] = field(default=EXAMPLE_KEYS, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Take from the environment what is set there, and the defaults for the rest."""
        return cls(
            database_url=async_url(environment.get("DATABASE_URL", DEFAULT_DATABASE_URL)),
            application_name=environment.get("LEDGER_APPLICATION_NAME", cls.application_name),
            pool_size=_positive(environment, "LEDGER_POOL_SIZE", cls.pool_size),
            feed_backlog=_positive(environment, "LEDGER_FEED_BACKLOG", cls.feed_backlog),
            keys=_keys(environment.get("LEDGER_KEYS")),
        )


def async_url(url: str) -> str:
    """Name the asynchronous driver in a URL that names none: ``postgresql://`` is enough."""
    dialect, separator, place = url.partition("://")
    backend, plus, driver = dialect.partition("+")
    backend = "postgresql" if backend == "postgres" else backend
    if not separator or backend not in DRIVERS:
        # The URL is not shown: it may hold a password.
        raise SettingsError(
            "DATABASE_URL: the ledger knows PostgreSQL and SQLite; write "
            "postgresql://user:password@host/database or sqlite:///file"
        )
    if backend == "sqlite" and place.partition("?")[0] in {"", "/", "/:memory:"}:
        raise SettingsError(
            "DATABASE_URL: several connections share the books, so they cannot be in memory; "
            "name a file, such as sqlite:///ledger.sqlite3"
        )
    return f"{backend}+{driver if plus else DRIVERS[backend]}://{place}"


def _positive(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name)
    if text is None:
        return default
    if not text.isdecimal() or int(text) == 0:
        raise SettingsError(
            f"{name}={text!r}: write a whole number above zero, such as {name}={default}"
        )
    return int(text)


def _keys(text: str | None) -> tuple[ApiKey, ...]:
    """Read ``holder:secret:scope+scope,...`` where a scope is the last word: ``read+write``."""
    if text is None:
        return EXAMPLE_KEYS
    keys = []
    for number, part in enumerate(text.split(","), start=1):
        words = part.strip().split(":")
        granted = {f"ledger:{word}" for word in words[-1].split("+")}
        if len(words) != 3 or not all(words) or not granted <= {READ, WRITE, ADMIN}:
            # The text is not shown: it may hold secrets.
            raise SettingsError(
                f"LEDGER_KEYS, key {number}: write holder:secret:scopes, where scopes are read, "
                "write and admin joined by '+', such as LEDGER_KEYS=shop:s3cret:read+write"
            )
        keys.append(ApiKey(words[0], words[1], frozenset(granted)))
    return tuple(keys)
