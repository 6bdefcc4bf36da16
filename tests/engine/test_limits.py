"""`max_concurrency`: no more are alive than declared, whoever waits, fails or is cancelled."""

import gc
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

from tenure import Container, Depends, LimitError
from tenure.graph.markers import Limit
from tenure.life import limits
from tenure.life.scope import Scope
from tests.engine.limited import (
    Count,
    Named,
    async_generator,
    coroutine,
    function,
    generator,
    together,
)
from tests.engine.support import only_fault_of

pytestmark = pytest.mark.usefixtures("no_slot_is_left")


KINDS = [async_generator, generator, coroutine, function]


@pytest.mark.parametrize("concurrent", [False, True], ids=["", "concurrent"])
@pytest.mark.parametrize("in_thread", [True, False], ids=["thread", "in place"])
@pytest.mark.parametrize("kind", KINDS)
async def test_no_more_are_alive_than_declared(
    container: Container,
    kind: Callable[[Count], Callable[..., Any]],
    in_thread: bool,
    concurrent: bool,
) -> None:
    count, other = Count(), Count()
    options: Any = {"in_thread": in_thread, "concurrent": concurrent}
    limited = Depends(kind(count), max_concurrency=2, **options)

    async def main(
        _: Annotated[int, limited],
        __: Annotated[int, Depends(async_generator(other), concurrent=concurrent)],
    ) -> None:
        await anyio.lowlevel.checkpoint()

    await together(9, partial(container.call, main))
    assert count.total == 9
    assert 1 <= count.most <= 2
    assert count.alive == other.alive == 0
    assert kind is not async_generator or count.most == 2


async def test_the_exit_is_done_before_the_next_is_opened(container: Container) -> None:
    events: list[str] = []

    async def opened() -> AsyncIterator[None]:
        events.append("open")
        yield
        await anyio.lowlevel.checkpoint()
        events.append("closed")

    async def main(_: Annotated[None, Depends(opened, max_concurrency=1)]) -> None:
        await anyio.lowlevel.checkpoint()

    await together(3, partial(container.call, main))
    assert events == ["open", "closed"] * 3


async def test_a_slot_is_held_as_long_as_the_scope(container: Container) -> None:
    count = Count()
    opened = async_generator(count)
    wide = Annotated[int, Depends(opened, max_concurrency=1)]
    narrow = Annotated[int, Depends(opened, max_concurrency=1, scope="function")]

    async def use(_: wide, __: narrow) -> None:  # type: ignore[valid-type]
        pass

    async def use_narrow(_: narrow) -> None:  # type: ignore[valid-type]
        pass

    async def use_wide(_: wide) -> None:  # type: ignore[valid-type]
        pass

    async with container.scope() as unit:
        await unit.call(use)
        assert count.alive == 1
        await container.call(use_narrow)
        with pytest.raises(LimitError):
            await container.call(use_wide)
    await container.call(use_wide)


async def test_a_unit_that_is_kept_open_keeps_its_slots(container: Container) -> None:
    count = Count()

    async def call(_: Annotated[int, Depends(async_generator(count), max_concurrency=1)]) -> None:
        pass

    async with container.scope() as unit:
        await unit.call(call)
        await unit.call(call)
        assert count.total == 1
        with pytest.raises(LimitError):  # in the same task, which holds it
            await container.call(call)
        assert count.alive == 1
    await container.call(call)
    assert count.total == 2


async def test_calls_at_the_same_time_in_one_unit_wait_for_each_other(
    container: Container,
) -> None:
    count = Count()
    limited = Depends(async_generator(count), max_concurrency=1, scope="function")

    async def call(_: Annotated[int, limited]) -> None:
        await anyio.lowlevel.checkpoint()

    async with container.scope() as unit:
        await together(3, partial(unit.call, call))
    assert (count.total, count.most) == (3, 1)


async def test_a_limit_counts_for_every_use_of_its_marker(container: Container) -> None:
    count = Count()
    alias = Annotated[int, Depends(async_generator(count), max_concurrency=1)]

    async def first(_: alias) -> None:  # type: ignore[valid-type]
        await anyio.lowlevel.checkpoint()

    async def second(_: alias) -> None:  # type: ignore[valid-type]
        await anyio.lowlevel.checkpoint()

    other = Container()
    async with anyio.create_task_group() as group:
        for function in (first, second):
            for where in (container, other):
                group.start_soon(where.call, function)
    assert (count.total, count.most) == (4, 1)


async def test_equal_declarations_are_counted_apart(container: Container) -> None:
    opened = async_generator(Count())

    async def main(
        first: Annotated[int, Depends(opened, max_concurrency=1, use_cache=False)],
        second: Annotated[int, Depends(opened, max_concurrency=1, use_cache=False)],
    ) -> tuple[int, int]:
        return first, second

    assert await container.call(main) == (1, 2)


async def test_what_is_cached_takes_one_slot(container: Container) -> None:
    count = Count()
    alias = Annotated[int, Depends(async_generator(count), max_concurrency=1)]

    async def user(value: alias) -> int:  # type: ignore[valid-type]
        return value  # type: ignore[no-any-return]

    async def main(first: alias, second: Annotated[int, Depends(user)]) -> None:  # type: ignore[valid-type]
        assert first == second

    await container.call(main)
    assert count.total == 1


async def test_dependencies_run_before_the_wait(container: Container) -> None:
    events: list[str] = []
    enough = anyio.Event()

    async def below() -> str:
        events.append("below")
        if len(events) == 4:
            enough.set()
        return "value"

    async def opened(_: Annotated[str, Depends(below)]) -> AsyncIterator[None]:
        events.append("open")
        await enough.wait()
        yield

    async def main(_: Annotated[None, Depends(opened, max_concurrency=1)]) -> None:
        pass

    await together(3, partial(container.call, main))
    assert sorted(events[:4]) == ["below", "below", "below", "open"]
    assert events[4:] == ["open", "open"]


async def test_the_first_to_come_is_the_first_to_go(container: Container) -> None:
    order: list[int] = []

    async def opened() -> AsyncIterator[None]:
        await anyio.lowlevel.checkpoint()
        yield

    async def main(number: int, _: Annotated[None, Depends(opened, max_concurrency=1)]) -> None:
        order.append(number)

    async with anyio.create_task_group() as group:
        for number in range(5):
            group.start_soon(partial(container.call, main, number=number))
            await anyio.wait_all_tasks_blocked()
    assert order == [0, 1, 2, 3, 4]


async def test_overrides_are_limited_as_what_they_replace(container: Container) -> None:
    count = Count()

    async def original() -> int:
        raise AssertionError("overridden")

    async def main(_: Annotated[int, Depends(original, max_concurrency=1)]) -> None:
        await anyio.lowlevel.checkpoint()

    with container.override({original: async_generator(count)}):
        await together(3, partial(container.call, main))
    assert (count.total, count.most) == (3, 1)


@pytest.mark.parametrize("fails", ["setup", "use", "exit"])
async def test_a_failure_gives_the_slot_back(container: Container, fails: str) -> None:
    async def opened() -> AsyncIterator[None]:
        if fails == "setup":
            raise ValueError(fails)
        yield
        if fails == "exit":
            raise ValueError(fails)

    async def main(_: Annotated[None, Depends(opened, max_concurrency=1)]) -> None:
        if fails == "use":
            raise ValueError(fails)

    for _ in range(3):
        with pytest.raises(ValueError, match=fails):
            await container.call(main)


async def test_a_failing_call_gives_the_slot_back(container: Container) -> None:
    def called() -> None:
        raise StopIteration

    async def main(_: Annotated[None, Depends(called, max_concurrency=1)]) -> None:
        pass

    for _ in range(3):
        with pytest.raises(RuntimeError):
            await container.call(main)


class Held:
    """Somebody who has the only slot until told to leave it."""

    def __init__(self, container: Container, limited: Any) -> None:
        self.leave = anyio.Event()
        self._here = anyio.Event()

        async def main(_: Annotated[Any, limited]) -> None:
            self._here.set()
            await self.leave.wait()

        self._main = partial(container.call, main)

    async def begin(self, group: Any) -> None:
        group.start_soon(self._main)
        await self._here.wait()


async def test_who_is_cancelled_leaves_the_queue(container: Container) -> None:
    count = Count()
    limited = Depends(async_generator(count), max_concurrency=1)

    async def main(_: Annotated[int, limited]) -> None:
        pass

    async with anyio.create_task_group() as group:
        held = Held(container, limited)
        await held.begin(group)
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as waiting:
                waiting.start_soon(container.call, main)
                await anyio.wait_all_tasks_blocked()
                scope.cancel()
        assert count.total == 1
        held.leave.set()
    await container.call(main)
    assert count.total == 2


async def test_a_slot_handed_to_who_is_cancelled_is_passed_on() -> None:
    limited = Named("limited", Limit(1))
    scope = anyio.CancelScope()
    got: list[str] = []

    async def take(name: str) -> None:
        slot = await limits.take_slot(Scope(), limited)
        got.append(name)
        slot.give_back()

    async def cancelled() -> None:
        with scope:
            await take("cancelled")

    first = await limits.take_slot(Scope(), limited)
    async with anyio.create_task_group() as group:
        group.start_soon(cancelled)
        await anyio.wait_all_tasks_blocked()
        group.start_soon(take, "next")
        await anyio.wait_all_tasks_blocked()
        first.give_back()  # handed on, but not taken before the next step
        scope.cancel()
    assert "next" in got


async def test_a_slot_that_is_dropped_is_given_back() -> None:
    limited = Named("limited", Limit(1))
    slots = [await limits.take_slot(Scope(), limited)]
    slots.clear()
    gc.collect()
    (await limits.take_slot(Scope(), limited)).give_back()


@pytest.mark.parametrize("size", [0, -1, True, 1.0, "1"])
def test_a_limit_is_a_positive_number(size: Any) -> None:
    with pytest.raises(ValueError, match="max_concurrency must be a positive integer or None"):
        Depends(dict, max_concurrency=size)


def test_a_marker_keeps_its_count_when_it_is_replaced() -> None:
    marker = Depends(dict, max_concurrency=2)
    assert replace(marker, dependency=list).limit is marker.limit
    assert replace(marker, max_concurrency=3).limit is not marker.limit
    assert replace(marker, max_concurrency=None).limit is None
    assert marker != Depends(dict, max_concurrency=2)


def test_what_an_application_has_one_of_is_not_limited() -> None:
    async def shared() -> AsyncIterator[None]:
        yield

    async def main(_: Annotated[None, Depends(shared, scope="app", max_concurrency=2)]) -> None: ...

    fault = only_fault_of(main)
    assert fault.kind == "scope"
    assert "max_concurrency" in fault.message
    assert "leave out max_concurrency" in fault.hint


def test_nor_what_that_calls_once() -> None:
    def called() -> None: ...

    async def shared(_: Annotated[None, Depends(called, max_concurrency=2)]) -> AsyncIterator[None]:
        yield

    async def main(_: Annotated[None, Depends(shared, scope="app")]) -> None: ...

    assert "parameter '_' of" in only_fault_of(main).message


async def test_waiting_takes_no_thread(container: Container) -> None:
    count = Count()
    limited = Depends(generator(count), max_concurrency=1)

    def blocking() -> str:
        return "ran"

    async def main(_: Annotated[int, limited]) -> None:
        pass

    async def free(value: Annotated[str, Depends(blocking)]) -> str:
        return value

    limiter = anyio.to_thread.current_default_thread_limiter()
    before, limiter.total_tokens = limiter.total_tokens, 1
    try:
        async with anyio.create_task_group() as group:
            held = Held(container, limited)
            await held.begin(group)
            for _ in range(3):
                group.start_soon(container.call, main)
            await anyio.wait_all_tasks_blocked()
            assert await container.call(free) == "ran"
            held.leave.set()
    finally:
        limiter.total_tokens = before
    assert count.total == 4


def test_the_source_of_a_plan_without_limits_does_not_know_of_them() -> None:
    async def main(_: Annotated[int, Depends(async_generator(Count()))]) -> None: ...

    assert "slot" not in str(Container().explain(main))
