"""Exit code that asks is told how its unit of work ended."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Annotated

import anyio
import pytest
from anyio.abc import TaskGroup

from tenure import Container, Depends, GraphError, Outcome

seen: list[str] = []


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    seen.clear()


async def asks(outcome: Outcome) -> AsyncIterator[Outcome]:
    seen.append(f"before: {outcome.kind}")
    try:
        yield outcome
    finally:
        await anyio.lowlevel.checkpoint()
        seen.append(f"after: {outcome.kind}")


def asks_in_a_thread(outcome: Annotated[Outcome, "annotated"]) -> Iterator[None]:
    try:
        yield
    finally:
        seen.append(f"in a thread: {outcome.kind}")


async def test_returned(container: Container) -> None:
    async def main(
        asks: Annotated[Outcome, Depends(asks)], thread: Annotated[None, Depends(asks_in_a_thread)]
    ) -> str:
        return asks.kind

    assert await container.call(main) == "running"
    assert seen == ["before: running", "in a thread: returned", "after: returned"]


async def test_raised(container: Container) -> None:
    async def main(
        asks: Annotated[Outcome, Depends(asks)], thread: Annotated[None, Depends(asks_in_a_thread)]
    ) -> str:
        raise LookupError

    with pytest.raises(LookupError):
        await container.call(main)
    assert seen == ["before: running", "in a thread: raised", "after: raised"]


async def test_a_failing_exit_turns_it_for_those_after_it(container: Container) -> None:
    async def fails() -> AsyncIterator[None]:
        yield
        raise LookupError

    async def main(
        asks: Annotated[Outcome, Depends(asks)], fails: Annotated[None, Depends(fails)]
    ) -> None: ...

    with pytest.raises(LookupError):
        await container.call(main)
    assert seen[-1] == "after: raised"


@pytest.mark.parametrize("in_thread", [False, True])
async def test_an_exit_that_replaces_a_failure_decides_what_the_next_ones_see(
    container: Container, in_thread: bool
) -> None:
    async def replaces() -> AsyncIterator[None]:
        try:
            yield
        except BaseException:
            raise LookupError from None

    def replaces_in_a_thread() -> Iterator[None]:
        try:
            yield
        except BaseException:
            raise LookupError from None

    async def main(
        outer: Annotated[Outcome, Depends(asks)],
        replaced: Annotated[None, Depends(replaces_in_a_thread if in_thread else replaces)],
        inner: Annotated[Outcome, Depends(asks, use_cache=False)],
    ) -> None:
        scope.cancel()
        await anyio.lowlevel.checkpoint()

    with pytest.raises(LookupError), anyio.CancelScope() as scope:
        await container.call(main)
    assert seen == ["before: running"] * 2 + ["after: cancelled", "after: raised"]


async def test_a_failing_child_of_a_held_group_is_no_cancellation(container: Container) -> None:
    async def fails() -> None:
        raise LookupError

    async def group() -> AsyncIterator[TaskGroup]:
        async with anyio.create_task_group() as tasks:
            yield tasks

    async def main(
        outer: Annotated[Outcome, Depends(asks)],
        tasks: Annotated[TaskGroup, Depends(group)],
        inner: Annotated[Outcome, Depends(asks, use_cache=False)],
    ) -> None:
        tasks.start_soon(fails)
        await anyio.sleep_forever()

    with pytest.raises(ExceptionGroup):
        await container.call(main)
    assert seen == ["before: running"] * 2 + ["after: cancelled", "after: raised"]


async def test_setup_that_fails(container: Container) -> None:
    async def fails() -> None:
        raise LookupError

    async def main(
        asks: Annotated[Outcome, Depends(asks)], fails: Annotated[None, Depends(fails)]
    ) -> None: ...

    with pytest.raises(LookupError):
        await container.call(main)
    assert seen[-1] == "after: raised"


async def test_cancelled_by_a_scope(container: Container) -> None:
    async with anyio.create_task_group() as tasks:

        async def main(asks: Annotated[Outcome, Depends(asks)]) -> None:
            tasks.cancel_scope.cancel()
            await anyio.sleep_forever()

        tasks.start_soon(container.call, main)
    assert seen[-1] == "after: cancelled"


@pytest.mark.asyncio_only("tasks of trio cannot be cancelled alone")
async def test_cancelled_as_a_task(container: Container) -> None:
    started = asyncio.Event()

    async def main(asks: Annotated[Outcome, Depends(asks)]) -> None:
        started.set()
        await asyncio.Event().wait()

    task = asyncio.ensure_future(container.call(main))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen[-1] == "after: cancelled"


async def test_each_unit_of_work_has_its_own(container: Container) -> None:
    async def inner(outcome: Outcome) -> Outcome:
        return outcome

    async def main(
        one: Annotated[Outcome, Depends(inner)],
        other: Annotated[Outcome, Depends(inner, use_cache=False)],
    ) -> Outcome:
        assert one is other
        return one

    first, second = await container.call(main), await container.call(main)
    assert first is not second
    assert (first.kind, first.status) == ("returned", None)
    assert repr(first) == "<Outcome returned>"


async def test_in_an_open_unit_of_work() -> None:
    async def main(asks: Annotated[Outcome, Depends(asks)]) -> str:
        return asks.kind

    async with Container() as container:
        async with container.scope() as scope:
            assert await scope.call(main) == "running"
            assert seen == ["before: running"]
        assert seen[-1] == "after: returned"
        with pytest.raises(LookupError):
            async with container.scope() as scope:
                await scope.call(main)
                raise LookupError
        assert seen[-1] == "after: raised"


def test_nothing_of_scope_app_can_ask() -> None:
    def main(asks: Annotated[Outcome, Depends(asks, scope="app")]) -> None: ...

    with pytest.raises(GraphError, match="outlives them all"):
        Container().explain(main)


def test_plans_that_do_not_ask_have_none() -> None:
    async def main() -> None: ...

    assert "outcome" not in Container().explain(main)
