"""A streamed body that is cut off while it makes an item, and what its ``finally`` awaits."""

import asyncio
import threading
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from tenure import ExitTimeoutError
from tenure.web import App, Depends
from tests.engine.support import place_of
from tests.web.apps.client import Answer, Client

SOON = 0.02

native = pytest.mark.asyncio_only("native cancellation")


class Body:
    """An endpoint that waits in the middle of an item, and again when it is cut off."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.is_waiting = anyio.Event()
        self.is_left = anyio.Event()
        self.is_written = anyio.Event()
        self.app = App()
        self.app.get("/")(self.lines)

    async def lines(self):
        try:
            yield "first"
            self.is_waiting.set()
            await anyio.sleep_forever()
        finally:
            self.is_left.set()
            await self.is_written.wait()
            await anyio.lowlevel.checkpoint()
            self.words.append("-body")

    async def serve(self, **options: Any) -> None:
        await Client(**options).serve(self.app, "GET", "/")


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await anyio.lowlevel.checkpoint()


@native
@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("spec_version", ["2.3", "2.4"])
async def test_a_body_cancelled_again_and_again_finishes_what_it_awaits(times, spec_version):
    body = Body()
    task = asyncio.ensure_future(body.serve(spec_version=spec_version))
    await body.is_waiting.wait()
    task.cancel()
    await body.is_left.wait()
    for _ in range(times - 1):
        task.cancel()
        await turns()
    assert not task.done()
    body.is_written.set()
    await asyncio.wait([task])
    assert body.words == ["-body"]
    assert task.cancelled()


@native
async def test_a_client_leaves_and_the_task_is_cancelled_meanwhile():
    body = Body()
    leaves = anyio.Event()
    task = asyncio.ensure_future(body.serve(spec_version="2.3", leaves_at=leaves))
    await body.is_waiting.wait()
    leaves.set()
    await body.is_left.wait()
    task.cancel()
    await turns()
    body.is_written.set()
    await asyncio.wait([task])
    assert body.words == ["-body"]
    assert task.cancelled()


async def test_a_scope_around_is_cancelled():
    body = Body()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(body.serve)
        await body.is_waiting.wait()
        tasks.cancel_scope.cancel()
        with anyio.CancelScope(shield=True):
            await body.is_left.wait()
            await turns()
            body.is_written.set()
    assert body.words == ["-body"]


@pytest.mark.parametrize("anyio_backend", ["trio"])
async def test_a_body_cut_off_at_a_checkpoint_finishes_what_it_awaits(anyio_backend):
    words: list[str] = []
    app = App()

    @app.get("/")
    async def lines():
        try:
            yield "first"
            scope.cancel()
            await anyio.lowlevel.checkpoint()
        finally:
            await anyio.lowlevel.checkpoint()
            words.append("-body")

    with anyio.CancelScope() as scope:
        await Client().serve(app, "GET", "/")
    assert words == ["-body"]


@native
async def test_a_timeout_of_its_own_does_not_keep_off_what_comes_after_it():
    """It takes a while to end, and the task is cancelled meanwhile, or later."""
    words: list[str] = []
    app = App()
    is_waiting, is_left, is_written = asyncio.Event(), asyncio.Event(), asyncio.Event()

    @app.get("/")
    async def lines():
        yield "first"
        try:
            async with asyncio.timeout(0.005):
                try:
                    await asyncio.Event().wait()
                finally:
                    is_left.set()
                    await is_written.wait()
                    words.append("written")
        except TimeoutError:
            words.append("timed out")
        is_waiting.set()
        try:
            await asyncio.Event().wait()
        finally:
            words.append("-body")

    for is_late in (False, True):
        for event in (is_waiting, is_left, is_written):
            event.clear()
        words.clear()
        task = asyncio.ensure_future(Client().serve(app, "GET", "/"))
        await is_left.wait()
        if not is_late:
            task.cancel()
            await turns()
        is_written.set()
        if is_late:
            await is_waiting.wait()
            await turns()
            task.cancel()
        async with asyncio.timeout(10):
            await asyncio.wait([task])
        assert task.cancelled()
        assert words == ["written", "timed out", "-body"]


async def test_a_scope_of_its_own_that_is_over_is_not_taken_for_one_outside():
    words: list[str] = []
    app = App()

    @app.get("/")
    async def lines():
        yield "first"
        with anyio.CancelScope() as scope:
            scope.cancel()
            try:
                await anyio.sleep_forever()
            finally:
                with anyio.CancelScope(shield=True):
                    await anyio.lowlevel.checkpoint()
                words.append("left")
        await anyio.lowlevel.checkpoint()
        words.append("goes on")
        yield "second"

    answer = await Client().serve(app, "GET", "/")
    assert answer.text == '"first"\n"second"\n'
    assert words == ["left", "goes on"]


@native
async def test_a_body_that_swallows_a_cancellation_is_cut_off_by_the_next_item():
    words: list[str] = []
    app = App()
    is_waiting = asyncio.Event()

    @app.get("/")
    async def lines():
        try:
            is_waiting.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            words.append("swallowed")
        yield "first"
        try:
            await asyncio.Event().wait()
        finally:
            words.append("-body")

    task = asyncio.ensure_future(Client().serve(app, "GET", "/"))
    await is_waiting.wait()
    task.cancel()
    await turns(20)
    task.cancel()
    async with asyncio.timeout(10):
        await asyncio.wait([task])
    assert words == ["swallowed", "-body"]
    assert task.cancelled()


class Hanging:
    """An endpoint whose ``finally`` hangs, and a dependency whose exit waits, but ends."""

    def __init__(self, *, is_quiet: bool = False) -> None:
        self.words: list[str] = []
        self.is_quiet = is_quiet
        self.is_waiting = anyio.Event()
        self.app = App(exit_timeout=SOON)
        self.app.get("/", dependencies=[Depends(self.resource)])(self.lines)

    async def resource(self):
        try:
            yield
        except BaseException as error:
            self.words.append(f"resource sees {type(error).__name__}")
            raise
        finally:
            await anyio.lowlevel.checkpoint()
            self.words.append("-resource")

    async def lines(self):
        try:
            yield "first"
            self.is_waiting.set()
            await anyio.sleep_forever()
        finally:
            try:
                await anyio.sleep_forever()
            except BaseException:
                self.words.append("-body")
                if not self.is_quiet:
                    raise

    async def serve(self, **options: Any) -> Answer:
        with anyio.fail_after(10):
            return await Client(**options).serve(self.app, "GET", "/")


@pytest.mark.parametrize("is_quiet", [False, True])
@pytest.mark.parametrize("how", ["leaves", "leaves at an item", "scope"])
async def test_a_body_that_hangs_at_its_end_is_named(how, is_quiet, caplog):
    hanging = Hanging(is_quiet=is_quiet)
    answers: list[Answer] = []
    leaves = anyio.Event()
    options: dict[str, Any] = {}
    if how == "leaves":
        options = {"spec_version": "2.3", "leaves_at": leaves}
    elif how == "leaves at an item":
        options = {"leaves_after": 1}

    async def serve() -> None:
        answers.append(await hanging.serve(**options))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(serve)
        if how != "leaves at an item":
            await hanging.is_waiting.wait()
            if how == "leaves":
                leaves.set()
            else:
                tasks.cancel_scope.cancel()
    assert hanging.words == ["-body", "resource sees ExitTimeoutError", "-resource"]
    records = [record for record in caplog.records if record.name == "tenure"]
    assert ["lines (" in record.getMessage() for record in records] == [True]
    if answers:
        assert type(answers[0].error) is ExitTimeoutError
        assert place_of(Hanging.lines) in str(answers[0].error)


@native
async def test_a_body_that_hangs_keeps_no_cancelled_task():
    hanging = Hanging()
    task = asyncio.ensure_future(hanging.serve())
    await hanging.is_waiting.wait()
    for _ in range(3):
        task.cancel()
        await turns()
    async with asyncio.timeout(10):
        await asyncio.wait([task])
    assert hanging.words == ["-body", "resource sees ExitTimeoutError", "-resource"]


@pytest.mark.asyncio_only("a thread cannot be left alone on trio")
async def test_a_plain_body_that_hangs_is_left_alone():
    words: list[str] = []
    go_on = threading.Event()
    app = App(exit_timeout=SOON)

    @app.get("/")
    def lines():
        try:
            while True:
                yield "item"
        finally:
            go_on.wait(10)
            words.append("-body")

    answer = await Client(leaves_after=2).request(app, "GET", "/")
    assert type(answer.error) is ExitTimeoutError
    assert words == []
    go_on.set()


async def test_an_end_in_time_is_let_alone():
    words: list[str] = []
    app = App(exit_timeout=10)

    @app.get("/")
    async def lines():
        try:
            yield "first"
            yield "second"
        finally:
            await anyio.lowlevel.checkpoint()
            words.append("-body")

    answer = await Client(leaves_after=2).request(app, "GET", "/")
    assert answer.error is None
    assert words == ["-body"]
