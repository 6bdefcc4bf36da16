"""Task groups held across a yield, and the exits of what was opened after them.

Those exits run inside the group, but it is not theirs: what happens to it meanwhile reaches the
group's own exit, not what they wait for.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Annotated, Any, Literal

import anyio
import anyio.lowlevel
import pytest

from tenure import Container, Depends, SwallowedError

native = pytest.mark.asyncio_only("asyncio's own task groups")

Scope = Literal["function", "request"]

events: list[str] = []


@pytest.fixture(autouse=True)
def no_events() -> None:
    events.clear()


class Group:
    """Of either kind, with one child that fails on demand."""

    def __init__(self, tasks: Any) -> None:
        self._tasks = tasks
        self._may_fail = anyio.Event()
        self._has_failed = anyio.Event()

    def start(self) -> None:
        if isinstance(self._tasks, asyncio.TaskGroup):
            self._tasks.create_task(self._child())
        else:
            self._tasks.start_soon(self._child)

    async def _child(self) -> None:
        with anyio.CancelScope(shield=True):
            await self._may_fail.wait()
        self._has_failed.set()
        raise LookupError("child")

    async def fail(self) -> None:
        """Let the child fail, and wait for more than that."""
        self._may_fail.set()
        await self._has_failed.wait()
        for _ in range(5):
            await anyio.lowlevel.checkpoint()


async def anyio_group() -> AsyncIterator[Group]:
    async with anyio.create_task_group() as tasks:
        group = Group(tasks)
        group.start()
        yield group
    events.append("group closed")


async def asyncio_group() -> AsyncIterator[Group]:
    async with asyncio.TaskGroup() as tasks:
        group = Group(tasks)
        group.start()
        yield group
    events.append("group closed")


GROUPS = [anyio_group, pytest.param(asyncio_group, marks=native)]
SCOPES = [("request", "request"), ("function", "function"), ("request", "function")]


def exit_that(
    name: str, waits: Callable[[Any], Any], needs: Any, scope: Scope | None = None
) -> Any:
    async def generator(needed: Annotated[Any, Depends(needs, scope=scope)]) -> AsyncIterator[Any]:
        try:
            yield needed
        except BaseException as error:
            events.append(f"{name} sees {type(error).__name__}")
            raise
        finally:
            await waits(needed)
            events.append(f"{name} closed")

    return generator


async def nothing() -> None: ...


async def fails(group: Group) -> None:
    await group.fail()


async def pauses(_: object) -> None:
    await anyio.lowlevel.checkpoint()


async def around(call: Callable[[], Any], how: str) -> None:
    """Alone, or inside a cancel scope of the caller's."""
    if how == "alone":
        await call()
    else:
        with anyio.CancelScope():
            await call()


def is_nothing_left() -> bool:
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return True
    return task is None or task.cancelling() == 0


@pytest.mark.parametrize("how", ["alone", "in a scope"])
@pytest.mark.parametrize(("group_scope", "exit_scope"), SCOPES)
@pytest.mark.parametrize("group", GROUPS)
async def test_a_child_that_fails_while_a_later_exit_waits(
    group: Any, group_scope: Scope, exit_scope: Scope, how: str, container: Container
) -> None:
    outer = exit_that("outer", pauses, nothing)
    inner = exit_that("inner", fails, group, group_scope)

    async def main(
        outer: Annotated[None, Depends(outer)],
        inner: Annotated[Group, Depends(inner, scope=exit_scope)],
    ) -> None: ...

    with anyio.fail_after(10), pytest.raises(ExceptionGroup) as caught:
        await around(lambda: container.call(main), how)
    assert [repr(error) for error in caught.value.exceptions] == ["LookupError('child')"]
    assert events == ["inner closed", "outer sees ExceptionGroup", "outer closed"]
    assert is_nothing_left()
    await anyio.lowlevel.checkpoint()


@pytest.mark.parametrize("how", ["alone", "in a scope"])
@pytest.mark.parametrize("group", GROUPS)
async def test_all_exits_inside_the_group_are_finished(
    group: Any, how: str, container: Container
) -> None:
    first = exit_that("first", pauses, group)
    second = exit_that("second", pauses, first)
    third = exit_that("third", fails, second)

    async def main(third: Annotated[Group, Depends(third)]) -> None:
        raise KeyError

    with anyio.fail_after(10), pytest.raises(ExceptionGroup) as caught:
        await around(lambda: container.call(main), how)
    assert {type(error) for error in caught.value.exceptions} == {LookupError, KeyError}
    closed = [event for event in events if event.endswith("closed")]
    assert closed == ["third closed", "second closed", "first closed"]
    assert is_nothing_left()


@pytest.mark.parametrize("how", ["alone", "in a scope"])
@pytest.mark.parametrize("group", GROUPS)
async def test_a_group_of_a_narrower_scope_is_over_before_wider_exits(
    group: Any, how: str, container: Container
) -> None:
    wide = exit_that("wide", pauses, nothing)

    async def main(
        group: Annotated[Group, Depends(group, scope="function")],
        wide: Annotated[None, Depends(wide, scope="request")],
    ) -> None:
        await group.fail()

    with anyio.fail_after(10), pytest.raises(ExceptionGroup):
        await around(lambda: container.call(main), how)
    assert events == ["wide sees ExceptionGroup", "wide closed"]
    assert is_nothing_left()


@pytest.mark.parametrize("group", GROUPS)
async def test_neighbours_that_were_opened_at_the_same_time(
    group: Any, container: Container
) -> None:
    """They have tasks of their own; the unit of work waits for them inside the group."""
    first = exit_that("first", pauses, group)
    second = exit_that("second", fails, group)

    async def main(
        first: Annotated[Group, Depends(first, concurrent=True)],
        second: Annotated[Group, Depends(second, concurrent=True)],
    ) -> None: ...

    with anyio.fail_after(10), pytest.raises(ExceptionGroup):
        await container.call(main)
    closed = [event for event in events if event.endswith("closed")]
    assert closed == ["second closed", "first closed"]
    assert is_nothing_left()


@pytest.mark.parametrize("group", GROUPS)
async def test_the_caller_is_cancelled_and_a_child_fails_meanwhile(
    group: Any, container: Container
) -> None:
    inner = exit_that("inner", fails, group)
    outer = exit_that("outer", pauses, nothing)
    is_used = anyio.Event()

    async def main(
        outer: Annotated[None, Depends(outer)], inner: Annotated[Group, Depends(inner)]
    ) -> None:
        is_used.set()
        await anyio.sleep_forever()

    async def call() -> None:
        with pytest.raises(ExceptionGroup):
            await container.call(main)

    with anyio.fail_after(10):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(call)
            await is_used.wait()
            tasks.cancel_scope.cancel()
    assert events[0].startswith("inner sees")
    assert events[1] == "inner closed"
    assert events[-1] == "outer closed"


async def test_a_scope_that_is_over_while_a_later_exit_waits(container: Container) -> None:
    """A deadline that a dependency holds is over; who was opened after it is finished."""

    async def limited() -> AsyncIterator[anyio.CancelScope]:
        with anyio.CancelScope() as scope:
            yield scope
        events.append(f"limited closed, cancelled: {scope.cancelled_caught}")

    async def cancels(scope: anyio.CancelScope) -> None:
        scope.cancel()
        await anyio.lowlevel.checkpoint()

    inner = exit_that("inner", cancels, limited)
    outer = exit_that("outer", pauses, nothing)

    async def main(
        outer: Annotated[None, Depends(outer)],
        inner: Annotated[anyio.CancelScope, Depends(inner)],
    ) -> str:
        return "result"

    await container.call(main)
    assert events[0] == "inner closed"
    assert events[-1] == "outer closed"
    assert is_nothing_left()
    await anyio.lowlevel.checkpoint()


async def test_a_thread_s_exit_inside_a_scope_that_is_over(container: Container) -> None:
    """The way to its thread is cut off; it is closed all the same."""

    async def limited() -> AsyncIterator[anyio.CancelScope]:
        with anyio.CancelScope() as scope:
            yield scope

    def plain(limited: Annotated[anyio.CancelScope, Depends(limited)]) -> Iterator[None]:
        try:
            yield
        finally:
            events.append("plain closed")

    async def cancels(scope: anyio.CancelScope) -> None:
        scope.cancel()

    inner = exit_that("inner", cancels, limited)

    async def main(
        plain: Annotated[None, Depends(plain)],
        inner: Annotated[anyio.CancelScope, Depends(inner)],
    ) -> str:
        return "result"

    with anyio.CancelScope(), suppress(SwallowedError):
        await container.call(main)
    assert events == ["inner closed", "plain closed"]
