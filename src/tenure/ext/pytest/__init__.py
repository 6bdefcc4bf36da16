"""A pytest plugin: applications, dependencies and what was left open, on the test's own loop.

Installed with the package under the name ``tenure``. In ``conftest.py``::

    client = client_fixture(app)
    session = dependency_fixture(get_session, container=app.container)

In a test::

    async def test_transfer(client, session, nothing_left_open):
        with app.container.override({get_clock: fixed_clock}):
            response = await client.post("/transfers", json=...)

Works under anyio's plugin and under pytest-asyncio, in either of its modes.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator, Mapping
from typing import Any

import pytest

from tenure.container import Container
from tenure.ext.pytest.leftovers import Leftovers
from tenure.ext.pytest.running import around, is_async, is_named
from tenure.ext.pytest.units import TestUnit

__all__ = [
    "client_fixture",
    "dependency_fixture",
    "nothing_left_open",
    "pytest_runtest_call",
]


def client_fixture(
    app: Callable[[Any, Any, Any], Awaitable[None]],
    *,
    overrides: Mapping[Callable[..., Any], Callable[..., Any]] | None = None,
    base_url: str = "http://testserver",
    **options: Any,
) -> Any:
    """A fixture: an ``httpx2.AsyncClient`` that talks to *app* without a network.

    The lifespan of *app* runs on the loop of the test, started before it and stopped after it.
    *overrides* hold for all of that, in the context of the test only. Exceptions that the
    application raises come out of the client. *options* are those of ``httpx2.AsyncClient``.
    Raises ``TypeError`` for *overrides* of an application that has no container.
    """
    container = getattr(app, "container", None)
    if overrides is not None and not isinstance(container, Container):
        raise TypeError(
            f"client_fixture was given overrides and {app!r}, which has no container.\n"
            "Hint: give it the tenure.web.App itself, not what is wrapped around it"
        )

    @contextlib.asynccontextmanager
    async def run() -> AsyncGenerator[Any]:
        import httpx2

        from tenure.ext.pytest.lifespans import RunningApplication

        with contextlib.ExitStack() as stack:
            if overrides is not None and container is not None:
                stack.enter_context(container.override(overrides))
            async with RunningApplication(app) as running:
                transport = httpx2.ASGITransport(app=running)
                async with httpx2.AsyncClient(
                    transport=transport, base_url=base_url, **options
                ) as client:
                    yield client

    @pytest.fixture
    def client(request: pytest.FixtureRequest) -> object:
        _require_async(request)
        return around(request.node).add(run)

    return client


def dependency_fixture(
    dependency: Callable[..., Any], *, container: Container | None = None
) -> Any:
    """A fixture: the value of *dependency*, opened for the test and closed after it.

    All such fixtures of one test that name the same *container* are one unit of work: they share
    what they depend on. A failure of the test is delivered at each ``yield``. A plain ``def``
    test is given the value as well, each opened by itself on a loop in another thread.
    """

    @pytest.fixture
    def value(request: pytest.FixtureRequest) -> Iterator[Any]:
        if is_async(request.node):
            _require_async(request)
            surroundings = around(request.node)
            unit = surroundings.units.setdefault(id(container), TestUnit(container))
            yield surroundings.add(lambda: unit.value(dependency))
            return
        from anyio.from_thread import start_blocking_portal

        opening = TestUnit(container).value(dependency)
        with (
            start_blocking_portal() as portal,
            portal.wrap_async_context_manager(opening) as opened,
        ):
            yield opened

    return value


@pytest.fixture
def nothing_left_open(request: pytest.FixtureRequest) -> None:
    """Fail the test if it leaves something open, and say what, and what it was opened for.

    Looks at what compiled plans hold: units of work that have not finished, ``container.scope``
    blocks and applications that were not left. It walks over all objects of the process, before
    the test and after it: some twenty milliseconds for each hundred thousand.
    """
    around(request.node).leftovers = Leftovers()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Enter what fixtures have asked for inside the test; look at what is left open after it."""
    surroundings = around(item)
    original: Any = getattr(item, "obj", None)
    if not is_async(item):
        result = yield
        surroundings.check()
        return result
    item.obj = surroundings.wrap(original)  # type: ignore[attr-defined]
    try:
        return (yield)
    finally:
        item.obj = original  # type: ignore[attr-defined]


def _require_async(request: pytest.FixtureRequest) -> None:
    """Fail the test where what the fixture stands for cannot be given to it."""
    name = request.fixturename
    if not is_async(request.node):
        pytest.fail(f"{name} needs an async test: write async def {request.node.name}(...)")
    if not is_named(request):
        pytest.fail(
            f"{name} is made in the test's own task, so the test itself has to ask for it, not "
            "only another fixture"
        )
