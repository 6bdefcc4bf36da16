"""What the tests of limits share: dependencies that count how many of them are alive."""

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import anyio
import anyio.lowlevel

from tenure.graph.markers import Limit
from tenure.life import limits


def is_anything_left() -> bool:
    """Whether somebody holds a slot, or waits for one."""
    lines = limits._lines.values()
    return bool(limits._at_work) or any(line.holdings or line.waits for line in lines)


class Count:
    """How many are alive: the oracle."""

    def __init__(self) -> None:
        self.alive = 0
        self.most = 0
        self.total = 0
        self._lock = threading.Lock()

    def enter(self) -> None:
        with self._lock:
            self.alive += 1
            self.total += 1
            self.most = max(self.most, self.alive)

    def leave(self) -> None:
        with self._lock:
            self.alive -= 1


def async_generator(count: Count) -> Callable[..., Any]:
    async def opened() -> AsyncIterator[int]:
        count.enter()
        try:
            await anyio.lowlevel.checkpoint()
            yield count.alive
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.lowlevel.checkpoint()
            count.leave()

    return opened


def generator(count: Count) -> Callable[..., Any]:
    def opened() -> Iterator[int]:
        count.enter()
        try:
            yield count.alive
        finally:
            count.leave()

    return opened


def coroutine(count: Count) -> Callable[..., Any]:
    async def called() -> int:
        count.enter()
        try:
            await anyio.lowlevel.checkpoint()
            return count.alive
        finally:
            count.leave()

    return called


def function(count: Count) -> Callable[..., Any]:
    def called() -> int:
        count.enter()
        try:
            return count.alive
        finally:
            count.leave()

    return called


async def together(number: int, call: Callable[[], Any]) -> None:
    async with anyio.create_task_group() as group:
        for _ in range(number):
            group.start_soon(call)


class Named:
    """What takes slots in the tests that need no more than that."""

    is_async, in_thread, indirect, opens, place = True, False, False, True, "somewhere:1"
    exit_timeout = None

    def __init__(self, name: str, limit: Limit) -> None:
        self.name = name
        self.limit = limit
