"""`python -m examples.ledger` as a stranger runs it: what it prints to try, does what it says."""

import asyncio
import json
import os
import shlex
import shutil
from pathlib import Path

import pytest

from tests.examples.processes import running_ledger


def require_curl() -> None:
    if shutil.which("curl") is None:
        reason = "there is no curl to run what the ledger prints"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


async def run(line: str) -> tuple[int, str]:
    """Run a line as a shell would, and answer the status and the body that curl got."""
    words = [*shlex.split(line), "--max-time", "20", "-w", "\n%{http_code}"]
    process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
    printed, _ = await process.communicate()
    assert process.returncode == 0
    body, _, status = printed.decode().rpartition("\n")
    return int(status), body


async def try_what_it_prints(folder: Path) -> tuple[list[tuple[int, str]], str]:
    # No address of a database: the books are kept in a folder that is gone afterwards.
    async with running_ledger(folder, TMPDIR=str(folder)) as ledger:
        answers = [await run(line) for line in ledger.printed if line.startswith("curl ")]
        assert await ledger.stop() == 0
    return answers, ledger.log


def test_the_lines_to_try_do_what_is_said_of_them(tmp_path: Path) -> None:
    require_curl()
    answers, log = asyncio.run(try_what_it_prints(tmp_path))
    assert [status for status, _ in answers] == [200, 201, 409, 200, 200]
    accounts, moved, refused, statement, health = (body for _, body in answers)
    assert [account["name"] for account in json.loads(accounts)] == [
        "treasury",
        "alice",
        "bob",
        "carol",
    ]
    assert json.loads(moved)["memo"] == "rent"
    assert json.loads(refused) == {"detail": "account 3 has 102500, which is too little"}
    balances = [json.loads(line)["balance"] for line in statement.splitlines()]
    assert balances == [100_000, 102_500]
    assert json.loads(health)["books"]["balanced"] is True
    assert "pool closed" in log.splitlines()[-3]
    assert [path.suffix for path in tmp_path.iterdir()] == [".log"], "the folder was left behind"
