"""The system can start no other thread: nothing is left open, and somebody is told."""

import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Annotated

import pytest

from tenure import Container, Depends
from tenure.life import threads
from tenure.life.iteration import Iteration
from tenure.life.workers import Pool

variable: ContextVar[str] = ContextVar("variable")
events: list[str] = []


@pytest.fixture(autouse=True)
def no_events() -> None:
    events.clear()


@pytest.fixture
def exhaust(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From when it is called, no thread can be had."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("can't start new thread")

    def begin() -> None:
        monkeypatch.setattr(Pool, "start", fail)
        monkeypatch.setattr(threads, "run_sync", fail)

    return begin


def outer() -> Iterator[str]:
    token = variable.set("outer")
    try:
        yield "outer"
    except Exception as error:
        events.append(f"outer: {error}")
        raise
    finally:
        variable.reset(token)
        events.append("close outer")


def inner(outer: Annotated[str, Depends(outer)]) -> Iterator[str]:
    token = variable.set("inner")
    try:
        yield outer
    except Exception as error:
        events.append(f"inner: {error}")
        raise
    finally:
        variable.reset(token)
        events.append("close inner")


async def test_exits_run_in_the_event_loop(
    container: Container, exhaust: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    async def main(_: Annotated[str, Depends(inner)]) -> None:
        exhaust()
        raise LookupError("failed")

    with pytest.raises(LookupError, match="failed"):
        await container.call(main)
    assert events == ["inner: failed", "close inner", "outer: failed", "close outer"]
    assert "no thread could be started" in caplog.text
    assert variable.get("nothing") == "nothing"


async def test_a_success_comes_out_as_what_went_wrong(
    container: Container, exhaust: Callable[[], None]
) -> None:
    """Whoever called is told, and so is each exit, which has run once."""

    async def main(_: Annotated[str, Depends(inner)]) -> None:
        exhaust()

    with pytest.raises(RuntimeError, match="can't start new thread"):
        await container.call(main)
    assert [each for each in events if each.startswith("close")] == ["close inner", "close outer"]


async def test_a_setup_fails(container: Container, exhaust: Callable[[], None]) -> None:
    async def first() -> str:
        exhaust()
        return "first"

    async def main(
        first: Annotated[str, Depends(first)], inner: Annotated[str, Depends(inner)]
    ) -> None:
        events.append("main")

    with pytest.raises(RuntimeError, match="can't start new thread"):
        await container.call(main)
    assert events == []


async def test_an_exit_that_fails_there(container: Container, exhaust: Callable[[], None]) -> None:
    def fails(outer: Annotated[str, Depends(outer)]) -> Iterator[str]:
        try:
            yield outer
        finally:
            events.append("close fails")
            raise ValueError("of the exit")

    async def main(_: Annotated[str, Depends(fails)]) -> None:
        exhaust()
        raise LookupError("failed")

    with pytest.raises(ValueError, match="of the exit") as caught:
        await container.call(main)
    assert isinstance(caught.value.__context__, LookupError)
    assert events == ["close fails", "outer: of the exit", "close outer"]


async def test_an_iteration_is_closed(exhaust: Callable[[], None]) -> None:
    def items() -> Iterator[int]:
        try:
            yield 1
            yield 2
        finally:
            events.append(f"close in {threading.current_thread().name}")

    iteration = Iteration(items())
    assert await anext(iteration) == 1
    exhaust()
    await iteration.close()
    assert events == [f"close in {threading.current_thread().name}"]
