"""Which exits can wait for something: told from the code, and true in doubt."""

import contextlib
import functools
from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio
import pytest

from tenure import Container, Depends
from tenure.graph.suspension import exit_may_suspend


async def nothing() -> AsyncIterator[int]:
    yield 1


async def waits_before() -> AsyncIterator[int]:
    await anyio.lowlevel.checkpoint()
    try:
        yield 1
    finally:
        print("closed")


async def loops_before() -> AsyncIterator[int]:
    for _ in range(3):
        await anyio.lowlevel.checkpoint()
    yield 1
    for _ in range(3):
        print("closed")


async def waits_after() -> AsyncIterator[int]:
    yield 1
    await anyio.lowlevel.checkpoint()


async def waits_on_failure() -> AsyncIterator[int]:
    try:
        yield 1
    except LookupError:
        await anyio.lowlevel.checkpoint()
        raise


async def waits_around() -> AsyncIterator[int]:
    async with contextlib.AsyncExitStack():
        yield 1


async def iterates_after() -> AsyncIterator[int]:
    yield 1
    async for _ in nothing():
        print("one")


async def loops_around() -> AsyncIterator[int]:
    while True:
        await anyio.lowlevel.checkpoint()
        yield 1


async def yields_in_a_branch(flag: bool = True) -> AsyncIterator[int]:
    if flag:
        yield 1
    else:
        await anyio.lowlevel.checkpoint()
        yield 2


async def comes_back_in_a_condition() -> AsyncIterator[int]:
    is_open = False
    while not is_open:
        await anyio.lowlevel.checkpoint()
        is_open = True
        yield 1
        is_open = anyio.get_current_task().id == 0


async def yields_on_failure(flag: bool = True) -> AsyncIterator[int]:
    """Python puts the block of the ``except`` behind what follows it."""
    try:
        int("x" if flag else "1")
    except ValueError:
        yield 1
    await anyio.lowlevel.checkpoint()


class Holder:
    async def __call__(self) -> AsyncIterator[int]:
        yield 1

    async def method(self) -> AsyncIterator[int]:
        yield 1


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (nothing, False),
        (waits_before, False),
        (Holder().method, False),
        (waits_after, True),
        (waits_on_failure, True),
        (waits_around, True),
        (iterates_after, True),
        (loops_around, True),
        (yields_in_a_branch, True),
        (comes_back_in_a_condition, True),
        (yields_on_failure, True),
        (Holder(), True),
        (functools.partial(nothing), True),
        (contextlib.asynccontextmanager(nothing), True),
    ],
)
def test_what_the_code_tells(call: Any, expected: bool) -> None:
    assert exit_may_suspend(call) is expected


async def test_a_failure_is_delivered_to_exits_that_cannot_suspend() -> None:
    seen: list[str] = []

    async def plain() -> AsyncIterator[int]:
        try:
            yield 1
        except LookupError:
            seen.append("delivered")
            raise

    async def main(value: Annotated[int, Depends(plain)]) -> None:
        raise LookupError

    container = Container()
    assert "needs_shield" not in container.explain(main)
    with pytest.raises(LookupError):
        await container.call(main)
    with anyio.CancelScope(), pytest.raises(LookupError):
        await container.call(main)
    assert seen == ["delivered", "delivered"]


def test_a_loop_before_the_yield_may_be_taken_for_one_around_it() -> None:
    """In doubt it is yes: what it costs is a mark."""
    assert exit_may_suspend(loops_before) is True
