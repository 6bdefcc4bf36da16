"""Dependencies whose exits take their time, for the tests that cancel them meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import anyio
import pytest

from tenure import Depends

native = pytest.mark.asyncio_only("tasks of trio cannot be cancelled alone")

events: list[str] = []


def slow(name: str, *, awaits: int = 3) -> Callable[..., Any]:
    """A dependency whose exit suspends several times."""

    async def generator() -> AsyncIterator[None]:
        try:
            yield
        except BaseException as error:
            events.append(f"{name}: {type(error).__name__}")
            raise
        finally:
            for number in range(awaits):
                events.append(f"{name} {number}")
                await anyio.lowlevel.checkpoint()
            events.append(f"{name} closed")

    return generator


def in_thread(name: str) -> Callable[..., Any]:
    def generator() -> Iterator[None]:
        try:
            yield
        finally:
            events.append(f"{name} closed")

    return generator


First = Annotated[None, Depends(slow("first"))]
Second = Annotated[None, Depends(in_thread("second"))]
Third = Annotated[None, Depends(slow("third"))]


async def waits(started: anyio.Event, first: First, second: Second, third: Third) -> None:
    started.set()
    await anyio.sleep_forever()


CLOSED = ["third closed", "second closed", "first closed"]


def closed() -> list[str]:
    return [event for event in events if event.endswith("closed")]


async def cancelled_times(task: asyncio.Future[Any], times: int) -> None:
    """Cancel again and again while the exits run, one turn of the loop apart."""
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()
