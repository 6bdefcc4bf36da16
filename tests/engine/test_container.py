"""The front door: where and how a call can be made."""

import asyncio
import threading
from collections.abc import AsyncIterator, Generator, Iterator
from typing import Annotated

import anyio
import pytest

from tenure import Container, Depends
from tests.conftest import BACKENDS

events: list[str] = []


@pytest.fixture(autouse=True)
def no_events() -> None:
    events.clear()


def get_number() -> Iterator[int]:
    try:
        yield 1
    finally:
        events.append("number closed")


async def get_sum(number: Annotated[int, Depends(get_number)]) -> AsyncIterator[int]:
    try:
        yield number + 1
    finally:
        await anyio.lowlevel.checkpoint()
        events.append("sum closed")


async def main(total: Annotated[int, Depends(get_sum)], fails: bool = False) -> int:
    if fails:
        raise LookupError
    return total


CLOSED = ["sum closed", "number closed"]


def test_a_call_that_is_made_before_there_is_a_loop(container: Container) -> None:
    call = container.call(main)
    assert asyncio.iscoroutine(call)
    assert asyncio.run(call) == 2
    assert events == CLOSED


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_call_as_the_main_function_of_a_loop(backend: str, container: Container) -> None:
    name, options = BACKENDS[backend]
    assert anyio.run(container.call, main, backend=name, backend_options=options) == 2
    assert events == CLOSED


def test_one_container_serves_loops_one_after_the_other(container: Container) -> None:
    async def call() -> int:
        return await container.call(main)

    for backend in ("asyncio", "trio", "asyncio"):
        assert anyio.run(call, backend=backend) == 2


def test_one_container_serves_loops_in_several_threads(container: Container) -> None:
    results: list[int] = []
    barrier = threading.Barrier(4)

    async def call() -> int:
        return sum([await container.call(main) for _ in range(5)])

    def work() -> None:
        barrier.wait(10)
        results.append(asyncio.run(call()))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results == [10] * 4
    assert len(events) == 4 * 5 * 2


@pytest.mark.asyncio_only("tasks of asyncio")
async def test_calls_as_tasks(container: Container) -> None:
    task = asyncio.ensure_future(container.call(main))
    assert await asyncio.gather(task, container.call(main), container.call(main)) == [2, 2, 2]
    async with asyncio.timeout(10):
        assert await container.call(main) == 2


async def test_a_container_is_left_at_the_end_of_its_block() -> None:
    async with Container() as container:
        assert await container.call(main) == 2


async def test_a_failed_call_does_not_disturb_the_next(container: Container) -> None:
    with pytest.raises(LookupError):
        await container.call(main, fails=True)
    assert await container.call(main) == 2
    with pytest.raises(LookupError):
        await container.call(main, fails=True)
    assert await container.call(main, fails=False) == 2
    assert events == CLOSED * 4


async def test_a_call_that_is_closed_while_it_waits_closes_what_is_open(
    container: Container,
) -> None:
    """As a loop does with what is left when it ends; exits that do not wait can still run."""

    async def opened() -> AsyncIterator[None]:
        try:
            yield
        except GeneratorExit:
            events.append("told to end")
            raise
        finally:
            events.append("closed")

    class Suspends:
        def __await__(self) -> Generator[None, None, None]:
            yield None

    async def waits(opened: Annotated[None, Depends(opened)]) -> None:
        await Suspends()

    call = container.call(waits)
    assert asyncio.iscoroutine(call)
    call.send(None)
    call.close()
    assert events == ["told to end", "closed"]
