"""Requests made from the ledger's OpenAPI document, right ones and wrong ones (Schemathesis)."""

import asyncio
import re
import signal
import sys
from pathlib import Path

from tests.examples.aftermath import at_rest
from tests.load.ledger import POOL, database
from tests.load.servers import PATIENCE, free_port, served

# The ledger documents what succeeds and what is rejected, as FastAPI does, not each refusal; it
# refuses some of what its schema allows (a transfer from an account to itself); and of several
# routes with one path the first answers for the methods that none of them has.
EXCLUDED = ("status_code_conformance", "positive_data_acceptance", "allow_header_conformance")


async def conform(seconds: float, seed: int, folder: Path) -> bool:
    """Send them for so many seconds, and print what came of it; whether all was as documented."""
    async with database() as store:
        environment = {"DATABASE_URL": store.url, "LEDGER_POOL_SIZE": str(POOL)}
        async with served("uvicorn", folder, free_port(), 1, environment) as ledger:
            status, text = await _send(ledger.port, seconds, seed, folder)
            health = await at_rest(ledger.port, subscribers=0)
            assert (health["status"], health["books"]["balanced"]) == ("ok", True)
            assert await ledger.ended(signal.SIGTERM) in {0, -signal.SIGTERM}
        assert "Traceback" not in (log := ledger.log_file.read_text()), log[-5000:]
    if status:
        print(text)
    made = re.findall(r"^\s*([\d,]+) generated", text, re.MULTILINE)
    operations = re.findall(r"^\s*Tested: (\d+)", text, re.MULTILINE)
    print(
        f"schema: {made[-1]} requests to {operations[-1]} operations in {seconds:.0f} s, "
        f"seed {seed}, {'not ' * bool(status)}all answered as documented; the books balance"
    )
    return status == 0


async def _send(port: int, seconds: float, seed: int, folder: Path) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "run"),
        f"http://127.0.0.1:{port}/openapi.json",
        *("--checks", "all", "--exclude-checks", ",".join(EXCLUDED)),
        *("--header", "X-API-Key: admin-key", "--no-color", "--generation-database", "none"),
        *("--max-time", str(max(1, int(seconds))), "--seed", str(seed)),
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(seconds + 10 * PATIENCE):
        output, _ = await process.communicate()
    return process.returncode or 0, output.decode(errors="replace")
