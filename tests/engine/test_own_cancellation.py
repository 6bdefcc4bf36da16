"""What exit code cancels itself stays in its hands: timeouts and task groups inside an exit."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio
import pytest

from tenure import Container, Depends
from tests.engine.own_cancellations import ON_ALL, ON_ASYNCIO, USES, Use, limit, native

events: list[str] = []


@pytest.fixture(autouse=True)
def no_events() -> None:
    events.clear()


def exit_that(use: Use) -> Any:
    async def generator() -> AsyncIterator[None]:
        try:
            yield
        finally:
            events.append("begins")
            await use()
            await anyio.lowlevel.checkpoint()
            events.append("ends")

    return generator


def waits_with(use: Use) -> Any:
    async def main(
        started: anyio.Event,
        outer: Annotated[None, Depends(exit_that(use))],
        inner: Annotated[None, Depends(exit_that(use))],
    ) -> None:
        started.set()
        await anyio.sleep_forever()

    return main


@pytest.mark.parametrize("use", USES)
async def test_in_an_exit_after_success(use: Use, container: Container) -> None:
    async def main(
        outer: Annotated[None, Depends(exit_that(use))],
        inner: Annotated[None, Depends(exit_that(use))],
    ) -> str:
        return "result"

    with anyio.fail_after(10):
        assert await container.call(main) == "result"
    assert events == ["begins", "ends"] * 2


@pytest.mark.parametrize("use", USES)
async def test_in_an_exit_after_a_failure(use: Use, container: Container) -> None:
    async def main(
        outer: Annotated[None, Depends(exit_that(use))],
        inner: Annotated[None, Depends(exit_that(use))],
    ) -> None:
        raise KeyError

    with anyio.fail_after(10), pytest.raises(KeyError):
        await container.call(main)
    assert events == ["begins", "ends"] * 2


@pytest.mark.parametrize("use", USES)
async def test_in_an_exit_while_the_scope_around_is_cancelled(
    use: Use, container: Container
) -> None:
    main = waits_with(use)
    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            started = anyio.Event()
            group.start_soon(lambda: container.call(main, started=started))
            await started.wait()
            group.cancel_scope.cancel()
    assert events == ["begins", "ends"] * 2


@native
@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("use", [*ON_ALL, *ON_ASYNCIO])
async def test_in_an_exit_while_the_task_is_cancelled(
    use: Use, times: int, container: Container
) -> None:
    """Once, or again and again while the exit waits for its own timeout."""
    started = anyio.Event()
    task = asyncio.ensure_future(container.call(waits_with(use), started=started))
    await started.wait()
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert events == ["begins", "ends"] * 2
    assert task.cancelled()


@native
@pytest.mark.parametrize("use", [*ON_ALL, *ON_ASYNCIO])
async def test_in_an_exit_under_an_expired_asyncio_timeout(use: Use, container: Container) -> None:
    async def expire() -> None:
        await started.wait()
        timeout.reschedule(asyncio.get_running_loop().time())

    started = anyio.Event()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(10) as timeout:
            expiring = asyncio.ensure_future(expire())
            await container.call(waits_with(use), started=started)
    await expiring
    assert events == ["begins", "ends"] * 2
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_an_exit_that_lets_its_own_timeout_out_fails_with_it(container: Container) -> None:
    async def times_out() -> AsyncIterator[None]:
        yield
        with anyio.fail_after(0.005):
            await anyio.sleep_forever()

    async def main(value: Annotated[None, Depends(times_out)]) -> None: ...

    with pytest.raises(TimeoutError):
        await container.call(main)


@native
async def test_a_timeout_held_across_the_yield_turns_into_its_error(container: Container) -> None:
    async def limited() -> AsyncIterator[None]:
        async with asyncio.timeout(0.005):
            yield

    async def main(limited: Annotated[None, Depends(limited)]) -> None:
        await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await container.call(main)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


@native
@pytest.mark.parametrize("limits", [asyncio.timeout, limit])
async def test_a_timeout_held_across_the_yield_that_expires_in_its_own_exit(
    limits: Any, container: Container
) -> None:
    """It may end the exit or let it be; in neither case is anybody cancelled."""

    async def limited() -> AsyncIterator[None]:
        async with limits(0.005):
            yield
            await asyncio.sleep(0.02)
            events.append("ends")

    async def main(limited: Annotated[None, Depends(limited)]) -> str:
        return "result"

    try:
        assert await container.call(main) == "result"
    except TimeoutError:
        assert events == []
    else:
        assert events == ["ends"]
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    await asyncio.sleep(0)


async def test_a_deadline_held_across_the_yield(container: Container) -> None:
    """It ends the function; the exit of its holder notices what happened."""

    async def limited() -> AsyncIterator[None]:
        with anyio.fail_after(0.005):
            yield

    async def main(limited: Annotated[None, Depends(limited)]) -> None:
        await anyio.sleep_forever()

    with pytest.raises(TimeoutError):
        await container.call(main)
    await anyio.lowlevel.checkpoint()
