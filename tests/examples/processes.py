"""The ledger as a process of its own."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

ROOT = Path(__file__).parents[2]

# How long the ledger may take to start or to stop, in seconds, on a busy machine.
PATIENCE = 20


@dataclass
class LedgerProcess:
    """A running ledger: where it listens, and what it has written to its log."""

    process: asyncio.subprocess.Process
    log_file: Path
    port: int = 0
    printed: list[str] = field(default_factory=list)

    async def started(self) -> None:
        """Read what it prints until it has said where it is and what to try there."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while not (self.port and self.printed[-1].endswith("/health")):
                line = (await self.process.stdout.readline()).decode()
                assert line, f"the ledger ended before it listened:\n{self.log}"
                self.printed.append(line.rstrip("\n"))
                if found := re.match(r"Ledger on http://[\d.]+:(\d+)", line):
                    self.port = int(found[1])

    async def stop(self) -> int:
        """Ask it to end, and tell its exit status."""
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode

    @property
    def log(self) -> str:
        return self.log_file.read_text()


@asynccontextmanager
async def running_ledger(
    folder: Path, *arguments: str, **environment: str
) -> AsyncIterator[LedgerProcess]:
    """Start a ledger on a free port; it is gone at the end of the block, by force if need be."""
    log_file = folder / f"ledger-{uuid4().hex[:8]}.log"
    places = [os.environ.get("PYTHONPATH", ""), str(ROOT), str(ROOT / "src")]
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    with log_file.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "examples.ledger", "--port", "0", *arguments),
            cwd=folder,
            env=inherited | {"PYTHONPATH": os.pathsep.join(filter(None, places))} | environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
    ledger = LedgerProcess(process, log_file)
    try:
        await ledger.started()
        yield ledger
    except BaseException:
        print("The ledger's log ends with:", ledger.log[-10_000:], sep="\n")
        raise
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
