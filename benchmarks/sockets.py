"""The chain of dependencies over sockets: one uvicorn worker per contender, all on uvloop."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.request import Request as UrlRequest
from urllib.request import urlopen

import uvloop

from benchmarks.client import CONNECTIONS, Load
from benchmarks.harness import Contender, Effort, compare
from benchmarks.requests import CHAIN, FRAMEWORKS, check
from benchmarks.results import LeftOut, Work

__all__ = ["measure_sockets"]

ROOT = Path(__file__).resolve().parent.parent
NAME = "chain of 4, header, path"

QUICK = Effort(rounds=3, slice_seconds=0.05, is_quick=True)
FULL = Effort(rounds=9, slice_seconds=0.3)


def measure_sockets(effort: Effort) -> list[Work]:
    """Requests through a server; many are on their way at once."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return [runner.run(_measure(QUICK if effort.is_quick else FULL))]


async def _measure(effort: Effort) -> Work:
    contenders: list[Contender] = []
    left_out: list[tuple[str, str]] = []
    loads: list[Load] = []
    with ExitStack() as stack:
        for name, make_app in FRAMEWORKS.items():
            if name in CHAIN.without:
                continue
            try:
                await asyncio.create_task(check(CHAIN, make_app))
                process, port = stack.enter_context(_server(name))
                load = Load(_REQUEST, _check(port))
            except LeftOut as error:
                left_out.append((name, str(error)))
                continue
            await load.connect(port)
            loads.append(load)
            contenders.append(Contender(name, load.run, _processor_clock(process.pid)))
        measured = await compare(contenders, effort)
        for load in loads:
            load.close()
    remark = f"one uvicorn worker each, uvloop, {CONNECTIONS} connections kept alive"
    return Work.of("sockets", NAME, measured, left_out, waits=True, remark=remark)


_PATH = "/items/7"
_REQUEST = (
    f"GET {_PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: benchmark\r\naccept: */*\r\n"
    "x-token: secret\r\n\r\n"
).encode()


@contextmanager
def _server(name: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    command = [sys.executable, "-m", "benchmarks.serve", name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise LeftOut("its server did not start")
            yield process, int(line)
        finally:
            process.terminate()


def _check(port: int) -> bytes:
    """Ask once with another client; the body that every response has to have."""
    url = f"http://127.0.0.1:{port}{_PATH}"
    with urlopen(UrlRequest(url, headers={"x-token": "secret"})) as response:
        body: bytes = response.read()
    if json.loads(body) != CHAIN.answer:
        raise LeftOut(f"answered {body[:200]!r}")
    return body


def _processor_clock(pid: int) -> Callable[[], float]:
    """The processor time of the server; nowhere but on Linux can it be read so closely."""
    path = Path(f"/proc/{pid}/schedstat")
    if not path.exists():
        return lambda: 0.0
    return lambda: int(path.read_bytes().split()[0]) / 1e9
