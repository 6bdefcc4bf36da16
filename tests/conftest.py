"""Fixtures of all tests: the event loops that async tests run on, the services they need."""

import asyncio
import gc
import sys
from collections.abc import Callable
from typing import Any

import hypothesis  # noqa: F401 - see pytest_collection_finish
import pytest

from tests.services import require_service as _require_service


def _eager_event_loop() -> asyncio.AbstractEventLoop:
    """Make a loop whose tasks start to run while they are being created."""
    loop = asyncio.new_event_loop()
    if sys.version_info >= (3, 12):
        loop.set_task_factory(asyncio.eager_task_factory)
    return loop


# What a test's id says, and what anyio's pytest plugin makes the loop from.
BACKENDS: dict[str, tuple[str, dict[str, Any]]] = {"asyncio": ("asyncio", {})}
if sys.platform != "win32":
    BACKENDS["uvloop"] = ("asyncio", {"use_uvloop": True})
if sys.version_info >= (3, 12):
    BACKENDS["eager"] = ("asyncio", {"loop_factory": _eager_event_loop})
BACKENDS["trio"] = ("trio", {})


@pytest.fixture(scope="module", params=list(BACKENDS.values()), ids=list(BACKENDS))
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """The event loop under an async test: asyncio, uvloop, asyncio with eager tasks, trio.

    Every `async def` test runs once on each. A test that can only run on asyncio is marked
    `asyncio_only("why")`; one that needs a single loop overrides this fixture.
    """
    return request.param


@pytest.fixture(name="require_service")
def require_service_fixture() -> Callable[[str], tuple[str, int]]:
    """Ask for "postgresql", "redis", "rabbitmq" or "nats"; see `tests.services`."""
    return _require_service


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the runs on trio of what is marked `asyncio_only`."""
    left_out = [
        item for item in items if item.get_closest_marker("asyncio_only") and _on_trio(item)
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish() -> None:
    """Spare the garbage collector thousands of collected tests, which live until the end.

    Many tests collect garbage, and each time it would look at all of them. Hypothesis has to be
    imported before, since it asks the collector who refers to the generators that it seeds.
    """
    gc.freeze()


def _on_trio(item: pytest.Item) -> bool:
    callspec = getattr(item, "callspec", None)  # there where a test has parameters
    return callspec is not None and callspec.params.get("anyio_backend") == BACKENDS["trio"]
