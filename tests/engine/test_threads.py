"""Worker threads: what waits for a free one and what does not, and what is never abandoned."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import anyio
import pytest
from anyio.to_thread import current_default_thread_limiter

from tenure import Container, Depends

events: list[str] = []


@pytest.fixture(autouse=True)
def no_events() -> None:
    events.clear()


@contextmanager
def all_threads_busy() -> Iterator[None]:
    """As if every thread that requests may use were taken."""
    limiter = current_default_thread_limiter()
    borrowers = [object() for _ in range(int(limiter.available_tokens))]
    for borrower in borrowers:
        limiter.acquire_on_behalf_of_nowait(borrower)
    try:
        yield
    finally:
        for borrower in borrowers:
            limiter.release_on_behalf_of(borrower)


@contextmanager
def two_threads() -> Iterator[None]:
    """As if requests might use no more than two threads."""
    limiter = current_default_thread_limiter()
    before, limiter.total_tokens = limiter.total_tokens, 2
    try:
        yield
    finally:
        limiter.total_tokens = before


def opened() -> Iterator[str]:
    events.append("open")
    try:
        yield "value"
    except BaseException as error:
        events.append(type(error).__name__)
        raise
    finally:
        events.append("close")


@pytest.mark.parametrize("fails", [False, True])
async def test_exits_run_when_all_threads_are_busy(fails: bool, container: Container) -> None:
    """Or those who hold what the others wait for could never give it back."""

    async def main(value: Annotated[str, Depends(opened)]) -> None:
        busy.__enter__()
        if fails:
            raise LookupError

    busy = all_threads_busy()
    with anyio.fail_after(10):
        if fails:
            with pytest.raises(LookupError):
                await container.call(main)
        else:
            await container.call(main)
    busy.__exit__(None, None, None)
    assert events == ["open", *(["LookupError"] if fails else []), "close"]


@pytest.mark.parametrize("kind", ["def", "class", "generator", "root"])
async def test_opening_waits_for_a_free_thread(kind: str, container: Container) -> None:
    class Constructed:
        pass

    def function() -> None: ...

    async def main(value: Annotated[Any, Depends({"def": function}.get(kind, opened))]) -> None: ...

    async def constructs(value: Annotated[Constructed, Depends()]) -> None: ...

    root: Any = {"root": function, "class": constructs}.get(kind, main)
    finished = anyio.Event()

    async def call() -> None:
        await container.call(root)
        finished.set()

    async with anyio.create_task_group() as group:
        with all_threads_busy():
            group.start_soon(call)
            await anyio.wait_all_tasks_blocked()
            assert not finished.is_set()
        await finished.wait()


async def test_the_wait_for_a_free_thread_can_be_cancelled(container: Container) -> None:
    async def outer() -> AsyncIterator[None]:
        try:
            yield
        finally:
            events.append("outer closed")

    async def main(
        outer: Annotated[None, Depends(outer)], value: Annotated[str, Depends(opened)]
    ) -> None: ...

    with all_threads_busy(), anyio.CancelScope() as scope:
        async with anyio.create_task_group() as group:
            group.start_soon(container.call, main)
            await anyio.wait_all_tasks_blocked()
            scope.cancel()
    assert events == ["outer closed"]


async def test_threads_are_given_back(container: Container) -> None:
    """After success, failure and cancellation alike."""

    async def main(how: str, value: Annotated[str, Depends(opened)]) -> None:
        if how == "fails":
            raise LookupError
        if how == "waits":
            await anyio.sleep_forever()

    limiter = current_default_thread_limiter()
    await container.call(main, how="returns")
    with pytest.raises(LookupError):
        await container.call(main, how="fails")
    async with anyio.create_task_group() as group:
        group.start_soon(lambda: container.call(main, how="waits"))
        await anyio.wait_all_tasks_blocked()
        group.cancel_scope.cancel()
    assert limiter.borrowed_tokens == 0
    assert events.count("open") == events.count("close") == 3


async def test_more_calls_than_threads(container: Container) -> None:
    """Each holds what another thread opened, and each needs a thread for its exit."""

    def connection() -> Iterator[int]:
        with lock:
            counts[0] += 1
        yield counts[0]
        with lock:
            counts[1] += 1

    def main(connection: Annotated[int, Depends(connection)]) -> int:
        return connection

    lock, counts = threading.Lock(), [0, 0]
    with anyio.fail_after(30):
        async with anyio.create_task_group() as group:
            for _ in range(100):
                group.start_soon(container.call, main)
    assert counts == [100, 100]


class Blocked:
    """A `def` dependency that stays in its thread until it is let go."""

    def __init__(self) -> None:
        self.entered = anyio.Event()
        self.go_on = threading.Event()

    def block(self) -> None:
        anyio.from_thread.run_sync(self.entered.set)
        assert self.go_on.wait(10)


async def test_cancelled_while_a_generator_opens_in_its_thread_it_is_closed(
    container: Container,
) -> None:
    """The thread cannot be stopped, so what it acquires has to be released."""
    blocked = Blocked()

    def acquires() -> Iterator[str]:
        blocked.block()
        events.append("acquired")
        try:
            yield "value"
        finally:
            events.append("released")

    async def main(value: Annotated[str, Depends(acquires)]) -> None:
        await anyio.lowlevel.checkpoint()
        events.append("main")

    async with anyio.create_task_group() as group:
        group.start_soon(container.call, main)
        await blocked.entered.wait()
        group.cancel_scope.cancel()
        blocked.go_on.set()
    assert events == ["acquired", "released"]


@pytest.mark.asyncio_only("tasks of trio cannot be cancelled alone")
@pytest.mark.parametrize("suspends", [False, True])
async def test_a_task_cancelled_while_a_generator_opens_comes_out_cancelled(
    suspends: bool, container: Container
) -> None:
    """Whether or not the function itself would have noticed."""
    blocked = Blocked()

    def acquires() -> Iterator[str]:
        blocked.block()
        events.append("acquired")
        try:
            yield "value"
        finally:
            events.append("released")

    async def main(value: Annotated[str, Depends(acquires)]) -> None:
        if suspends:
            await anyio.lowlevel.checkpoint()
            events.append("main")

    task = asyncio.ensure_future(container.call(main))
    await blocked.entered.wait()
    task.cancel()
    await asyncio.sleep(0)
    blocked.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert events == ["acquired", "released"]


@pytest.mark.asyncio_only("tasks of trio cannot be cancelled alone")
async def test_cancelled_while_a_function_works_nothing_is_closed_under_it(
    container: Container,
) -> None:
    blocked = Blocked()

    async def outer() -> AsyncIterator[None]:
        try:
            yield
        finally:
            events.append("outer closed")

    def works(outer: Annotated[None, Depends(outer)]) -> None:
        blocked.block()
        events.append("worked")

    async def main(works: Annotated[None, Depends(works)]) -> None:
        events.append("main")

    task = asyncio.ensure_future(container.call(main))
    await blocked.entered.wait()
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
    assert events == []
    blocked.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert events == ["worked", "outer closed"]


@pytest.mark.asyncio_only("tasks of trio cannot be cancelled alone")
async def test_cancelled_while_a_def_root_works_it_is_waited_for(container: Container) -> None:
    blocked = Blocked()

    def main(value: Annotated[str, Depends(opened)]) -> None:
        blocked.block()
        events.append("worked")

    task = asyncio.ensure_future(container.call(main))
    await blocked.entered.wait()
    task.cancel()
    await asyncio.sleep(0)
    blocked.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert events == ["open", "worked", "CancelledError", "close"]


async def test_a_function_in_a_thread_can_call_back_to_the_loop(container: Container) -> None:
    async def on_loop() -> str:
        await anyio.lowlevel.checkpoint()
        return "from the loop"

    def function() -> str:
        return anyio.from_thread.run(on_loop)

    def generator(value: Annotated[str, Depends(function)]) -> Iterator[str]:
        yield value
        events.append(anyio.from_thread.run(on_loop))

    async def main(value: Annotated[str, Depends(generator)]) -> str:
        return value

    assert await container.call(main) == "from the loop"
    assert events == ["from the loop"]


async def test_what_threads_wait_for_waits_for_none_of_them(container: Container) -> None:
    """Or all of them could wait for a free one."""

    def number() -> int:
        return 1

    async def inner(
        number: Annotated[int, Depends(number)], value: Annotated[str, Depends(opened)]
    ) -> str:
        return value * number

    def outer() -> str:
        return anyio.from_thread.run(container.call, inner)

    answers: list[str] = []

    async def call() -> None:
        answers.append(await container.call(outer))

    with two_threads(), anyio.fail_after(20):
        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(call)
    assert answers == ["value"] * 5
    assert sorted(events) == ["close"] * 5 + ["open"] * 5


async def test_what_threads_wait_for_may_be_set_up_in_a_thread(container: Container) -> None:
    def outer() -> str:
        return anyio.from_thread.run(container.get, opened)

    answers: list[str] = []

    async def call() -> None:
        answers.append(await container.call(outer))

    with two_threads(), anyio.fail_after(20):
        async with container, anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(call)
    assert answers == ["value"] * 5
    assert events == ["open", "close"]


async def test_what_a_thread_leaves_running_waits_like_others(container: Container) -> None:
    finished = anyio.Event()

    def function() -> None: ...

    async def later() -> None:
        await left.wait()
        await container.call(function)
        finished.set()

    left = anyio.Event()
    async with anyio.create_task_group() as group:

        def starts() -> None:
            anyio.from_thread.run_sync(group.start_soon, later)

        await container.call(starts)
        with all_threads_busy():
            left.set()
            await anyio.wait_all_tasks_blocked()
            assert not finished.is_set()
        await finished.wait()


async def test_the_exit_of_a_generator_may_run_in_another_thread_than_its_setup(
    container: Container,
) -> None:
    """Nothing promises one thread; both are workers, and never the loop's."""

    def generator() -> Iterator[None]:
        threads.append(threading.current_thread())
        yield
        threads.append(threading.current_thread())

    async def main(value: Annotated[None, Depends(generator)]) -> None: ...

    threads: list[threading.Thread] = []
    await container.call(main)
    assert threading.current_thread() not in threads
    assert len(threads) == 2
