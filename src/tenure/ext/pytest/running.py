"""What surrounds one test: entered and left inside the test's own task, whichever plugin runs it.

Fixtures only note what they need. The test function is called by a coroutine of ours, which enters
it all on the test's loop and puts the values in the place of what the fixtures have returned. So
context variables, cancel scopes and loops are those of the test, under anyio's plugin and under
pytest-asyncio alike.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

import pytest

from tenure.ext.pytest.leftovers import Leftovers
from tenure.ext.pytest.units import TestUnit

__all__ = ["Around", "around", "is_async", "is_named"]


class Around:
    """What one test needs around it."""

    def __init__(self) -> None:
        self.leftovers: Leftovers | None = None
        """Finds what the test has left open, if that is wanted."""
        self.units: dict[int, TestUnit] = {}
        """The units of work of the test, by the identity of their container."""
        self._managers: list[tuple[object, Callable[[], AbstractAsyncContextManager[Any]]]] = []

    def add(self, make: Callable[[], AbstractAsyncContextManager[Any]]) -> object:
        """Enter what *make* returns, in the order of the calls; stands for the value until then."""
        stand_in = object()
        self._managers.append((stand_in, make))
        return stand_in

    def wrap(self, test: Callable[..., Any]) -> Callable[..., Any]:
        """The async *test* with all of this around it."""

        @functools.wraps(test)
        async def run(*args: Any, **keywords: Any) -> None:
            async with AsyncExitStack() as stack:
                values: dict[int, Any] = {}
                for stand_in, make in self._managers:
                    values[id(stand_in)] = await stack.enter_async_context(make())
                given = {name: values.get(id(each), each) for name, each in keywords.items()}
                await test(*args, **given)
            self.check()

        return run

    def check(self) -> None:
        """Fail the test if it has left something open, where that is looked at."""
        if self.leftovers is not None:
            self.leftovers.check()


_KEY = pytest.StashKey[Around]()


def around(item: pytest.Item) -> Around:
    """What surrounds the test *item*."""
    return item.stash.setdefault(_KEY, Around())


def is_async(item: pytest.Item) -> bool:
    """Whether the test is an ``async def`` function."""
    return inspect.iscoroutinefunction(getattr(item, "obj", None))


def is_named(request: pytest.FixtureRequest) -> bool:
    """Whether the test itself asks for the fixture, which is what values are given to."""
    info = getattr(request.node, "_fixtureinfo", None)
    return info is not None and request.fixturename in info.argnames
