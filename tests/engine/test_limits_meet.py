"""Limits that meet, in one unit of work or several, on one event loop or several: none hangs."""

import asyncio
import inspect
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenure import Container, Depends, LimitError
from tenure.errors import TenureError
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
from tests.engine.support import place_of

pytestmark = pytest.mark.usefixtures("no_slot_is_left")


def test_limits_count_on_all_event_loops_together() -> None:
    count, container = Count(), Container()
    limited = Depends(generator(count), max_concurrency=2)
    opened = Depends(async_generator(count), max_concurrency=1)
    backends = ["asyncio", "trio", "asyncio", "trio"]

    async def main(_: Annotated[int, limited]) -> None:
        await anyio.lowlevel.checkpoint()

    async def other(_: Annotated[int, opened]) -> None:
        await anyio.lowlevel.checkpoint()

    for called, most in ((main, 2), (other, 1)):
        count.most = count.total = 0
        threads = [
            threading.Thread(
                target=partial(
                    anyio.run,
                    partial(together, 10, partial(container.call, called)),
                    backend=backend,
                )
            )
            for backend in backends
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()
        assert count.total == 40
        assert count.most <= most
        assert count.alive == 0


def test_a_wait_on_a_loop_that_is_gone_is_passed_over() -> None:
    limited = Named("limited", Limit(1))

    async def wait() -> None:
        (await limits.take_slot(Scope(), limited)).give_back()

    async def hold() -> limits.Slot:
        return await limits.take_slot(Scope(), limited)

    slot = asyncio.run(hold())
    loop = asyncio.new_event_loop()
    task = loop.create_task(wait())
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    task._log_destroy_pending = False  # type: ignore[attr-defined]
    slot.give_back()
    asyncio.run(wait())


async def test_two_uses_of_one_slot_in_one_unit_fail_at_once(container: Container) -> None:
    count = Count()
    session = async_generator(count)
    limited = Depends(session, max_concurrency=1, use_cache=False)

    async def main(first: Annotated[int, limited], second: Annotated[int, limited]) -> None: ...

    for _ in range(2):
        with pytest.raises(LimitError) as caught:
            await container.call(main)
        assert count.alive == 0
    text = str(caught.value)
    assert f"({place_of(session)}) would wait for ever" in text
    assert f"({place_of(session)}) is held by this unit of work" in text
    assert "raise max_concurrency to 2 at least" in text
    assert isinstance(caught.value, TenureError)


async def test_a_unit_inside_another_does_not_wait_for_it(container: Container) -> None:
    limited = Depends(async_generator(Count()), max_concurrency=1)

    async def inner(_: Annotated[int, limited]) -> None: ...

    async def main(_: Annotated[int, limited]) -> None:
        await container.call(inner)

    with pytest.raises(LimitError, match="held by this unit of work"):
        await container.call(main)


async def test_nor_one_inside_a_call(container: Container) -> None:
    async def called() -> None:
        await container.call(inner)

    limited = Depends(called, max_concurrency=1)

    async def inner(_: Annotated[int, limited]) -> None: ...

    for concurrent in (False, True):
        again = replace(limited, concurrent=concurrent)

        async def main(
            _: Annotated[int, again],
            __: Annotated[int, Depends(async_generator(Count()), concurrent=concurrent)],
        ) -> None: ...

        with pytest.raises(LimitError, match="held by this unit of work"):
            await container.call(main)


async def test_nor_one_inside_an_exit(container: Container) -> None:
    async def opened() -> AsyncIterator[None]:
        yield
        await container.call(inner)

    limited = Depends(opened, max_concurrency=1)

    async def inner(_: Annotated[int, limited]) -> None: ...

    with pytest.raises(LimitError, match="held by this unit of work"):
        await container.call(inner)


async def test_two_units_that_wait_for_each_other(container: Container) -> None:
    def first() -> Iterator[None]:
        yield

    async def second() -> AsyncIterator[None]:
        yield

    both_hold = anyio.Event()
    holding: list[str] = []
    one = Annotated[None, Depends(first, max_concurrency=1, scope="function")]
    two = Annotated[None, Depends(second, max_concurrency=1, scope="function")]

    async def meet() -> None:
        holding.append("")
        if len(holding) == 2:
            both_hold.set()
        await both_hold.wait()

    async def forth(_: one, __: Annotated[None, Depends(meet)], ___: two) -> str:  # type: ignore[valid-type]
        return "done"

    async def back(_: two, __: Annotated[None, Depends(meet)], ___: one) -> str:  # type: ignore[valid-type]
        return "done"

    outcomes: list[Any] = []

    async def attempt(function: Callable[..., Any]) -> None:
        try:
            outcomes.append(await container.call(function))
        except LimitError as error:
            outcomes.append(str(error))

    async with anyio.create_task_group() as group:
        group.start_soon(attempt, forth)
        group.start_soon(attempt, back)
    [error, done] = outcomes
    assert done == "done"
    assert "is held by another, which waits for this one" in error or "waits for" in error
    assert f"({place_of(first)})" in error
    assert f"({place_of(second)})" in error
    assert "in the same order" in error


async def test_units_that_need_two_of_two_slots_do_not_starve_each_other(
    container: Container,
) -> None:
    count = Count()
    limited = Depends(async_generator(count), max_concurrency=2, use_cache=False)
    outcomes: list[str] = []

    async def main(_: Annotated[int, limited], __: Annotated[int, limited]) -> None:
        await anyio.lowlevel.checkpoint()

    async def attempt() -> None:
        try:
            await container.call(main)
            outcomes.append("done")
        except LimitError:
            outcomes.append("refused")

    await together(6, attempt)
    assert len(outcomes) == 6
    assert "done" in outcomes
    assert count.most <= 2
    assert count.alive == 0


KINDS = (async_generator, generator, coroutine, function)

uses = st.lists(
    st.tuples(st.integers(0, 3), st.booleans()),  # which limit; at the same time as its neighbours
    min_size=1,
    max_size=4,
)


def declare(function: Callable[..., Any], markers: list[Any]) -> Callable[..., Any]:
    """*function* as if it had a parameter for each of *markers*."""
    parameters = [
        inspect.Parameter(f"p{number}", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=marker)
        for number, marker in enumerate(markers)
    ]
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return function


@settings(max_examples=60, deadline=None)
@given(
    declared=st.lists(
        st.tuples(st.integers(1, 2), st.sampled_from(KINDS), st.sampled_from(["function", None])),
        min_size=4,
        max_size=4,
    ),
    units=st.lists(st.tuples(uses, st.one_of(st.none(), uses)), min_size=1, max_size=6),
    backend=st.sampled_from(["asyncio", "trio"]),
    threads=st.sampled_from([1, 1, 2]),
    interpreted=st.booleans(),
)
def test_units_that_meet_in_any_way_end_or_fail_at_once(
    declared: list[Any], units: list[Any], backend: str, threads: int, interpreted: bool
) -> None:
    """*units* each take what they say in order; some call another one from inside."""
    container = Container(interpreted=interpreted)
    counts = [Count() for _ in declared]
    markers = [
        Depends(kind(count), max_concurrency=size, use_cache=False, scope=scope)
        for (size, kind, scope), count in zip(declared, counts, strict=True)
    ]
    outcomes: list[str] = []

    def function_of(taken: list[tuple[int, bool]], inside: Any) -> Callable[..., Any]:
        async def main(**values: Any) -> None:
            await anyio.lowlevel.checkpoint()
            if inside is not None:
                await container.call(inside)

        return declare(
            main, [replace(markers[index], concurrent=concurrent) for index, concurrent in taken]
        )

    functions = [
        function_of(taken, None if inside is None else function_of(inside, None))
        for taken, inside in units
    ]

    async def attempt(function: Callable[..., Any]) -> None:
        try:
            await container.call(function)
            outcomes.append("done")
        except LimitError:
            outcomes.append("refused")

    async def run_all() -> None:
        with anyio.fail_after(30):
            async with anyio.create_task_group() as group:
                for function in functions:
                    group.start_soon(attempt, function)

    running = [
        threading.Thread(target=partial(anyio.run, run_all, backend=backend))
        for _ in range(threads)
    ]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(60)
        assert not thread.is_alive()
    assert len(outcomes) == threads * len(units)
    for (size, _, _), count in zip(declared, counts, strict=True):
        assert count.alive == 0
        assert count.most <= size


@settings(max_examples=30, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 2), min_size=4, max_size=4),
    units=st.lists(st.sets(st.integers(0, 3), min_size=1), min_size=1, max_size=6),
    backend=st.sampled_from(["asyncio", "trio"]),
)
def test_nobody_is_refused_where_all_take_in_one_order(
    sizes: list[int], units: list[set[int]], backend: str
) -> None:
    container = Container()
    counts = [Count() for _ in sizes]
    markers = [
        Depends(async_generator(count), max_concurrency=size)
        for size, count in zip(sizes, counts, strict=True)
    ]

    async def attempt(taken: set[int]) -> None:
        async def unit(**values: int) -> None:
            await anyio.lowlevel.checkpoint()

        await container.call(declare(unit, [markers[index] for index in sorted(taken)]))

    async def run_all() -> None:
        with anyio.fail_after(30):
            async with anyio.create_task_group() as group:
                for taken in units:
                    group.start_soon(attempt, taken)

    anyio.run(run_all, backend=backend)
    for index, count in enumerate(counts):
        assert count.total == sum(index in taken for taken in units)
        assert count.most <= sizes[index]
        assert count.alive == 0
