"""The ledger under each server, as a process that can be asked to end, or killed."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.examples.wire import ask

ROOT = Path(__file__).parents[2]
PATIENCE = 40
"""Seconds a server may take to start or to end."""

COMMANDS = {
    "uvicorn": "-m examples.ledger --port {port} --grace 5",
    "granian": (
        "-m granian --interface asgi --factory --host 127.0.0.1 --port {port} "
        "--workers-kill-timeout 10 --no-ws examples.ledger.app:create_app"
    ),
    "hypercorn": "-m hypercorn --bind 127.0.0.1:{port} --graceful-timeout 5 {app}",
}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@dataclass
class Served:
    """A ledger that is served."""

    process: asyncio.subprocess.Process
    port: int
    log_file: Path

    def log(self) -> str:
        """The end of what it has printed."""
        return self.log_file.read_text()[-5000:]

    async def during(self, work: Awaitable[object]) -> None:
        """Wait for *work*; raises where the server ends before it."""
        working = asyncio.ensure_future(work)
        ending = asyncio.ensure_future(self.process.wait())
        try:
            await asyncio.wait([working, ending], return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise RuntimeError(f"it ended with {ending.result()}:\n{self.log()}")
            working.result()
        finally:
            for each in (working, ending):
                each.cancel()

    async def ended(self, by: signal.Signals) -> int:
        """Send a signal and wait for the end; the status."""
        if by is signal.SIGKILL:
            os.killpg(self.process.pid, by)  # its workers with it, as a failing machine would
        else:
            self.process.send_signal(by)
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()


@asynccontextmanager
async def served(
    server: str, folder: Path, port: int, number: int, environment: dict[str, str]
) -> AsyncIterator[Served]:
    """Start the ledger under *server*; gone at the end of the block, by force if need be."""
    log_file = folder / f"{server}-{number}.log"
    places = [os.environ.get("PYTHONPATH", ""), str(ROOT), str(ROOT / "src")]
    command = COMMANDS[server].format(port=port, app="examples.ledger.app:create_app()")
    with log_file.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *command.split()),
            cwd=folder,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, places))} | environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    served = Served(process, port, log_file)
    try:
        await _answering(served)
        yield served
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def _answering(served: Served) -> None:
    """Wait for an answer: some servers accept connections before the application has started."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if served.process.returncode is not None:
                raise RuntimeError(f"it ended at once:\n{served.log()}")
            try:
                await ask(served.port, "GET", "/health", "no-key")
            except (OSError, EOFError):
                await asyncio.sleep(0.1)
            else:
                return
