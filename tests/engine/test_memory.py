"""Nothing of a unit of work is left for the garbage collector, however it ended."""

import asyncio
import gc
import sys
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import anyio
import pytest

from tenure import Container, Depends


class Value:
    """Something to be kept alive, or not."""


def threaded() -> Iterator[Value]:
    yield Value()


async def direct(threaded: Annotated[Value, Depends(threaded)]) -> AsyncIterator[Value]:
    yield Value()


async def suspends(direct: Annotated[Value, Depends(direct)]) -> AsyncIterator[Value]:
    try:
        yield Value()
    finally:
        await anyio.lowlevel.checkpoint()


async def narrow() -> AsyncIterator[Value]:
    yield Value()
    await anyio.lowlevel.checkpoint()


def plain(suspends: Annotated[Value, Depends(suspends)]) -> Value:
    return Value()


class Planned(Exception):  # noqa: N818
    """What a program fails with."""


async def main(
    how: str,
    waits: anyio.Event,
    plain: Annotated[Value, Depends(plain)],
    suspends: Annotated[Value, Depends(suspends)],
    narrow: Annotated[Value, Depends(narrow, scope="function")],
) -> Value:
    await anyio.lowlevel.checkpoint()
    if how == "fails":
        raise Planned
    if how == "waits":
        waits.set()
        await anyio.sleep_forever()
    return plain


async def returns(container: Container) -> None:
    await container.call(main, how="returns", waits=anyio.Event())


async def fails(container: Container) -> None:
    try:
        await container.call(main, how="fails", waits=anyio.Event())
    except Planned:
        return


async def fails_at_its_end(container: Container) -> None:
    async def ends_badly() -> AsyncIterator[None]:
        yield
        raise Planned

    async def main(
        value: Annotated[Value, Depends(suspends)], fails: Annotated[None, Depends(ends_badly)]
    ) -> None: ...

    try:
        await container.call(main)
    except Planned:
        return


async def is_swallowed(container: Container) -> None:
    async def swallows() -> AsyncIterator[None]:
        try:
            yield
        except Planned:
            await anyio.lowlevel.checkpoint()

    async def main(
        value: Annotated[Value, Depends(suspends)], swallows: Annotated[None, Depends(swallows)]
    ) -> None:
        raise Planned

    try:
        await container.call(main)
    except RuntimeError:
        return


async def is_cancelled_by_scope(container: Container) -> None:
    async with anyio.create_task_group() as group:
        waits = anyio.Event()
        group.start_soon(cancel_once_set, waits, group.cancel_scope)
        await container.call(main, how="waits", waits=waits)


async def cancel_once_set(event: anyio.Event, scope: anyio.CancelScope) -> None:
    await event.wait()
    scope.cancel()


async def is_cancelled_in_its_thread(container: Container) -> None:
    async with anyio.create_task_group() as group:
        scope = group.cancel_scope

        def works() -> None:
            anyio.from_thread.run_sync(scope.cancel)

        async def main(
            suspends: Annotated[Value, Depends(suspends)], works: Annotated[None, Depends(works)]
        ) -> None:
            await anyio.lowlevel.checkpoint()

        await container.call(main)


async def is_cancelled_after_some_turns(container: Container) -> None:
    """Of the loop: each number of them meets the call at another place."""

    async def cancel_after(turns: int, scope: anyio.CancelScope) -> None:
        for _ in range(turns):
            await anyio.lowlevel.checkpoint()
        scope.cancel()

    for turns in range(8):
        async with anyio.create_task_group() as group:
            group.start_soon(cancel_after, turns, group.cancel_scope)
            await container.call(main, how="waits", waits=anyio.Event())


async def is_cancelled_by_task(container: Container) -> None:
    waits = anyio.Event()
    task = asyncio.ensure_future(container.call(main, how="waits", waits=waits))
    await waits.wait()
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return


async def times_out_in_an_exit(container: Container) -> None:
    async def takes_long() -> AsyncIterator[None]:
        yield
        with anyio.move_on_after(0):
            await anyio.sleep_forever()
        async with asyncio.timeout(0):
            await asyncio.Event().wait()

    async def main(
        suspends: Annotated[Value, Depends(suspends)], long: Annotated[None, Depends(takes_long)]
    ) -> None: ...

    try:
        await container.call(main)
    except TimeoutError:
        return


LEAVES_A_CYCLE = pytest.mark.xfail(reason="a frame keeps the exception that went through it")
WAYS: list[Any] = [
    returns,
    fails,
    fails_at_its_end,
    pytest.param(is_swallowed, marks=LEAVES_A_CYCLE if sys.version_info >= (3, 12) else ()),
    is_cancelled_by_scope,
    is_cancelled_in_its_thread,
    is_cancelled_after_some_turns,
    pytest.param(
        is_cancelled_by_task,
        marks=pytest.mark.asyncio_only("trio's tasks are cancelled by scopes only"),
    ),
    pytest.param(
        times_out_in_an_exit,
        marks=pytest.mark.asyncio_only("asyncio.timeout is asyncio's"),
    ),
]


@pytest.mark.parametrize("way", WAYS)
async def test_no_reference_cycle_is_left(
    way: Callable[[Container], Awaitable[None]], container: Container
) -> None:
    """Of our own making: a second run of the same leaves no object of ours to the collector."""
    await way(container)  # what is imported, compiled and cached at first
    with collected() as left:
        for _ in range(3):  # a worker thread keeps what it did last
            await way(container)
    assert [repr(each)[:200] for each in left if _is_ours(each)] == []


@contextmanager
def collected() -> Iterator[list[Any]]:
    """Collects what became unreachable inside the block, and only that."""
    left: list[Any] = []
    gc.collect()
    gc.freeze()  # what is older, garbage or not, is not looked at
    gc.disable()
    try:
        yield left
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        left.extend(gc.garbage)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


def _is_ours(thing: object) -> bool:
    """Whatever is of the engine or of this module; loops leave some of their own."""
    module = getattr(type(thing), "__module__", "")
    code = getattr(thing, "gi_code", None) or getattr(thing, "f_code", None)
    file = getattr(code or getattr(thing, "ag_code", None), "co_filename", "")
    return (
        isinstance(thing, Value | Planned | RuntimeError)
        or module.startswith("tenure")
        or "tenure" in file
        or file == __file__
    )


@pytest.mark.asyncio_only("trio's own machinery leaves cycles")
@pytest.mark.parametrize("way", [returns, fails, fails_at_its_end, is_cancelled_by_task])
async def test_on_asyncio_not_a_single_object_is_left(
    way: Callable[[Container], Awaitable[None]], container: Container
) -> None:
    for _ in range(2):
        await way(container)
    with collected() as left:
        for _ in range(3):
            await way(container)
    assert [type(each).__name__ for each in left] == []


async def test_values_are_freed_as_soon_as_the_call_returns(container: Container) -> None:
    """A result may be kept; what helped to make it goes."""
    seen: list[weakref.ref[Value]] = []

    async def inner(narrow: Annotated[Value, Depends(narrow)]) -> AsyncIterator[Value]:
        yield Value()
        await anyio.lowlevel.checkpoint()

    async def use(
        narrow: Annotated[Value, Depends(narrow)], inner: Annotated[Value, Depends(inner)]
    ) -> Value:
        seen.extend((weakref.ref(narrow), weakref.ref(inner)))
        return Value()

    gc.disable()
    try:
        result = await container.call(use)
        assert type(result) is Value
        assert [each() for each in seen] == [None, None]
    finally:
        gc.enable()


async def test_an_exception_that_is_kept_does_not_keep_the_scope(container: Container) -> None:
    """Its traceback keeps the frames it went through, but no frame keeps the exception."""

    async def fails(
        narrow: Annotated[Value, Depends(narrow)],
        wide: Annotated[Value, Depends(narrow, scope="request")],
    ) -> None:
        await anyio.lowlevel.checkpoint()
        raise Planned

    try:
        await container.call(fails)
    except Planned as error:
        caught = weakref.ref(error)
        error.__traceback__ = None
    gc.disable()
    try:
        await anyio.lowlevel.checkpoint()
        assert caught() is None
    finally:
        gc.enable()
