"""``cancel_on_disconnect`` of a WebSocket: who does not look at the client is cancelled."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from tenure import Outcome
from tenure.web import APIRouter, App, Depends, WebSocket, WebSocketDisconnect
from tests.web.apps.client import Socket


class Site:
    """An endpoint in the middle of which the client leaves, and what happens then."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.client = Socket()
        self.router = APIRouter(dependencies=[Depends(self.wide)])
        self.goodbye: Any = None

    async def wide(self, websocket: WebSocket, outcome: Outcome) -> AsyncIterator[None]:
        self.words.append("+wide")
        try:
            yield
        except BaseException as error:
            self.words.append(f"wide sees {type(error).__name__}")
            raise
        finally:
            await anyio.lowlevel.checkpoint()
            self.words.append(f"-wide {outcome.kind}")
            if self.goodbye is not None:
                await self.goodbye(websocket)

    async def leave(self) -> None:
        await self.client.say("disconnect", code=1001, reason="off")

    async def serve(self) -> None:
        app = App()
        app.include_router(self.router)
        await self.client.say("connect")
        await self.client.serve(app, "/")


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.client.end()


async def test_an_endpoint_that_does_not_receive_is_cancelled(site: Site) -> None:
    @site.router.websocket("/", cancel_on_disconnect=True)
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            await site.leave()
            await anyio.sleep_forever()
        finally:
            site.words.append("endpoint ends")

    await site.serve()
    assert site.client.accepted
    assert site.client.error is None
    assert site.words[:2] == ["+wide", "endpoint ends"]
    assert site.words[2].startswith("wide sees Cancel")
    assert site.words[3:] == ["-wide disconnected"]


async def test_without_the_option_it_goes_on(site: Site) -> None:
    @site.router.websocket("/")
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        await site.leave()
        for _ in range(10):
            await anyio.lowlevel.checkpoint()

    await site.serve()
    assert site.words == ["+wide", "-wide returned"]


async def test_who_waits_for_a_message_is_told_and_may_go_on(site: Site) -> None:
    @site.router.websocket("/", cancel_on_disconnect=True)
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        await site.client.say("receive", text="hello")
        site.words.append(await websocket.receive_text())
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(site.leave)
            try:
                await websocket.receive_text()
            except WebSocketDisconnect as error:
                site.words.append(f"{error.code} {error.reason}")
                for _ in range(10):
                    await anyio.lowlevel.checkpoint()
                site.words.append("endpoint ends")

    await site.serve()
    assert site.client.error is None
    assert site.words == ["+wide", "hello", "1001 off", "endpoint ends", "-wide returned"]


async def test_the_setup_of_a_dependency_is_cancelled_before_the_handshake(site: Site) -> None:
    async def slow() -> AsyncIterator[None]:
        await site.leave()
        await anyio.sleep_forever()
        yield

    @site.router.websocket("/", dependencies=[Depends(slow)], cancel_on_disconnect=True)
    async def talk(websocket: WebSocket) -> None:
        site.words.append("endpoint")

    await site.serve()
    assert site.client.error is None
    assert not site.client.accepted
    assert site.words[0] == "+wide"
    assert site.words[2:] == ["-wide disconnected"]


async def test_who_has_said_goodbye_is_not_cancelled(site: Site) -> None:
    @site.router.websocket("/", cancel_on_disconnect=True)
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close()
        await site.leave()
        for _ in range(10):
            await anyio.lowlevel.checkpoint()

    await site.serve()
    assert site.client.closed == (1000, "")
    assert site.words == ["+wide", "-wide returned"]


async def test_exit_code_may_close_and_cannot_send(site: Site) -> None:
    async def goodbye(websocket: WebSocket) -> None:
        with pytest.raises(WebSocketDisconnect):
            await websocket.send_text("are you there?")
        site.words.append("not sent")

    site.goodbye = goodbye

    @site.router.websocket("/", cancel_on_disconnect=True)
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        await site.leave()
        await anyio.sleep_forever()

    await site.serve()
    assert site.client.error is None
    assert site.client.texts == []
    assert site.words[-2:] == ["-wide disconnected", "not sent"]


async def test_what_an_exit_raises_reaches_the_server(site: Site) -> None:
    async def goodbye(websocket: WebSocket) -> None:
        raise LookupError

    site.goodbye = goodbye

    @site.router.websocket("/", cancel_on_disconnect=True)
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        await site.leave()
        await anyio.sleep_forever()

    await site.serve()
    assert type(site.client.error) is LookupError


async def test_a_client_that_stays_gets_all_messages_in_order(site: Site) -> None:
    @site.router.websocket("/", cancel_on_disconnect=True)
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        for number in range(5):
            await site.client.say("receive", text=str(number))
        for _ in range(10):
            await anyio.lowlevel.checkpoint()
        while (text := await websocket.receive_text()) != "4":
            await websocket.send_text(text)

    await site.serve()
    assert site.client.error is None
    assert site.client.texts == ["0", "1", "2", "3"]
    assert site.words == ["+wide", "-wide returned"]


async def test_a_client_that_says_more_than_is_read_is_left_to_wait(site: Site) -> None:
    @site.router.websocket("/", cancel_on_disconnect=True)
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(say_much)
            for _ in range(200):
                await anyio.lowlevel.checkpoint()
            site.words.append(f"{len(said)} were taken")
            for _ in range(100):
                await websocket.receive_text()

    said: list[int] = []

    async def say_much() -> None:
        for number in range(100):
            await site.client.say("receive", text="x" * 10_000)
            said.append(number)

    await site.serve()
    assert site.client.error is None
    [taken] = [word for word in site.words if word.endswith("taken")]
    assert int(taken.split()[0]) < 30
    assert len(said) == 100
