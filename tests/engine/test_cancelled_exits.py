"""Exits that are running when the cancellation comes: they finish, and it is not lost."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio
import pytest

from tenure import Container, Depends, YieldedTwiceError
from tests.engine.slow_exits import (
    First,
    Second,
    cancelled_times,
    closed,
    events,
    native,
)


@pytest.fixture(autouse=True)
def no_events() -> None:
    events.clear()


async def test_exits_may_use_what_asks_for_cancellation(container: Container) -> None:
    """anyio's primitives look at the scopes around them, not only at what is delivered."""
    send, receive = anyio.create_memory_object_stream[int](1)
    lock, limiter, event = anyio.Lock(), anyio.CapacityLimiter(1), anyio.Event()

    async def uses_everything() -> AsyncIterator[None]:
        try:
            yield
        finally:
            async with lock, limiter:
                await send.send(1)
                events.append(f"received {await receive.receive()}")
            event.set()
            await event.wait()
            events.append(await anyio.to_thread.run_sync(lambda: "thread"))
            await anyio.lowlevel.checkpoint_if_cancelled()
            await anyio.sleep(0.001)
            async with anyio.create_task_group() as group:
                group.start_soon(anyio.sleep, 0.001)
            events.append("closed")
            send.close()
            receive.close()

    async def main(started: anyio.Event, uses: Annotated[None, Depends(uses_everything)]) -> None:
        started.set()
        await anyio.sleep_forever()

    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            started = anyio.Event()
            group.start_soon(lambda: container.call(main, started=started))
            await started.wait()
            group.cancel_scope.cancel()
    assert events == ["received 1", "thread", "closed"]


@pytest.mark.parametrize("fails", [False, True])
async def test_one_that_yields_again_is_closed_though_it_was_cancelled(
    container: Container, fails: bool
) -> None:
    """The scope around it is cancelled while it waits in its exit."""

    async def yields_again() -> AsyncIterator[None]:
        try:
            yield
        except ValueError:
            events.append("failed")
        scope.cancel()
        await anyio.lowlevel.checkpoint()
        try:
            yield
        finally:
            events.append("closed by force")

    async def main(_: Annotated[None, Depends(yields_again)]) -> None:
        if fails:
            raise ValueError

    with pytest.raises(YieldedTwiceError), anyio.CancelScope() as scope:
        await container.call(main)
    assert events == ["failed"] * fails + ["closed by force"]


@native
async def test_cancelled_during_a_successful_exit(container: Container) -> None:
    """That exit finishes; the outer ones are told."""
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def inner() -> AsyncIterator[None]:
        yield
        reached.set()
        await go_on.wait()
        events.append("inner closed")

    async def main(first: First, second: Second, inner: Annotated[None, Depends(inner)]) -> str:
        return "a result that nobody gets"

    task = asyncio.ensure_future(container.call(main))
    await reached.wait()
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert closed() == ["inner closed", "second closed", "first closed"]
    assert "first: CancelledError" in events


@native
@pytest.mark.parametrize("waits_outside", [False, True])
async def test_a_cancellation_during_an_exit_that_fails_is_not_lost(
    waits_outside: bool, container: Container
) -> None:
    """The failure comes out; who catches it is cancelled at the next suspension."""
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def fails() -> AsyncIterator[None]:
        yield
        reached.set()
        await go_on.wait()
        raise LookupError

    async def outer() -> AsyncIterator[None]:
        try:
            yield
        finally:
            if waits_outside:
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            events.append("outer closed")

    async def main(
        outer: Annotated[None, Depends(outer)], fails: Annotated[None, Depends(fails)]
    ) -> None: ...

    async def job() -> None:
        try:
            await container.call(main)
        except LookupError:
            events.append("LookupError")
        await asyncio.Event().wait()

    task = asyncio.ensure_future(job())
    await reached.wait()
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert events == ["outer closed", "LookupError"]


@native
async def test_each_cancellation_during_an_exit_counts(container: Container) -> None:
    """One is a timeout's, the other is not: the timeout may not take both for its own."""
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def inner() -> AsyncIterator[None]:
        yield
        reached.set()
        await go_on.wait()

    async def main(inner: Annotated[None, Depends(inner)]) -> None: ...

    async def job() -> None:
        async with asyncio.timeout(10) as limit:
            limits.append(limit)
            await container.call(main)

    limits: list[asyncio.Timeout] = []
    task = asyncio.ensure_future(job())
    await reached.wait()
    limits[0].reschedule(asyncio.get_running_loop().time() - 1)
    await asyncio.sleep(0)
    assert limits[0].expired()
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()


@native
async def test_the_message_of_a_cancellation_is_kept(container: Container) -> None:
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def inner() -> AsyncIterator[None]:
        yield
        reached.set()
        await go_on.wait()

    async def outer() -> AsyncIterator[None]:
        try:
            yield
        except asyncio.CancelledError as error:
            events.append(str(error))
            raise

    async def main(
        outer: Annotated[None, Depends(outer)], inner: Annotated[None, Depends(inner)]
    ) -> None: ...

    task = asyncio.ensure_future(container.call(main))
    await reached.wait()
    task.cancel("the reason")
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert events == ["the reason"]


@native
async def test_a_dependency_may_replace_a_cancellation(container: Container) -> None:
    started = asyncio.Event()

    async def translates() -> AsyncIterator[None]:
        try:
            yield
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            raise ConnectionError from None

    async def main(first: First, translates: Annotated[None, Depends(translates)]) -> None:
        started.set()
        await asyncio.Event().wait()

    task = asyncio.ensure_future(container.call(main))
    await started.wait()
    task.cancel()
    with pytest.raises(ConnectionError):
        await task
    assert events[0] == "first: ConnectionError"


@native
async def test_a_unit_of_work_inside_an_exit_finishes_too(container: Container) -> None:
    started = asyncio.Event()

    async def report(first: First) -> None:
        await asyncio.sleep(0)
        events.append("reported")

    async def reports() -> AsyncIterator[None]:
        try:
            yield
        finally:
            await container.call(report)
            events.append("outer closed")

    async def main(reports: Annotated[None, Depends(reports)]) -> None:
        started.set()
        await asyncio.Event().wait()

    task = asyncio.ensure_future(container.call(main))
    await started.wait()
    await cancelled_times(task, 5)
    assert events[0] == "reported"
    assert closed() == ["first closed", "outer closed"]


@native
async def test_a_long_exit_under_a_cancelled_scope_does_not_spin(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    """anyio delivers again on every turn of the loop, unless a shield tells it to wait."""
    loop = asyncio.get_running_loop()
    if "uvloop" in type(loop).__module__:
        pytest.skip("its methods cannot be replaced, so nobody can count")
    calls: list[object] = []
    call_soon = loop.call_soon

    def counted(callback: Any, *args: Any, **kwargs: Any) -> asyncio.Handle:
        calls.append(callback)
        return call_soon(callback, *args, **kwargs)

    async def long_exit() -> AsyncIterator[None]:
        try:
            yield
        finally:
            before = len(calls)
            await asyncio.sleep(0.05)
            events.append(f"{len(calls) - before < 50}")

    async def main(started: anyio.Event, long: Annotated[None, Depends(long_exit)]) -> None:
        started.set()
        await anyio.sleep_forever()

    monkeypatch.setattr(loop, "call_soon", counted)
    async with anyio.create_task_group() as group:
        started = anyio.Event()
        group.start_soon(lambda: container.call(main, started=started))
        await started.wait()
        group.cancel_scope.cancel()
    assert events == ["True"]
