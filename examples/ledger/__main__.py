"""``python -m examples.ledger``: serve the ledger, and show what to try."""

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, NoReturn

import typer
import uvicorn

from examples.ledger import logs
from examples.ledger.app import create_app
from examples.ledger.commands import commands
from examples.ledger.seed import seed
from examples.ledger.settings import Settings, SettingsError

WHAT_TO_TRY = """
Ledger on {address}

# the accounts
curl -s {address}/accounts -H 'X-API-Key: reader-key'
# a transfer; when it is sent again with this key, it is not done again
curl -s {address}/transfers -H 'X-API-Key: writer-key' -H 'Idempotency-Key: rent-may' \
-H 'Content-Type: application/json' \
-d '{{"source": 2, "target": 3, "amount": 2500, "memo": "rent"}}'
# a transfer that is refused: account 3 has not so much money
curl -s {address}/transfers -H 'X-API-Key: writer-key' \
-H 'Content-Type: application/json' \
-d '{{"source": 3, "target": 4, "amount": 99999999}}'
# a statement, streamed row by row
curl -sN {address}/accounts/3/statement -H 'X-API-Key: reader-key'
# what is open, and whether the books balance
curl -s {address}/health
"""


class AnnouncingServer(uvicorn.Server):
    """A server that says where it is once it accepts connections."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then print the address and what to try there."""
        await super().startup(sockets)
        for listening in sockets or ():
            host, port = listening.getsockname()[:2]
            address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
            print(WHAT_TO_TRY.format(address=address), flush=True)


@commands.callback(invoke_without_command=True)
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="the address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="the port; 0 takes a free one")] = 8000,
    grace: Annotated[
        int, typer.Option(help="seconds that requests get to finish at shutdown")
    ] = 10,
) -> None:
    """Serve the ledger until interrupted, and show what to try; or run one of the commands."""
    if context.invoked_subcommand is not None:
        return
    try:
        settings = Settings.from_environment()
    except SettingsError as error:
        raise typer.BadParameter(str(error)) from error
    logs.configure()
    # The server hands a signal on when it has shut down, and then it is no longer news.
    signal.signal(signal.SIGTERM, _leave)
    with TemporaryDirectory(prefix="ledger-") as folder, suppress(KeyboardInterrupt):
        if "DATABASE_URL" not in os.environ:
            url = f"sqlite+aiosqlite:///{Path(folder) / 'ledger.sqlite3'}"
            settings = replace(settings, database_url=url)
        _serve(settings, host, port, grace)


def _serve(settings: Settings, host: str, port: int, grace: int) -> None:
    asyncio.run(seed(settings))
    config = uvicorn.Config(
        create_app(settings),
        host=host,
        port=port,
        log_config=None,
        timeout_graceful_shutdown=grace,
    )
    with config.bind_socket() as listening:
        AnnouncingServer(config).run([listening])


def _leave(_signal: int, _frame: object) -> NoReturn:
    sys.exit(0)


if __name__ == "__main__":
    commands()
