"""A unit of work that is cancelled gives everything back, completely and in order."""

import asyncio
import signal
from collections.abc import AsyncIterator, Generator
from typing import Annotated

import anyio
import pytest

from tenure import Container, Depends
from tests.engine.slow_exits import (
    CLOSED,
    First,
    Second,
    Third,
    cancelled_times,
    closed,
    events,
    native,
    waits,
)


@pytest.fixture(autouse=True)
def no_events() -> None:
    events.clear()


@native
@pytest.mark.parametrize("times", [1, 2, 3, 8])
async def test_a_cancelled_task_finishes_its_exits_before_it_comes_out_cancelled(
    times: int, container: Container
) -> None:
    started = anyio.Event()
    task = asyncio.ensure_future(container.call(waits, started=started))
    await started.wait()
    await cancelled_times(task, times)
    assert closed() == CLOSED
    assert events.count("third: CancelledError") == events.count("first: CancelledError") == 1
    assert [event for event in events if event.startswith("first ")] == [
        "first 0",
        "first 1",
        "first 2",
        "first closed",
    ]


async def test_a_cancelled_scope_lets_exits_finish(container: Container) -> None:
    async with anyio.create_task_group() as group:
        started = anyio.Event()
        group.start_soon(lambda: container.call(waits, started=started))
        await started.wait()
        group.cancel_scope.cancel()
    assert closed() == CLOSED


async def test_a_scope_around_the_call_is_left_cancelled_and_nothing_stays_behind(
    container: Container,
) -> None:
    async def cancel_when_started() -> None:
        await started.wait()
        scope.cancel()

    started = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(cancel_when_started)
        with anyio.CancelScope() as scope:
            await container.call(waits, started=started)
            pytest.fail("came out of the call without the cancellation")
        await anyio.lowlevel.checkpoint()
        assert scope.cancelled_caught
    assert closed() == CLOSED


async def test_a_deadline_around_the_call(container: Container) -> None:
    async def expire_when_started() -> None:
        await started.wait()
        scope.deadline = anyio.current_time()

    started = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(expire_when_started)
        with anyio.move_on_after(10) as scope:
            await container.call(waits, started=started)
        assert scope.cancelled_caught
    assert closed() == CLOSED
    await anyio.lowlevel.checkpoint()


async def expire(limit: asyncio.Timeout, started: anyio.Event) -> None:
    await started.wait()
    limit.reschedule(asyncio.get_running_loop().time())


@native
async def test_asyncio_timeout_around_the_call_raises_timeout_error(container: Container) -> None:
    started = anyio.Event()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(10) as timeout:
            expiring = asyncio.ensure_future(expire(timeout, started))
            await container.call(waits, started=started)
    await expiring
    assert closed() == CLOSED
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    await asyncio.sleep(0)


@native
async def test_asyncio_wait_for_around_the_call_raises_timeout_error(container: Container) -> None:
    started = anyio.Event()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(container.call(waits, started=started), 0.02)
    opened = len(closed())  # on a busy machine not all of them are open by then
    assert closed() == CLOSED[len(CLOSED) - opened :]


@native
async def test_a_call_that_was_made_before_the_scope_it_runs_in(container: Container) -> None:
    """What matters is where it runs."""
    lock = anyio.Lock()

    async def locks() -> AsyncIterator[None]:
        try:
            yield
        finally:
            async with lock:
                await anyio.lowlevel.checkpoint()
            events.append("closed")

    async def main(locks: Annotated[None, Depends(locks)]) -> None:
        await anyio.sleep_forever()

    async def work() -> None:
        call = container.call(main)
        with anyio.move_on_after(0.01):
            await call

    await asyncio.create_task(work())
    assert events == ["closed"]


@native
async def test_a_call_started_in_a_group_by_a_task_outside_of_it(container: Container) -> None:
    """`start_soon` makes the call in the caller's task, and runs it in another."""
    lock = anyio.Lock()

    async def locks() -> AsyncIterator[None]:
        try:
            yield
        finally:
            async with lock:
                events.append("closed")

    async def main(started: anyio.Event, locks: Annotated[None, Depends(locks)]) -> None:
        started.set()
        await anyio.sleep_forever()

    async def starts() -> None:
        group.start_soon(lambda: container.call(main, started=started))

    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            started = anyio.Event()
            await asyncio.create_task(starts())
            await started.wait()
            group.cancel_scope.cancel()
    assert events == ["closed"]


@native
async def test_a_call_made_by_a_callback_of_the_loop(container: Container) -> None:
    async def main(first: First) -> str:
        return "result"

    loop = asyncio.get_running_loop()
    made: asyncio.Future[asyncio.Future[str]] = loop.create_future()

    def callback() -> None:
        made.set_result(asyncio.ensure_future(container.call(main)))

    with anyio.CancelScope():
        loop.call_soon(callback)
        assert await (await made) == "result"
    assert closed() == ["first closed"]


@native
async def test_a_cancelled_setup_closes_what_was_open(container: Container) -> None:
    reached = asyncio.Event()

    async def opens_slowly() -> AsyncIterator[None]:
        reached.set()
        try:
            await asyncio.Event().wait()
            yield
        finally:
            events.append("setup left")

    async def main(
        first: First, second: Second, slowly: Annotated[None, Depends(opens_slowly)]
    ) -> None: ...

    task = asyncio.ensure_future(container.call(main))
    await reached.wait()
    await cancelled_times(task, 3)
    assert [event for event in events if event.endswith(("left", "closed"))] == [
        "setup left",
        "second closed",
        "first closed",
    ]


@native
async def test_cancelled_before_it_began_nothing_is_opened(container: Container) -> None:
    async def main(first: First) -> None:
        events.append("main")

    if asyncio.get_running_loop().get_task_factory() is not None:
        pytest.skip("an eager task has begun as soon as it exists")
    task = asyncio.ensure_future(container.call(main))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert events == []


async def test_cancelled_before_the_first_suspension_everything_is_closed(
    container: Container,
) -> None:
    async def main(first: First, second: Second) -> None:
        events.append("main")
        await anyio.lowlevel.checkpoint()
        events.append("went on")

    with anyio.CancelScope() as scope:
        scope.cancel()
        await container.call(main)
    assert scope.cancelled_caught
    assert "went on" not in events
    assert closed() in (["first closed"], ["second closed", "first closed"])


@native
async def test_a_cancellation_that_the_root_swallows_is_its_own_affair(
    container: Container,
) -> None:
    started = asyncio.Event()

    async def main(first: First, second: Second) -> str:
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            events.append("swallowed")
        return "result"

    task = asyncio.ensure_future(container.call(main))
    await started.wait()
    task.cancel()
    assert await task == "result"
    assert events[0] == "swallowed"
    assert closed() == ["second closed", "first closed"]
    assert "first: CancelledError" not in events


async def test_other_units_of_work_are_not_disturbed(container: Container) -> None:
    """One is cancelled while its exit waits; the other one's exits see nothing of it."""
    started = [anyio.Event(), anyio.Event()]
    go_on = anyio.Event()

    async def main(number: int, first: First) -> str:
        started[number].set()
        await go_on.wait()
        return "result"

    results: list[str] = []

    async def call(number: int, scope: anyio.CancelScope) -> None:
        with scope:
            results.append(await container.call(main, number=number))

    async with anyio.create_task_group() as group:
        scopes = [anyio.CancelScope(), anyio.CancelScope()]
        for number, scope in enumerate(scopes):
            group.start_soon(call, number, scope)
            await started[number].wait()
        scopes[0].cancel()
        go_on.set()
    assert results == ["result"]
    assert closed() == ["first closed"] * 2


def test_a_loop_that_ends_lets_exits_finish() -> None:
    """`asyncio.run` cancels what is left, and waits for it."""

    async def job() -> None:
        started = anyio.Event()
        left = asyncio.ensure_future(Container().call(waits, started=started))
        await started.wait()
        assert not left.done()

    asyncio.run(job())
    assert closed() == CLOSED


@pytest.fixture
def keyboard() -> Generator[None]:
    """Python's own reaction to Ctrl-C, which a process in the background may have been denied."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("keyboard")
def test_an_interrupt_from_the_keyboard_lets_exits_finish() -> None:
    async def main(first: First, second: Second, third: Third) -> None:
        signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(10)

    async def job() -> None:
        await Container().call(main)

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(job())
    assert closed() == CLOSED
