"""The worker threads of asyncio: how many there are, how long they live, what they keep."""

import asyncio
import gc
import threading
import weakref
from contextvars import ContextVar
from threading import Thread, current_thread
from typing import Annotated

import anyio.from_thread
import pytest
from anyio.to_thread import current_default_thread_limiter

from tenure import Container, Depends
from tenure.life import workers
from tenure.life.workers import Work, pool_of

pytestmark = pytest.mark.asyncio_only("trio has threads of its own")


async def _thread_of(container: Container) -> Thread:
    return await container.call(current_thread)


async def test_one_after_the_other_they_share_a_thread(container: Container) -> None:
    found = [await _thread_of(container) for _ in range(5)]
    assert len(set(found)) == 1
    assert found[0] is not current_thread()


async def _at_once(container: Container, count: int) -> set[Thread]:
    """The threads of *count* calls, none of which returns before all have begun."""
    barrier = threading.Barrier(count)

    def meet() -> Thread:
        barrier.wait(10)
        return current_thread()

    return set(await asyncio.gather(*(container.call(meet) for _ in range(count))))


async def test_at_the_same_time_each_has_its_own(container: Container) -> None:
    first = await _at_once(container, 5)
    assert len(first) == 5
    assert await _at_once(container, 5) == first


async def test_the_limiter_of_anyio_says_how_many_work_at_once(container: Container) -> None:
    limiter = current_default_thread_limiter()
    before, limiter.total_tokens = limiter.total_tokens, 2
    running, most = 0, 0
    lock, pair = threading.Lock(), threading.Barrier(2)

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        pair.wait(10)
        with lock:
            running -= 1

    try:
        await asyncio.gather(*(container.call(work) for _ in range(10)))
    finally:
        limiter.total_tokens = before
    assert (running, most) == (0, 2)


async def test_one_that_was_idle_for_long_ends(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = await _at_once(container, 2)
    monkeypatch.setattr(workers, "_MOST_IDLE", -1.0)
    used = await _thread_of(container)
    (ended,) = threads - {used}
    ended.join(10)
    assert not ended.is_alive()
    assert used.is_alive()


@pytest.mark.parametrize("use_uvloop", [False, True])
def test_they_end_with_the_loop(container: Container, use_uvloop: bool) -> None:
    async def main() -> set[Thread]:
        return await _at_once(container, 3)

    first = anyio.run(main, backend_options={"use_uvloop": use_uvloop})
    second = anyio.run(main, backend_options={"use_uvloop": use_uvloop})
    assert not first & second
    for thread in first | second:
        thread.join(10)
        assert not thread.is_alive()


def test_a_loop_that_runs_again_has_new_ones(container: Container) -> None:
    """They end with the task that the loop ran until it was complete."""
    one, other = asyncio.new_event_loop(), asyncio.new_event_loop()
    try:
        found = [each.run_until_complete(_thread_of(container)) for each in (one, other, one)]
    finally:
        one.close()
        other.close()
    assert len(set(found)) == 3
    for thread in found:
        thread.join(10)
        assert not thread.is_alive()


def test_a_loop_that_is_gone_when_a_thread_is_done(container: Container) -> None:
    """Nobody waits any more, and nobody is told of an error."""
    entered, go_on = threading.Event(), threading.Event()
    threads: list[Thread] = []

    def block() -> None:
        threads.append(current_thread())
        entered.set()
        go_on.wait(10)

    async def main() -> None:
        pool_of(asyncio.get_running_loop()).start(Work(block))
        assert entered.wait(10)

    asyncio.run(main())
    go_on.set()
    threads[0].join(10)
    assert not threads[0].is_alive()


async def test_a_thread_keeps_nothing_of_what_it_did(container: Container) -> None:
    class Value:
        pass

    def make() -> Value:
        return Value()

    def fail(value: Annotated[Value, Depends(make)]) -> None:
        left.append(weakref.ref(value))
        raise LookupError(value)

    async def main() -> None:
        with pytest.raises(LookupError):
            await container.call(fail)
        left.append(weakref.ref(await container.call(make)))

    left: list[weakref.ref[Value]] = []
    await main()
    gc.collect()
    assert [each() for each in left] == [None, None]


async def test_code_in_a_thread_is_not_told_of_a_cancellation_that_waits_for_it(
    container: Container,
) -> None:
    """What it acquires is closed all the same, so nothing is gained by giving up in between."""
    events: list[str] = []

    def work() -> None:
        anyio.from_thread.run_sync(scope.cancel)
        anyio.from_thread.check_cancelled()
        events.append("not cancelled")
        anyio.from_thread.run(anyio.lowlevel.checkpoint)
        events.append("nor what it calls")

    with anyio.CancelScope() as scope:
        await container.call(work)
        await anyio.lowlevel.checkpoint()
    assert scope.cancelled_caught
    assert events == ["not cancelled", "nor what it calls"]


async def test_a_context_of_their_own(container: Container) -> None:
    """A job's context is the unit of work's, never what another job has left in the thread."""
    variable: ContextVar[str] = ContextVar("variable")

    def leave() -> str:
        before = variable.get("nothing")
        variable.set("left")
        return before

    async def alone() -> str:
        return await container.call(leave)

    found = [await asyncio.create_task(alone()) for _ in range(3)]
    assert found == ["nothing"] * 3


async def test_what_was_given_up_and_fails_is_noted(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody waits for it, so there is nobody to raise it for."""

    def fail() -> None:
        go_on.wait(10)
        raise LookupError("too late")

    go_on, woken = threading.Event(), anyio.Event()
    loop = asyncio.get_running_loop()
    work = Work(fail)
    pool_of(loop).start(work)
    work.add_done_callback(lambda _: woken.set())
    assert work.cancel("enough")
    assert not work.cancel("already")
    await woken.wait()
    with pytest.raises(asyncio.CancelledError, match="enough"):
        work._asyncio_future_blocking = False
        work.send(None)
    with caplog.at_level("DEBUG", logger="tenure"):
        go_on.set()
        while not caplog.records:
            await anyio.lowlevel.checkpoint()
    (record,) = caplog.records
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], LookupError)
