"""``run`` and ``inject``: functions with dependencies without a loop, and for frameworks."""

import inspect
import typing
from collections.abc import AsyncIterator
from typing import Annotated

import anyio
import pytest

from tenure import Container, Depends, GraphError, TenureError
from tests.conftest import BACKENDS

events: list[str] = []


@pytest.fixture(autouse=True)
def no_events() -> None:
    events.clear()


async def get_pool() -> AsyncIterator[str]:
    events.append("pool opens")
    yield "pool"
    events.append("pool closes")


async def get_session(pool: Annotated[str, Depends(get_pool, scope="app")]) -> AsyncIterator[str]:
    yield f"session of {pool}"


async def report(month: int, session: Annotated[str, Depends(get_session)]) -> str:
    return f"{month}: {session}"


@pytest.mark.parametrize("backend", ["asyncio", "uvloop", "trio"])
def test_each_run_is_an_application(backend: str) -> None:
    name, options = BACKENDS[backend]
    container = Container(backend=name, backend_options=options)
    for month in (1, 2):
        assert container.run(report, month=month) == f"{month}: session of pool"
    assert events == ["pool opens", "pool closes"] * 2


def test_a_plain_function_runs_too(container: Container) -> None:
    def plain(pool: Annotated[str, Depends(get_pool, scope="app")]) -> str:
        return pool

    assert container.run(plain) == "pool"


async def test_inside_a_running_loop_it_is_said_what_to_write(container: Container) -> None:
    with pytest.raises(TenureError, match=r"await container\.call"):
        container.run(report, month=1)


def test_runs_in_several_threads_at_once(container: Container) -> None:
    import concurrent.futures

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda month: container.run(report, month=month), range(8)))
    assert results == [f"{month}: session of pool" for month in range(8)]
    assert events.count("pool closes") == 8


def command(
    session: Annotated[str, Depends(get_session)],
    month: int,
    pool: Annotated[str, Depends(get_pool, scope="app")],
    *,
    verbose: bool = False,
) -> str:
    """Make a report."""
    return f"{month} {session} {verbose}"


def test_only_ordinary_parameters_remain(container: Container) -> None:
    injected = container.inject(command)
    assert str(inspect.signature(injected)) == "(month: int, *, verbose: bool = False) -> str"
    assert typing.get_type_hints(injected) == {"month": int, "verbose": bool, "return": str}
    assert injected.__name__ == "command"
    assert injected.__doc__ == "Make a report."
    assert injected(3) == "3 session of pool False"
    assert injected(month=4, verbose=True) == "4 session of pool True"
    with pytest.raises(TypeError, match="month"):
        injected()


async def test_an_async_function_stays_one(container: Container) -> None:
    injected = container.inject(report)
    assert inspect.iscoroutinefunction(injected)
    assert str(inspect.signature(injected)) == "(month: int) -> str"
    async with container:
        assert events == ["pool opens"]  # known, so set up when the application starts
        assert await injected(5) == "5: session of pool"


def test_methods_can_be_injected() -> None:
    container = Container()

    class Worker:
        name = "worker"

        @container.inject
        def work(self, times: int, session: Annotated[str, Depends(get_session)]) -> str:
            return f"{self.name} {times} {session}"

    assert Worker().work(2) == "worker 2 session of pool"


def test_a_default_before_what_has_none() -> None:
    def odd(
        month: int = 1,
        session: str = Depends(get_session),
        year: int = Depends(lambda: 2000),
        *,
        day: int,
    ) -> tuple[int, str, int, int]:
        return month, session, year, day

    injected = Container().inject(odd)
    assert injected(day=3) == (1, "session of pool", 2000, 3)


def test_mistakes_are_found_where_the_function_is_declared(container: Container) -> None:
    def wrong(thing: Annotated[str, Depends()], other: Annotated[int, Depends(3)]) -> None: ...

    with pytest.raises(GraphError):
        container.inject(wrong)

    def yields(pool: Annotated[str, Depends(get_pool, scope="app")]) -> typing.Iterator[None]:
        yield

    with pytest.raises(GraphError, match="yields"):
        container.inject(yields)


def test_it_can_be_overridden() -> None:
    container = Container()
    injected = container.inject(command)
    with container.override({get_session: lambda: "fake"}):
        assert injected(1) == "1 fake False"
    assert injected(1) == "1 session of pool False"
    assert anyio.run(container.call, lambda: 1) == 1
