"""Scope "app": set up once for an application, shared by all units of work, closed at its end."""

import re
import traceback
from collections.abc import AsyncIterator, Iterator
from typing import Annotated

import anyio
import pytest

from tenure import ApplicationError, Container, Depends
from tests.engine.support import only_fault_of

events: list[str] = []


@pytest.fixture(autouse=True)
def no_events() -> None:
    events.clear()


class Settings:
    def __init__(self) -> None:
        events.append("settings")


async def get_pool(settings: Annotated[Settings, Depends(Settings)]) -> AsyncIterator[list[int]]:
    events.append("pool opens")
    await anyio.lowlevel.checkpoint()
    yield []
    await anyio.lowlevel.checkpoint()
    events.append("pool closes")


Pool = Annotated[list[int], Depends(get_pool, scope="app")]


def get_cache(pool: Pool) -> Iterator[dict[int, int]]:
    events.append("cache opens")
    yield {}
    events.append("cache closes")


async def get_session(pool: Pool) -> AsyncIterator[int]:
    pool.append(len(pool))
    yield pool[-1]


async def main(
    session: Annotated[int, Depends(get_session)],
    pool: Pool,
    cache: Annotated[dict[int, int], Depends(get_cache, scope="app")],
) -> tuple[int, int, int]:
    return session, id(pool), id(cache)


async def test_one_instance_for_all_units_of_work(container: Container) -> None:
    async with container:
        first = await container.call(main)
        second = await container.call(main)
        assert (first[0], second[0]) == (0, 1)
        assert first[1:] == second[1:]
        assert events == ["settings", "pool opens", "cache opens"]
    assert events[3:] == ["cache closes", "pool closes"]


async def test_each_time_a_container_is_entered_is_an_application_of_its_own(
    container: Container,
) -> None:
    for _ in range(2):
        async with container:
            assert (await container.call(main))[0] == 0
    assert events.count("pool opens") == 2


async def test_what_is_known_is_set_up_when_the_container_is_entered(container: Container) -> None:
    container.explain(main)
    async with container:
        assert events == ["settings", "pool opens", "cache opens"]


async def test_a_lazy_one_is_set_up_when_it_is_needed(container: Container) -> None:
    async def lazy(pool: Annotated[list[int], Depends(get_pool, scope="app", lazy=True)]) -> None:
        events.append("called")

    container.explain(lazy)
    async with container:
        assert events == []
        await container.call(lazy)
    assert events == ["settings", "pool opens", "called", "pool closes"]


async def test_a_thousand_first_calls_set_up_once(container: Container) -> None:
    async with container, anyio.create_task_group() as group:
        for _ in range(1000):
            group.start_soon(container.call, main)
    assert events == ["settings", "pool opens", "cache opens", "cache closes", "pool closes"]


async def test_a_failed_set_up_fails_all_who_wait_and_is_tried_again(container: Container) -> None:
    attempts: list[int] = []
    results: list[str] = []

    async def get_flaky() -> AsyncIterator[str]:
        attempts.append(1)
        await anyio.lowlevel.checkpoint()
        if len(attempts) == 1:
            raise LookupError("not yet")
        yield "there"

    async def uses(flaky: Annotated[str, Depends(get_flaky, scope="app", lazy=True)]) -> str:
        return flaky

    async def call() -> None:
        try:
            results.append(await container.call(uses))
        except LookupError as error:
            results.append(str(error))

    async with container:
        async with anyio.create_task_group() as group:
            for _ in range(10):
                group.start_soon(call)
        assert results == ["not yet"] * 10
        assert len(attempts) == 1
        await call()
        assert results[10:] == ["there"]


async def test_an_eager_one_that_fails_fails_the_start_and_closes_the_others(
    container: Container,
) -> None:
    async def fails(pool: Pool) -> None:
        raise LookupError("no database")

    async def uses(nothing: Annotated[None, Depends(fails, scope="app")]) -> None: ...

    container.explain(uses)
    with pytest.raises(LookupError, match="no database"):
        async with container:
            pytest.fail("entered")
    assert events == ["settings", "pool opens", "pool closes"]


async def test_whoever_asks_first_may_be_cancelled(container: Container) -> None:
    started, go_on = anyio.Event(), anyio.Event()

    async def get_slow() -> AsyncIterator[int]:
        started.set()
        await go_on.wait()
        yield 1

    async def uses(slow: Annotated[int, Depends(get_slow, scope="app")]) -> int:
        return slow

    async with container:
        async with anyio.create_task_group() as group:
            group.start_soon(container.call, uses)
            await started.wait()
            group.cancel_scope.cancel()
        go_on.set()
        assert await container.call(uses) == 1


async def test_a_task_group_may_be_held(container: Container) -> None:
    async def get_group() -> AsyncIterator[anyio.abc.TaskGroup]:
        async with anyio.create_task_group() as group:
            yield group
            group.cancel_scope.cancel()

    async def uses(
        group: Annotated[anyio.abc.TaskGroup, Depends(get_group, scope="app", lazy=True)],
    ) -> None:
        group.start_soon(anyio.sleep_forever)

    async with container:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(container.call, uses)
            tasks.start_soon(container.call, uses)


async def test_what_fails_while_it_is_open_is_raised_at_the_end_and_to_who_asks(
    container: Container,
) -> None:
    async def get_group() -> AsyncIterator[anyio.abc.TaskGroup]:
        async with anyio.create_task_group() as group:
            yield group

    async def crash() -> None:
        raise LookupError("in the background")

    async def start(group: Annotated[anyio.abc.TaskGroup, Depends(get_group, scope="app")]) -> None:
        group.start_soon(crash)

    with pytest.raises(ExceptionGroup) as caught:
        async with container:
            await container.call(start)
            await anyio.wait_all_tasks_blocked()
            with pytest.raises(ApplicationError, match=r"get_group.*has failed while it was open"):
                await container.call(start)
    assert caught.group_contains(LookupError, match="in the background")


async def test_every_error_at_the_end_is_kept(container: Container) -> None:
    async def get_first() -> AsyncIterator[int]:
        yield 1
        raise LookupError("first")

    def get_second(first: Annotated[int, Depends(get_first, scope="app")]) -> Iterator[int]:
        yield 2
        raise LookupError("second")

    async def uses(second: Annotated[int, Depends(get_second, scope="app")]) -> int:
        return second

    with pytest.raises(ExceptionGroup) as caught:
        async with container:
            assert await container.call(uses) == 2
    assert [str(error) for error in caught.value.exceptions] == ["second", "first"]


async def test_closing_is_not_cut_off_by_a_cancellation(container: Container) -> None:
    async with anyio.create_task_group() as group:
        async with container:
            await container.call(main)
            group.cancel_scope.cancel()
    assert events[-2:] == ["cache closes", "pool closes"]


async def test_a_set_up_that_is_not_wanted_any_more_is_given_up(container: Container) -> None:
    async def get_endless() -> AsyncIterator[None]:
        try:
            await anyio.sleep_forever()
            yield
        finally:
            events.append("given up")

    async def uses(endless: Annotated[None, Depends(get_endless, scope="app")]) -> None: ...

    container.explain(uses)
    with anyio.move_on_after(0.01):
        async with container:
            pytest.fail("entered")
    assert events == ["given up"]


async def test_without_an_application_it_is_said_what_to_write(container: Container) -> None:
    with pytest.raises(ApplicationError, match=r"(?s)get_pool \(.*async with container"):
        await container.call(main)
    assert events == []


async def test_a_set_up_that_asks_for_itself(container: Container) -> None:
    async def get_ouroboros() -> None:
        await container.call(uses)

    async def uses(it: Annotated[None, Depends(get_ouroboros, scope="app")]) -> None: ...

    async with container:
        with pytest.raises(ApplicationError, match=r"get_ouroboros.*waits for itself"):
            await container.call(uses)


async def test_entered_twice_it_is_one_application(container: Container) -> None:
    async with container:
        first = await container.call(main)
        async with container:
            assert (await container.call(main))[1:] == first[1:]
        assert (await container.call(main))[1:] == first[1:]
    assert events.count("pool closes") == 1


def test_what_is_of_scope_app_depends_on_nothing_narrower() -> None:
    async def holder(session: Annotated[int, Depends(get_session)]) -> None: ...

    async def uses(held: Annotated[None, Depends(holder, scope="app")]) -> None: ...

    fault = only_fault_of(uses)
    assert fault.kind == "scope"
    assert 'scope of "app", it cannot depend on dependencies with scope "request"' in fault.message
    assert "get_session" in fault.chain


def test_not_through_plain_functions_either() -> None:
    def plain(session: Annotated[int, Depends(get_session, scope="function")]) -> None: ...

    async def holder(plain: Annotated[None, Depends(plain)]) -> None: ...

    async def uses(held: Annotated[None, Depends(holder, scope="app")]) -> None: ...

    assert only_fault_of(uses).kind == "scope"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"lazy": True}, 'lazy=True in .* is for scope "app"'),
        ({"scope": "app", "use_cache": False}, 'use_cache=False in .* contradicts scope "app"'),
    ],
)
def test_options_that_contradict_each_other(options: dict, text: str) -> None:
    async def uses(pool: Annotated[list, Depends(get_pool, **options)]) -> None: ...

    fault = only_fault_of(uses)
    assert re.search(text, fault.message)


async def test_a_failure_that_nobody_waits_for_is_raised_at_the_end(container: Container) -> None:
    started, go_on = anyio.Event(), anyio.Event()

    async def get_failing() -> None:
        started.set()
        await go_on.wait()
        raise LookupError("for nobody")

    async def uses(failing: Annotated[None, Depends(get_failing, scope="app")]) -> None: ...

    with pytest.raises(LookupError, match="for nobody"):
        async with container:
            async with anyio.create_task_group() as group:
                group.start_soon(container.call, uses)
                await started.wait()
                group.cancel_scope.cancel()
            go_on.set()
            await anyio.wait_all_tasks_blocked()


async def test_a_failure_told_to_many_keeps_its_traceback_short(container: Container) -> None:
    lengths: list[int] = []

    async def get_failing() -> None:
        await anyio.lowlevel.checkpoint()
        raise LookupError

    async def uses(failing: Annotated[None, Depends(get_failing, scope="app")]) -> None: ...

    async def call() -> None:
        try:
            await container.call(uses)
        except LookupError as error:
            lengths.append(len(list(traceback.walk_tb(error.__traceback__))))

    async with container, anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(call)
    assert len(lengths) == 5
    assert len(set(lengths)) == 1


def test_a_plan_without_anything_of_the_application_asks_for_none() -> None:
    async def plain(number: Annotated[int, Depends(lambda: 1)]) -> int:
        return number

    assert "application_of" not in Container().explain(plain)
    assert Container().explain(main).count("application_of(source)") == 1
