"""Task groups that a dependency holds across its yield."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio
import anyio.lowlevel
import pytest

from tenure import Container, Depends

native = pytest.mark.asyncio_only("asyncio's own task groups")

events: list[str] = []


@pytest.fixture(autouse=True)
def no_events() -> None:
    events.clear()


class Start:
    """Starts a child in either kind of group."""

    def __init__(self, group: Any) -> None:
        self.group = group

    def __call__(self, child: Any, *args: Any) -> None:
        if isinstance(self.group, asyncio.TaskGroup):
            self.group.create_task(child(*args))
        else:
            self.group.start_soon(child, *args)


async def anyio_group() -> AsyncIterator[Start]:
    async with anyio.create_task_group() as group:
        yield Start(group)
    events.append("group closed")


async def asyncio_group() -> AsyncIterator[Start]:
    async with asyncio.TaskGroup() as group:
        yield Start(group)
    events.append("group closed")


GROUPS = [anyio_group, pytest.param(asyncio_group, marks=native)]


async def outer() -> AsyncIterator[None]:
    try:
        yield
    except BaseException as error:
        events.append(type(error).__name__)
        raise
    finally:
        await anyio.lowlevel.checkpoint()
        events.append("outer closed")


Outer = Annotated[None, Depends(outer)]


async def fails() -> None:
    raise LookupError("child")


async def waits() -> None:
    try:
        await anyio.sleep_forever()
    finally:
        events.append("child left")


def is_nothing_left() -> bool:
    if asyncio_task() is None:
        return True
    task = asyncio_task()
    assert task is not None
    return task.cancelling() == 0


def asyncio_task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


@pytest.mark.parametrize("group", GROUPS)
async def test_children_are_waited_for_at_the_exit(group: Any, container: Container) -> None:
    async def child(go_on: anyio.Event) -> None:
        await go_on.wait()
        await anyio.lowlevel.checkpoint()
        events.append("child done")

    async def main(outer: Outer, start: Annotated[Start, Depends(group)]) -> str:
        go_on = anyio.Event()
        start(child, go_on)
        await anyio.lowlevel.checkpoint()
        go_on.set()
        return "result"

    assert await container.call(main) == "result"
    assert events == ["child done", "group closed", "outer closed"]


@pytest.mark.parametrize("group", GROUPS)
async def test_a_failing_child_ends_the_root(group: Any, container: Container) -> None:
    async def main(outer: Outer, start: Annotated[Start, Depends(group)]) -> None:
        start(fails)
        try:
            await anyio.sleep_forever()
        finally:
            events.append("root left")

    with pytest.raises(ExceptionGroup) as caught:
        await container.call(main)
    assert [repr(error) for error in caught.value.exceptions] == ["LookupError('child')"]
    assert events == ["root left", "ExceptionGroup", "outer closed"]
    assert is_nothing_left()
    await anyio.lowlevel.checkpoint()


@pytest.mark.parametrize("group", GROUPS)
async def test_a_failing_root_cancels_the_children_and_comes_out_itself(
    group: Any, container: Container
) -> None:
    error = KeyError("root")

    async def main(outer: Outer, start: Annotated[Start, Depends(group)]) -> None:
        start(waits)
        await anyio.lowlevel.checkpoint()
        raise error

    with pytest.raises(KeyError) as caught:
        await container.call(main)
    assert caught.value is error
    assert events == ["child left", "KeyError", "outer closed"]
    assert is_nothing_left()


@pytest.mark.parametrize("group", GROUPS)
async def test_a_child_that_fails_while_the_exit_waits_for_it(
    group: Any, container: Container
) -> None:
    """The root has returned; the group is closed by its own exit."""

    async def fails_later(go_on: anyio.Event) -> None:
        await go_on.wait()
        await anyio.lowlevel.checkpoint()
        raise LookupError("child")

    async def main(outer: Outer, start: Annotated[Start, Depends(group)]) -> str:
        go_on = anyio.Event()
        start(waits)
        start(fails_later, go_on)
        await anyio.lowlevel.checkpoint()
        go_on.set()
        return "a result that nobody gets"

    with pytest.raises(ExceptionGroup) as caught:
        await container.call(main)
    assert [repr(error) for error in caught.value.exceptions] == ["LookupError('child')"]
    assert events == ["child left", "ExceptionGroup", "outer closed"]
    if sys.version_info >= (3, 13) or group is anyio_group:
        # Older task groups of asyncio forget to take back how they interrupted their own end.
        assert is_nothing_left()
    await anyio.lowlevel.checkpoint()


@pytest.mark.parametrize("group", GROUPS)
async def test_a_group_may_be_cancelled_around_the_root(group: Any, container: Container) -> None:
    """By a scope outside: children and root end, then the exits run."""

    async def main(
        started: anyio.Event, outer: Outer, start: Annotated[Start, Depends(group)]
    ) -> None:
        start(waits)
        await anyio.lowlevel.checkpoint()
        started.set()
        await anyio.sleep_forever()

    async with anyio.create_task_group() as tasks:
        started = anyio.Event()
        tasks.start_soon(lambda: container.call(main, started=started))
        await started.wait()
        tasks.cancel_scope.cancel()
    assert events[0] == "child left"
    assert events[-1] == "outer closed"


@native
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("group", [anyio_group, asyncio_group])
async def test_a_cancelled_task_ends_the_children_of_its_group(
    group: Any, times: int, container: Container
) -> None:
    async def main(
        started: anyio.Event, outer: Outer, start: Annotated[Start, Depends(group)]
    ) -> None:
        start(waits)
        await anyio.lowlevel.checkpoint()
        started.set()
        await anyio.sleep_forever()

    started = anyio.Event()
    task = asyncio.ensure_future(container.call(main, started=started))
    await started.wait()
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert events == ["child left", "CancelledError", "outer closed"]


async def test_a_group_whose_scope_is_cancelled_by_the_root(container: Container) -> None:
    async def main(outer: Outer, start: Annotated[Start, Depends(anyio_group)]) -> str:
        start(waits)
        await anyio.lowlevel.checkpoint()
        start.group.cancel_scope.cancel()
        return "result"

    assert await container.call(main) == "result"
    assert events == ["child left", "group closed", "outer closed"]
    assert is_nothing_left()
    await anyio.lowlevel.checkpoint()


@pytest.mark.parametrize("group", GROUPS)
async def test_exits_inside_a_group_with_a_failed_child(group: Any, container: Container) -> None:
    """The child fails while an inner exit waits; that exit ends all the same."""

    async def inner(start: Annotated[Start, Depends(group)]) -> AsyncIterator[None]:
        yield
        failed = anyio.Event()

        async def fails_and_tells() -> None:
            failed.set()
            raise LookupError("child")

        start(fails_and_tells)
        try:
            await failed.wait()
            for _ in range(3):
                await anyio.lowlevel.checkpoint()
        finally:
            events.append("inner closed")

    async def main(outer: Outer, inner: Annotated[None, Depends(inner)]) -> None: ...

    with anyio.fail_after(10), pytest.raises(ExceptionGroup) as caught:
        await container.call(main)
    assert [repr(error) for error in caught.value.exceptions] == ["LookupError('child')"]
    assert events == ["inner closed", "ExceptionGroup", "outer closed"]
    assert is_nothing_left()


async def test_an_exit_inside_a_failed_group_does_not_hang(container: Container) -> None:
    """anyio's lock waits for the cancellation of the scope that it finds cancelled."""
    lock = anyio.Lock()

    async def inner(start: Annotated[Start, Depends(anyio_group)]) -> AsyncIterator[None]:
        yield
        start(fails)
        with anyio.CancelScope(shield=True):
            for _ in range(5):
                await anyio.lowlevel.checkpoint()
        events.append("inner")
        async with lock:
            events.append("locked")

    async def main(outer: Outer, inner: Annotated[None, Depends(inner)]) -> None: ...

    with pytest.raises(ExceptionGroup) as caught:
        await container.call(main)
    assert [repr(error) for error in caught.value.exceptions] == ["LookupError('child')"]
    assert events[0] == "inner"
    assert events[-2:] == ["ExceptionGroup", "outer closed"]


async def test_nested_groups_close_from_the_inside(container: Container) -> None:
    async def second() -> AsyncIterator[Start]:
        async with anyio.create_task_group() as group:
            yield Start(group)
        events.append("second closed")

    async def child(name: str) -> None:
        for _ in range(3):
            await anyio.lowlevel.checkpoint()
        events.append(name)

    async def main(
        first: Annotated[Start, Depends(anyio_group)], second: Annotated[Start, Depends(second)]
    ) -> None:
        second(child, "child of second")

    await container.call(main)
    assert events == ["child of second", "second closed", "group closed"]


async def test_exits_below_a_group_whose_children_are_cancelled_from_outside_are_finished(
    container: Container,
) -> None:
    is_used, is_written = anyio.Event(), anyio.Event()

    async def group() -> AsyncIterator[None]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anyio.sleep_forever)
            yield
            tasks.cancel_scope.cancel()

    async def session() -> AsyncIterator[None]:
        try:
            yield
        finally:
            await is_written.wait()
            events.append("session closed")

    async def use(_tasks: None = Depends(group), _session: None = Depends(session)) -> None:
        is_used.set()
        await anyio.sleep_forever()

    async def cancel(scope: anyio.CancelScope) -> None:
        await is_used.wait()
        scope.cancel()
        for _ in range(10):
            await anyio.lowlevel.checkpoint()
        is_written.set()

    async with anyio.create_task_group() as outside:
        with anyio.CancelScope() as scope:
            outside.start_soon(cancel, scope)
            await container.call(use)
    assert events == ["session closed"]
