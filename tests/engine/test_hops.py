"""Neighbouring `def` steps share a worker thread; those that do not block need none."""

import asyncio
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Annotated, Any

import anyio
import pytest

from tenure import Container, Depends

from .test_threads import all_threads_busy

events: list[Any] = []
variable: ContextVar[str] = ContextVar("variable", default="unset")


@pytest.fixture(autouse=True)
def no_events() -> None:
    events.clear()


def hops(function: Any) -> int:
    """How often one unit of work goes to a worker thread, if nothing goes wrong."""
    source = Container().explain(function)
    again = source.count("if scope.is_interrupted():")
    return source.count("await in_thread(") - again


def first() -> Iterator[int]:
    events.append("open first")
    try:
        yield 1
    except BaseException as error:
        events.append(f"first sees {type(error).__name__}")
        raise
    finally:
        events.append("close first")


def second(one: Annotated[int, Depends(first)]) -> Iterator[int]:
    events.append("open second")
    try:
        yield one + 1
    except BaseException as error:
        events.append(f"second sees {type(error).__name__}")
        raise
    finally:
        events.append("close second")


def third(two: Annotated[int, Depends(second)]) -> int:
    return two + 1


async def between() -> None:
    events.append("between")


async def test_all_def_steps_run_in_one_hop_exits_included(container: Container) -> None:
    def main(three: Annotated[int, Depends(third)]) -> int:
        events.append("main")
        return three

    assert await container.call(main) == 3
    assert events == ["open first", "open second", "main", "close second", "close first"]
    assert hops(main) == 1


async def test_an_async_step_parts_the_hop(container: Container) -> None:
    def main(
        one: Annotated[int, Depends(first)],
        nothing: Annotated[None, Depends(between)],
        two: Annotated[int, Depends(second)],
    ) -> int:
        return one + two

    assert await container.call(main) == 3
    assert events == ["open first", "between", "open second", "close second", "close first"]
    assert hops(main) == 2


async def test_an_async_root_has_its_dependencies_before_and_after(container: Container) -> None:
    async def main(three: Annotated[int, Depends(third)]) -> int:
        return three

    assert await container.call(main) == 3
    assert hops(main) == 2


async def test_a_failure_in_a_hop_reaches_what_it_has_opened(container: Container) -> None:
    def fail(two: Annotated[int, Depends(second)]) -> None:
        raise LookupError

    def main(nothing: Annotated[None, Depends(fail)]) -> None:
        events.append("main")

    with pytest.raises(LookupError):
        await container.call(main)
    assert events == [
        "open first",
        "open second",
        "second sees LookupError",
        "close second",
        "first sees LookupError",
        "close first",
    ]


async def test_a_failing_exit_in_a_hop_reaches_the_exits_after_it(container: Container) -> None:
    def breaks(one: Annotated[int, Depends(first)]) -> Iterator[None]:
        yield
        raise LookupError

    def main(nothing: Annotated[None, Depends(breaks)]) -> None:
        events.append("main")

    with pytest.raises(LookupError):
        await container.call(main)
    assert events == ["open first", "main", "first sees LookupError", "close first"]


@pytest.mark.asyncio_only("tasks of trio cannot be cancelled alone")
async def test_exits_in_the_hop_of_the_root_see_that_its_task_was_cancelled(
    container: Container,
) -> None:
    entered, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def main(two: Annotated[int, Depends(second)]) -> None:
        loop.call_soon_threadsafe(entered.set)
        assert go_on.wait(10)

    task = asyncio.ensure_future(container.call(main))
    await entered.wait()
    task.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert events[2:] == [
        "second sees CancelledError",
        "close second",
        "first sees CancelledError",
        "close first",
    ]


async def test_exits_in_the_hop_of_the_root_see_that_its_scope_was_cancelled(
    container: Container,
) -> None:
    entered, go_on = anyio.Event(), threading.Event()

    def main(two: Annotated[int, Depends(second)]) -> None:
        anyio.from_thread.run_sync(entered.set)
        assert go_on.wait(10)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(container.call, main)
        await entered.wait()
        tasks.cancel_scope.cancel()
        go_on.set()
    cancelled = anyio.get_cancelled_exc_class().__name__
    assert events[2:] == [
        f"second sees {cancelled}",
        "close second",
        f"first sees {cancelled}",
        "close first",
    ]


async def test_what_holds_a_plain_generator_does_not_wait_for_a_thread(
    container: Container,
) -> None:
    """Those that wait for what it holds may have all the threads."""

    async def take_all(one: Annotated[int, Depends(first)]) -> None:
        busy.__enter__()

    def main(nothing: Annotated[None, Depends(take_all)]) -> str:
        return "ran"

    busy = all_threads_busy()
    with anyio.fail_after(10):
        try:
            assert await container.call(main) == "ran"
        finally:
            busy.__exit__(None, None, None)


async def test_nor_does_what_holds_plain_generators_opened_at_the_same_time(
    container: Container,
) -> None:
    async def take_all() -> None:
        busy.__enter__()

    def limited() -> str:
        return "limited"

    def main(
        one: Annotated[int, Depends(first, concurrent=True)],
        other: Annotated[int, Depends(first, concurrent=True, use_cache=False)],
        nothing: Annotated[None, Depends(take_all)],
        limited: Annotated[str, Depends(limited, max_concurrency=1)],
    ) -> str:
        return f"ran after {limited}"

    busy = all_threads_busy()
    with anyio.fail_after(10):
        try:
            assert await container.call(main) == "ran after limited"
        finally:
            busy.__exit__(None, None, None)


async def test_in_thread_false_runs_in_place(container: Container) -> None:
    home = threading.get_ident()

    def where() -> int:
        return threading.get_ident()

    def opens() -> Iterator[int]:
        yield threading.get_ident()
        events.append(threading.get_ident())

    async def main(
        called: Annotated[int, Depends(where, in_thread=False)],
        opened: Annotated[int, Depends(opens, in_thread=False)],
    ) -> tuple[int, int]:
        return called, opened

    assert await container.call(main) == (home, home)
    assert events == [home]
    assert hops(main) == 0


async def test_one_declaration_in_place_is_enough(container: Container) -> None:
    def where() -> int:
        return threading.get_ident()

    async def main(
        default: Annotated[int, Depends(where)],
        in_place: Annotated[int, Depends(where, in_thread=False)],
    ) -> tuple[int, int]:
        return default, in_place

    home = threading.get_ident()
    assert await container.call(main) == (home, home)


@pytest.mark.parametrize("how", ["returns", "raises"])
async def test_generators_in_place_close_in_order_among_the_others(
    how: str, container: Container
) -> None:
    def in_place(one: Annotated[int, Depends(first)]) -> Iterator[int]:
        token = variable.set("set in place")
        events.append("open in place")
        try:
            yield one
        except LookupError:
            events.append("in place sees LookupError")
            raise
        finally:
            variable.reset(token)
            events.append("close in place")

    async def main(
        placed: Annotated[int, Depends(in_place, in_thread=False)],
        two: Annotated[int, Depends(second)],
    ) -> None:
        assert variable.get() == "set in place"
        if how == "raises":
            raise LookupError

    if how == "raises":
        with pytest.raises(LookupError):
            await container.call(main)
        expected = [
            "second sees LookupError",
            "close second",
            "in place sees LookupError",
            "close in place",
            "first sees LookupError",
            "close first",
        ]
    else:
        await container.call(main)
        expected = ["close second", "close in place", "close first"]
    assert events[:3] == ["open first", "open in place", "open second"]
    assert events[3:] == expected
    assert variable.get() == "unset"


async def test_a_generator_in_place_yields_once(container: Container) -> None:
    def nothing() -> Iterator[int]:
        yield from ()

    def twice() -> Iterator[int]:
        yield 1
        yield 2

    async def empty(value: Annotated[int, Depends(nothing, in_thread=False)]) -> None:
        events.append("called")

    async def full(value: Annotated[int, Depends(twice, in_thread=False)]) -> None:
        events.append("called")

    with pytest.raises(Exception, match="without yielding"):
        await container.call(empty)
    with pytest.raises(Exception, match="a second time"):
        await container.call(full)
    assert events == ["called"]
