"""The end of an application: what is being served is given back before what it uses."""

import logging
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated, Any

import anyio
import anyio.lowlevel
import pytest

from tenure.web import App, Depends, WebSocket
from tests.web.apps.client import Client, Socket, running

ROOT = Path(__file__).parents[3]


class Site:
    """An application with something of every lifetime, and a request that does not end."""

    def __init__(self, **options: Any) -> None:
        self.words: list[str] = []
        self.is_served = anyio.Event()
        self.may_close = anyio.Event()

        async def pool() -> AsyncIterator[None]:
            self.words.append("+pool")
            yield
            self.words.append("-pool")

        async def session(_: Annotated[None, Depends(pool, scope="app")]) -> AsyncIterator[None]:
            try:
                yield
            finally:
                await self.may_close.wait()
                self.words.append("-session")

        @asynccontextmanager
        async def lifespan(app: App) -> AsyncIterator[None]:
            self.words.append("+lifespan")
            yield
            self.words.append("-lifespan")

        self.app = App(lifespan=lifespan, **options)

        @self.app.get("/", dependencies=[Depends(session)])
        @self.app.get("/{odd:path}/", dependencies=[Depends(session)])
        async def endpoint() -> None:
            self.is_served.set()
            await anyio.sleep_forever()

        @self.app.websocket("/ws", dependencies=[Depends(session)])
        async def talk(websocket: WebSocket) -> None:
            self.is_served.set()
            await anyio.sleep_forever()

    async def end(self, target: str, *, closes: bool = True) -> None:
        """Serve a request, cancel it as a server does, and shut down while it is closing."""
        async with anyio.create_task_group() as tasks:
            async with running(self.app) as client:
                serving = anyio.CancelScope()
                tasks.start_soon(self._serve, client, target, serving)
                await self.is_served.wait()
                serving.cancel()
                if closes:
                    tasks.start_soon(self._let_close)
            if not closes:
                self.may_close.set()

    async def _serve(self, client: Client, target: str, serving: anyio.CancelScope) -> None:
        with serving:
            if target == "/ws":
                await Socket.talk(self.app, target, leaves=False)
            else:
                await client.request(self.app, "GET", target)

    async def _let_close(self) -> None:
        for _ in range(50):  # many more than what waits for nothing needs
            await anyio.lowlevel.checkpoint()
        self.may_close.set()


@pytest.mark.parametrize("target", ["/", "/odd/path/", "/ws"])
async def test_what_is_being_closed_is_waited_for(target: str):
    site = Site()
    await site.end(target)
    assert site.words == ["+pool", "+lifespan", "-session", "-lifespan", "-pool"]


async def test_patience_has_an_end(caplog: pytest.LogCaptureFixture):
    site = Site(exit_timeout=0.02)
    site.app.router.routes.clear()

    @site.app.get("/")
    async def endpoint() -> None:
        site.is_served.set()
        with anyio.CancelScope(shield=True):
            await site.may_close.wait()
        site.words.append("ends")

    with caplog.at_level(logging.ERROR, logger="tenure.web"):
        await site.end("/", closes=False)
    assert site.words == ["+lifespan", "-lifespan", "ends"]
    assert "1 connections are still served 0.02 seconds" in caplog.text


async def test_a_failing_start_closes_what_was_opened_and_says_which_step_failed():
    words: list[str] = []

    async def first() -> AsyncIterator[None]:
        words.append("+first")
        yield
        words.append("-first")

    async def second(_: Annotated[None, Depends(first, scope="app")]) -> AsyncIterator[None]:
        raise ConnectionError("no database")
        yield

    app, messages = App(), []
    app.get("/", dependencies=[Depends(second, scope="app")])(lambda: None)

    async def receive() -> dict[str, Any]:
        return {"type": "lifespan.startup"}

    async def send(message: Any) -> None:
        messages.append(message)

    with pytest.raises(ConnectionError) as caught:
        await app({"type": "lifespan", "state": {}}, receive, send)
    assert words == ["+first", "-first"]
    (message,) = messages
    assert message["type"] == "lifespan.startup.failed"
    (note,) = caught.value.__notes__
    assert re.search(r'raised while .*second \(.*test_shutdown\.py:\d+\), of scope "app"', note)
    assert note in message["message"]


# Under a server, as a process of its own.

PROGRAM = """
import asyncio, sys
from contextlib import asynccontextmanager
from typing import Annotated
import uvicorn
from tenure.web import App, Depends, WebSocket

def say(word):
    print(word, flush=True)

async def pool():
    say("+pool")
    yield
    say("-pool")

async def session(_: Annotated[None, Depends(pool, scope="app")]):
    try:
        yield
    except BaseException as error:
        say(f"session sees {type(error).__name__}")
        raise
    finally:
        await asyncio.sleep(0.3)  # longer than the server waits for what it has cancelled
        say("-session")

@asynccontextmanager
async def lifespan(app):
    say("+lifespan")
    yield
    say("-lifespan")

app = App(lifespan=lifespan)

@app.get("/hangs", dependencies=[Depends(session)])
async def hangs():
    say("served")
    await asyncio.Event().wait()

@app.get("/ends", dependencies=[Depends(session)])
async def ends():
    say("served")
    while not server.should_exit:
        await asyncio.sleep(0.01)
    return "done"

config = uvicorn.Config(app, port=0, access_log=False, timeout_graceful_shutdown=1)
server = uvicorn.Server(config)
server.run()
"""


@contextmanager
def served(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The program on a free port, and that port; it is gone at the end, by force if need be."""
    (folder / "main.py").write_text(PROGRAM)
    places = [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    with subprocess.Popen(
        [sys.executable, "main.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(places)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            for line in process.stderr:
                if found := re.search(r"running on http://127\.0\.0\.1:(\d+)", line):
                    yield process, int(found[1])
                    break
            else:
                pytest.fail("the server did not start")
        finally:
            process.kill()


@pytest.mark.once
@pytest.mark.parametrize("path", ["/hangs", "/ends"])
def test_sigterm(tmp_path: Path, path: str) -> None:
    with served(tmp_path) as (process, port):
        assert process.stdout is not None
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            words = []
            while "served" not in words:
                words.append(process.stdout.readline().strip())
            process.send_signal(signal.SIGTERM)
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
        words.extend(process.stdout.read().split("\n"))
        assert process.wait(20) in (0, -signal.SIGTERM)
    closing = ["-session", "-lifespan", "-pool", ""]
    if path == "/ends":
        assert answer.endswith(b'"done"')
        assert words == ["+pool", "+lifespan", "served", *closing]
    else:
        assert words == ["+pool", "+lifespan", "served", "session sees CancelledError", *closing]
