"""Dependencies marked `concurrent` are opened at the same time, and closed in reverse order."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, nullcontext
from contextvars import ContextVar
from typing import Annotated, Any

import anyio
import pytest

from tenure import Container, Depends

events: list[str] = []
variable: ContextVar[str] = ContextVar("together", default="unset")


@pytest.fixture(autouse=True)
def no_events() -> None:
    events.clear()


@pytest.fixture
def container() -> Container:
    """The interpreter opens one after another: these tests are about the generated function."""
    return Container()


class Meeting:
    """Nobody goes on before all have come."""

    def __init__(self, expected: int) -> None:
        self._missing = expected
        self._all_here = anyio.Event()

    async def come(self) -> None:
        self._missing -= 1
        if not self._missing:
            self._all_here.set()
        await self._all_here.wait()


def opens(
    name: str, setup: Callable[[], Any] | None = None, leave: Callable[[], Any] | None = None
) -> Callable[[], AsyncIterator[str]]:
    async def generator() -> AsyncIterator[str]:
        events.append(f"enter {name}")
        if setup is not None:
            await setup()
        events.append(f"open {name}")
        try:
            yield name
        except BaseException as error:
            events.append(f"{name} sees {type(error).__name__}")
            raise
        finally:
            if leave is not None:
                await leave()
            events.append(f"close {name}")

    generator.__name__ = name
    return generator


def together(dependency: Callable[..., Any], **options: Any) -> Any:
    return Depends(dependency, concurrent=True, **options)


async def test_all_are_open_before_any_goes_on(container: Container) -> None:
    meeting = Meeting(3)

    async def called() -> str:
        await meeting.come()
        return "called"

    async def main(
        first: Annotated[str, together(opens("first", meeting.come))],
        second: Annotated[str, together(opens("second", meeting.come))],
        third: Annotated[str, together(called)],
    ) -> tuple[str, str, str]:
        return first, second, third

    with anyio.fail_after(10):
        assert await container.call(main) == ("first", "second", "called")
    assert set(events[:2]) == {"enter first", "enter second"}
    assert set(events[2:4]) == {"open first", "open second"}
    assert events[4:] == ["close second", "close first"]


async def test_plain_generators_and_functions_take_threads_of_their_own(
    container: Container,
) -> None:
    barrier = threading.Barrier(3, timeout=10)

    def generator() -> Iterator[int]:
        barrier.wait()
        yield threading.get_ident()
        events.append("closed")

    def function() -> int:
        barrier.wait()
        return threading.get_ident()

    async def main(
        one: Annotated[int, together(generator)],
        two: Annotated[int, together(function)],
        three: Annotated[int, together(function, use_cache=False)],
    ) -> set[int]:
        return {one, two, three}

    assert len(await container.call(main)) == 3
    assert events == ["closed"]


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("in_thread", [False, True])
async def test_plain_generators_are_closed_in_threads_too(
    fails: bool, in_thread: bool, container: Container
) -> None:
    threads: list[int] = []

    def generator() -> Iterator[None]:
        threads.append(threading.get_ident())
        try:
            yield
        finally:
            threads.append(threading.get_ident())

    async def main(
        one: Annotated[None, together(generator, in_thread=in_thread)],
        two: Annotated[None, together(generator, use_cache=False, in_thread=in_thread)],
    ) -> None:
        if fails:
            raise LookupError

    with pytest.raises(LookupError) if fails else nullcontext():
        await container.call(main)
    assert len(threads) == 4
    assert {each == threading.get_ident() for each in threads} == {not in_thread}


async def test_what_they_share_is_solved_once_and_before_them(container: Container) -> None:
    shared = opens("shared")
    meeting = Meeting(2)

    async def left(shared: Annotated[str, Depends(shared)]) -> str:
        await meeting.come()
        return f"left of {shared}"

    async def right(
        shared: Annotated[str, Depends(shared)], own: Annotated[str, Depends(opens("own"))]
    ) -> str:
        await meeting.come()
        return f"right of {shared} and {own}"

    async def main(
        left: Annotated[str, together(left)], right: Annotated[str, together(right)]
    ) -> tuple[str, str]:
        return left, right

    with anyio.fail_after(10):
        assert await container.call(main) == ("left of shared", "right of shared and own")
    assert events == [
        "enter shared",
        "open shared",
        "enter own",
        "open own",
        "close own",
        "close shared",
    ]


async def test_what_stands_between_them_parts_them(container: Container) -> None:
    """A guard, perhaps: nothing declared after it is opened before it."""

    async def guard() -> None:
        events.append("guard")

    async def main(
        first: Annotated[str, together(opens("first"))],
        guard: Annotated[None, Depends(guard)],
        second: Annotated[str, together(opens("second"))],
    ) -> None: ...

    await container.call(main)
    assert events[:5] == ["enter first", "open first", "guard", "enter second", "open second"]


async def test_the_first_failure_is_raised_as_itself_and_the_others_are_unwound(
    container: Container,
) -> None:
    outer_seen: list[BaseException] = []
    is_open = anyio.Event()

    async def outer() -> AsyncIterator[None]:
        try:
            yield
        except BaseException as error:
            outer_seen.append(error)
            raise

    async def note() -> None:
        is_open.set()

    failure = LookupError("the first")

    async def fails() -> AsyncIterator[None]:
        await is_open.wait()
        raise failure
        yield

    async def main(
        outer: Annotated[None, Depends(outer)],
        open_already: Annotated[str, together(opens("quick", note))],
        never: Annotated[str, together(opens("never", anyio.sleep_forever))],
        fails: Annotated[None, together(fails)],
    ) -> None:
        events.append("main")

    with anyio.fail_after(10), pytest.raises(LookupError) as caught:
        await container.call(main)
    assert caught.value is failure
    assert outer_seen == [failure]
    events.remove("enter never")
    assert events == ["enter quick", "open quick", "quick sees LookupError", "close quick"]


async def test_a_failure_of_the_root_is_delivered_in_reverse_order(container: Container) -> None:
    async def main(
        outer: Annotated[str, Depends(opens("outer"))],
        first: Annotated[str, together(opens("first", leave=anyio.lowlevel.checkpoint))],
        second: Annotated[str, together(opens("second", leave=anyio.lowlevel.checkpoint))],
        inner: Annotated[str, Depends(opens("inner"))],
    ) -> None:
        events.clear()
        raise LookupError

    with pytest.raises(LookupError):
        await container.call(main)
    assert events == [
        line
        for name in ("inner", "second", "first", "outer")
        for line in (f"{name} sees LookupError", f"close {name}")
    ]


@pytest.mark.parametrize("kind", ["replaces", "swallows"])
async def test_an_exit_that_changes_the_failure(kind: str, container: Container) -> None:
    async def changes() -> AsyncIterator[None]:
        try:
            yield
        except LookupError:
            if kind == "replaces":
                raise KeyError("replaced") from None

    async def main(
        first: Annotated[str, together(opens("first"))],
        changes: Annotated[None, together(changes)],
    ) -> None:
        raise LookupError

    with pytest.raises(KeyError if kind == "replaces" else RuntimeError):
        await container.call(main)
    expected = "KeyError" if kind == "replaces" else "SwallowedError"
    assert events[-2:] == [f"first sees {expected}", "close first"]


async def test_failing_exits_reach_the_others(container: Container) -> None:
    async def fails() -> None:
        raise KeyError("at the end")

    async def main(
        first: Annotated[str, together(opens("first"))],
        second: Annotated[str, together(opens("second", leave=fails))],
    ) -> None: ...

    with pytest.raises(KeyError, match="at the end"):
        await container.call(main)
    assert events[-2:] == ["first sees KeyError", "close first"]


async def test_cancelled_by_a_scope_while_they_open(container: Container) -> None:
    async with anyio.create_task_group() as tasks:

        async def cancel() -> None:
            tasks.cancel_scope.cancel()
            await anyio.sleep_forever()

        async def main(
            first: Annotated[str, together(opens("first", leave=slow))],
            second: Annotated[str, together(opens("second", cancel))],
        ) -> None:
            events.append("main")

        tasks.start_soon(container.call, main)
    cancelled = anyio.get_cancelled_exc_class().__name__
    assert events[-2:] == [f"first sees {cancelled}", "close first"]
    assert "main" not in events


async def slow() -> None:
    for _ in range(3):
        await anyio.lowlevel.checkpoint()


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("where", ["setup", "main", "exit"])
@pytest.mark.asyncio_only("tasks of trio cannot be cancelled alone")
async def test_cancelled_as_a_task(where: str, times: int, container: Container) -> None:
    reached = asyncio.Event()

    async def wait_here() -> None:
        reached.set()
        for _ in range(5):
            await asyncio.sleep(0)
        if where != "exit":
            await asyncio.Event().wait()

    async def main(
        first: Annotated[str, together(opens("first", leave=slow))],
        second: Annotated[
            str,
            together(
                opens(
                    "second",
                    wait_here if where == "setup" else None,
                    wait_here if where == "exit" else None,
                )
            ),
        ],
    ) -> None:
        if where == "main":
            await wait_here()

    task = asyncio.ensure_future(container.call(main))
    await reached.wait()
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert "close first" in events
    assert ("close second" in events) == (where != "setup")


async def test_variables_are_seen_and_taken_back(container: Container) -> None:
    def sets(name: str) -> Callable[[], AsyncIterator[None]]:
        async def dependency() -> AsyncIterator[None]:
            token = variable.set(name)
            yield
            events.append(f"{name} leaves under {variable.get()}")
            variable.reset(token)

        return dependency

    async def main(
        first: Annotated[None, together(sets("first"))],
        second: Annotated[None, together(sets("second"))],
    ) -> str:
        seen = variable.get()
        variable.set("set by main")
        return seen

    assert await container.call(main) == "second"
    assert events == ["second leaves under set by main", "first leaves under first"]
    assert variable.get() == "unset"


@pytest.mark.parametrize("fails", [False, True])
async def test_task_groups_across_the_yield(fails: bool, container: Container) -> None:
    @asynccontextmanager
    async def group() -> AsyncIterator[anyio.abc.TaskGroup]:
        async with anyio.create_task_group() as tasks:
            yield tasks
        events.append("group closed")

    async def main(
        one: Annotated[anyio.abc.TaskGroup, together(group)],
        two: Annotated[anyio.abc.TaskGroup, together(group, use_cache=False)],
    ) -> None:
        async def work() -> None:
            await anyio.lowlevel.checkpoint()
            events.append("worked")

        one.start_soon(work)
        two.start_soon(work)
        if fails:
            await anyio.wait_all_tasks_blocked()
            raise LookupError

    if fails:
        with pytest.raises(LookupError):
            await container.call(main)
        assert events == ["worked", "worked"]
    else:
        await container.call(main)
        assert sorted(events) == ["group closed", "group closed", "worked", "worked"]


async def test_what_a_task_group_across_the_yield_raises_comes_out_at_the_exit(
    container: Container,
) -> None:
    """It cannot cancel the function, which runs in another task."""
    failed = anyio.Event()

    async def fails() -> None:
        failed.set()
        raise LookupError("beside")

    async def watched() -> AsyncIterator[str]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(fails)
            yield "watched"

    async def beside() -> AsyncIterator[str]:
        yield "beside"
        events.append("beside closed")

    async def main(
        first: Annotated[str, Depends(beside, concurrent=True)],
        second: Annotated[str, Depends(watched, concurrent=True)],
    ) -> None:
        await failed.wait()
        await anyio.lowlevel.checkpoint()
        events.append("main went on")

    with pytest.raises(ExceptionGroup) as caught:
        await container.call(main)
    assert [str(each) for each in caught.value.exceptions] == ["beside"]
    assert events == ["main went on"]


async def test_no_task_is_left(container: Container) -> None:
    async def main(
        first: Annotated[str, together(opens("first"))],
        second: Annotated[str, together(opens("second"))],
    ) -> None: ...

    before = len(anyio.get_running_tasks())
    await container.call(main)
    assert len(anyio.get_running_tasks()) == before


async def test_one_alone_needs_no_task(container: Container) -> None:
    async def main(first: Annotated[str, together(opens("first"))]) -> None: ...

    assert "open_together" not in container.explain(main)
    await container.call(main)
    assert events == ["enter first", "open first", "close first"]


async def test_scopes_nest_all_the_same(container: Container) -> None:
    async def main(
        narrow: Annotated[str, together(opens("narrow"), scope="function")],
        wide: Annotated[str, together(opens("wide"))],
        wider: Annotated[str, together(opens("wider"))],
        narrower: Annotated[str, together(opens("narrower"), scope="function")],
    ) -> None:
        events.clear()

    await container.call(main)
    assert events == [f"close {name}" for name in ("narrower", "narrow", "wider", "wide")]
