"""A unit of work that is cancelled gives everything back, completely and in order."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from typing import Annotated, Any

import anyio
import pytest

from tenure import Container, Depends

native = pytest.mark.asyncio_only("tasks of trio cannot be cancelled alone")

events: list[str] = []


@pytest.fixture(autouse=True)
def no_events() -> None:
    events.clear()


def slow(name: str, *, awaits: int = 3) -> Callable[..., Any]:
    """A dependency whose exit suspends several times."""

    async def generator() -> AsyncIterator[None]:
        try:
            yield
        except BaseException as error:
            events.append(f"{name}: {type(error).__name__}")
            raise
        finally:
            for number in range(awaits):
                events.append(f"{name} {number}")
                await anyio.lowlevel.checkpoint()
            events.append(f"{name} closed")

    return generator


def in_thread(name: str) -> Callable[..., Any]:
    def generator() -> Iterator[None]:
        try:
            yield
        finally:
            events.append(f"{name} closed")

    return generator


First = Annotated[None, Depends(slow("first"))]
Second = Annotated[None, Depends(in_thread("second"))]
Third = Annotated[None, Depends(slow("third"))]


async def waits(started: anyio.Event, first: First, second: Second, third: Third) -> None:
    started.set()
    await anyio.sleep_forever()


CLOSED = ["third closed", "second closed", "first closed"]


def closed() -> list[str]:
    return [event for event in events if event.endswith("closed")]


async def cancelled_times(task: asyncio.Future[Any], times: int) -> None:
    """Cancel again and again while the exits run, one turn of the loop apart."""
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()


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
