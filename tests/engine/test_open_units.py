"""``container.scope``: one unit of work, kept open over several calls."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from typing import Annotated

import anyio
import pytest

from tenure import Container, Depends, ScopeError, SwallowedError, TenureError, UnitOfWork

events: list[str] = []


@pytest.fixture(autouse=True)
def no_events() -> None:
    events.clear()


class Session:
    pass


async def get_session() -> AsyncIterator[Session]:
    events.append("session opens")
    await anyio.lowlevel.checkpoint()
    try:
        yield Session()
    except BaseException as error:
        events.append(f"session sees {error!r}")
        raise
    finally:
        await anyio.lowlevel.checkpoint()
        events.append("session closes")


def get_lock(session: Annotated[Session, Depends(get_session)]) -> Iterator[Session]:
    events.append("lock opens")
    yield session
    events.append("lock closes")


async def first(session: Annotated[Session, Depends(get_session)], number: int = 0) -> Session:
    events.append(f"first {number}")
    return session


async def second(
    lock: Annotated[Session, Depends(get_lock, scope="function")],
    session: Annotated[Session, Depends(get_session)],
) -> Session:
    events.append("second")
    assert lock is session
    return session


async def test_calls_share_what_is_open_until_the_end(container: Container) -> None:
    async with container.scope() as scope:
        one = await scope.call(first, number=7)
        two = await scope.call(second)
        three = await scope.get(get_session)
        events.append("end")
    assert one is two is three
    assert events == [
        *("session opens", "first 7", "lock opens", "second", "lock closes", "end"),
        "session closes",
    ]


async def test_two_scopes_share_nothing(container: Container) -> None:
    async with container.scope() as one, container.scope() as two:
        assert await one.get(get_session) is not await two.get(get_session)


async def test_a_failure_of_the_block_reaches_what_is_open(container: Container) -> None:
    with pytest.raises(LookupError, match="of the block"):
        async with container.scope() as scope:
            await scope.call(first)
            raise LookupError("of the block")
    assert events[2:] == ["session sees LookupError('of the block')", "session closes"]


async def test_a_failed_call_leaves_the_unit_open(container: Container) -> None:
    async def fails(session: Annotated[Session, Depends(get_session)]) -> None:
        raise LookupError("of the call")

    async with container.scope() as scope:
        with pytest.raises(LookupError, match="of the call"):
            await scope.call(fails)
        await scope.call(first)
    assert events == ["session opens", "first 0", "session closes"]


async def test_exits_may_replace_the_failure_and_all_are_run(container: Container) -> None:
    async def get_outer() -> AsyncIterator[None]:
        try:
            yield
        except KeyError as error:
            events.append(f"outer sees {error!r}")
            raise

    async def get_inner(outer: Annotated[None, Depends(get_outer)]) -> AsyncIterator[None]:
        try:
            yield
        except LookupError as error:
            raise KeyError("replaced") from error

    async with container.scope() as scope:
        await scope.get(get_inner)
    with pytest.raises(KeyError, match="replaced"):
        async with container.scope() as scope:
            await scope.get(get_inner)
            raise LookupError
    assert events == ["outer sees KeyError('replaced')"]


async def test_a_failure_that_is_swallowed_is_an_error(container: Container) -> None:
    async def swallows() -> AsyncIterator[None]:
        with contextlib.suppress(LookupError):
            yield

    with pytest.raises(SwallowedError):
        async with container.scope() as scope:
            await scope.get(swallows)
            raise LookupError


async def test_calls_at_the_same_time_open_once(container: Container) -> None:
    async with container.scope() as scope:
        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(scope.call, first)
    assert events.count("session opens") == events.count("session closes") == 1


async def test_it_finishes_under_cancellation(container: Container) -> None:
    with anyio.CancelScope() as cancelled:
        async with container.scope() as scope:
            await scope.call(first)
            cancelled.cancel()
            await anyio.lowlevel.checkpoint()
    assert cancelled.cancelled_caught
    assert events[-1] == "session closes"


async def test_a_task_group_may_be_held(container: Container) -> None:
    async def get_group() -> AsyncIterator[anyio.abc.TaskGroup]:
        async with anyio.create_task_group() as group:
            yield group

    async with container.scope() as scope:
        group = await scope.get(get_group)
        group.start_soon(scope.call, first)
        await anyio.wait_all_tasks_blocked()
    assert "first 0" in events


async def test_context_variables_are_those_of_one_unit(container: Container) -> None:
    variable: ContextVar[str] = ContextVar("variable", default="unset")

    def get_setting() -> Iterator[None]:
        token = variable.set("set")
        yield
        variable.reset(token)

    def reads(setting: Annotated[None, Depends(get_setting)]) -> str:
        return variable.get()

    async with container.scope() as scope:
        assert await scope.call(reads) == "set"
        assert variable.get() == "set"
    assert variable.get() == "unset"


async def test_what_is_not_cached_is_opened_again(container: Container) -> None:
    async def again(
        session: Annotated[Session, Depends(get_session, use_cache=False)],
    ) -> Session:
        return session

    async with container.scope() as scope:
        assert await scope.call(again) is not await scope.call(again)
        assert events == ["session opens"] * 2
    assert events[2:] == ["session closes"] * 2


async def test_scope_app_is_shared_with_everybody(container: Container) -> None:
    async def get_repository(
        session: Annotated[Session, Depends(get_session, scope="app")],
    ) -> AsyncIterator[Session]:
        yield session

    async with container:
        async with container.scope() as scope:
            one = await scope.get(get_repository)
        assert await container.get(get_session) is one
        assert events == ["session opens"]
    assert events == ["session opens", "session closes"]


async def test_what_a_call_holds_cannot_be_handed_out(container: Container) -> None:
    def uses(lock: Annotated[Session, Depends(get_lock, scope="function")]) -> Session:
        return lock

    async with container.scope() as scope:
        with pytest.raises(ScopeError, match=r"(?s)uses .*closed after each call.*scope\.call"):
            await scope.get(uses)


async def test_after_the_end_nothing_can_be_called(container: Container) -> None:
    async with container.scope() as scope:
        await scope.call(first)
    with pytest.raises(TenureError, match="over"):
        await scope.call(first)
    with pytest.raises(TenureError, match="over"):
        await scope.get(get_session)


def test_one_that_outlives_its_loop_is_not_blamed_for_its_end() -> None:
    container = Container()

    async def get_value() -> AsyncIterator[str]:
        try:
            yield "value"
        finally:
            events.append("closed")

    async def leave_open() -> UnitOfWork:
        unit = container.scope()
        await unit.__aenter__()
        await unit.get(get_value)
        return unit

    unit = asyncio.run(leave_open())
    assert events == ["closed"]  # by the loop
    del unit
    gc.collect()  # what went wrong here would be an unraisable exception, which fails the test
    assert events == ["closed"]
