"""An exit that hangs is named, and neither keeps the other exits nor the caller."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import nullcontext, suppress
from typing import Annotated, Any

import anyio
import pytest

from tenure import Container, Depends, ExitTimeoutError

from .support import place_of

events: list[str] = []
SOON = 0.02


@pytest.fixture(autouse=True)
def no_events() -> None:
    events.clear()


async def outer() -> AsyncIterator[str]:
    try:
        yield "outer"
    except BaseException as error:
        events.append(f"outer sees {type(error).__name__}")
        raise
    finally:
        await anyio.lowlevel.checkpoint()
        events.append("close outer")


async def hangs() -> AsyncIterator[str]:
    try:
        yield "hangs"
    finally:
        events.append("hangs leaves")
        try:
            await anyio.Event().wait()
        finally:
            events.append("hangs has left")


@pytest.mark.parametrize("how", ["returns", "raises"])
async def test_an_exit_that_hangs_is_cancelled_and_named(
    how: str, container: Container, caplog: pytest.LogCaptureFixture
) -> None:
    async def main(
        outer: Annotated[str, Depends(outer)],
        hangs: Annotated[str, Depends(hangs, exit_timeout=SOON)],
    ) -> None:
        if how == "raises":
            raise LookupError

    with anyio.fail_after(10), pytest.raises(ExitTimeoutError) as caught:
        await container.call(main)
    assert f"hangs ({place_of(hangs)}) was not over within 0.02 seconds" in str(caught.value)
    assert "exit_timeout" in str(caught.value)
    assert events == [
        "hangs leaves",
        "hangs has left",
        "outer sees ExitTimeoutError",
        "close outer",
    ]
    [record] = caplog.records
    assert (record.name, record.levelno) == ("tenure", logging.ERROR)
    assert "hangs (" in record.getMessage()
    if how == "raises":  # nothing is lost
        assert _is_behind(caught.value, LookupError)


def _is_behind(error: BaseException | None, kind: type[BaseException]) -> bool:
    while error is not None:
        if isinstance(error, kind):
            return True
        error = error.__cause__ or error.__context__
    return False


async def test_an_exit_in_time_is_let_alone(container: Container) -> None:
    async def suspends() -> AsyncIterator[None]:
        yield
        await anyio.lowlevel.checkpoint()
        events.append("done")

    async def main(value: Annotated[None, Depends(suspends, exit_timeout=10)]) -> str:
        return "result"

    assert await container.call(main) == "result"
    assert events == ["done"]


@pytest.mark.asyncio_only("trio cancels for good")
@pytest.mark.parametrize("holds", [False, True])
async def test_one_that_goes_on_waiting_is_left_alone(holds: bool, container: Container) -> None:
    """It may be inside of cancel scopes of its own, which then keep nobody."""

    async def stubborn() -> AsyncIterator[None]:
        with anyio.CancelScope() if holds else nullcontext():
            yield
            with anyio.CancelScope():
                while True:
                    with suppress(asyncio.CancelledError):
                        await asyncio.Event().wait()
                    events.append("goes on")

    async def main(
        outer: Annotated[str, Depends(outer)],
        stubborn: Annotated[None, Depends(stubborn, exit_timeout=SOON)],
    ) -> None: ...

    with anyio.fail_after(10), pytest.raises(ExitTimeoutError, match="abandoned where it hangs"):
        await container.call(main)
    assert events[0] == "goes on"
    assert events[-2:] == ["outer sees ExitTimeoutError", "close outer"]


@pytest.mark.parametrize("concurrent", [False, True])
@pytest.mark.parametrize("how", ["returns", "raises"])
async def test_one_that_keeps_quiet_about_it_is_named_all_the_same(
    how: str, concurrent: bool, container: Container, caplog: pytest.LogCaptureFixture
) -> None:
    """What it had to do may not be done, so the caller is not told that all is well."""

    async def quiet() -> AsyncIterator[None]:
        with suppress(BaseException):
            yield
        with suppress(BaseException):
            await anyio.Event().wait()
        events.append("quiet")

    async def main(
        outer: Annotated[str, Depends(outer, concurrent=concurrent)],
        value: Annotated[None, Depends(quiet, exit_timeout=SOON, concurrent=concurrent)],
    ) -> str:
        if how == "raises":
            raise LookupError
        return "result"

    with anyio.fail_after(10), pytest.raises(ExitTimeoutError, match="quiet") as caught:
        await container.call(main)
    assert events == ["quiet", "outer sees ExitTimeoutError", "close outer"]
    assert ["quiet" in record.getMessage() for record in caplog.records] == [True]
    if how == "raises":
        assert _is_behind(caught.value, LookupError)


async def test_each_that_hangs_has_its_own_time(
    container: Container, caplog: pytest.LogCaptureFixture
) -> None:
    Hangs = Annotated[str, Depends(hangs, exit_timeout=SOON)]  # noqa: N806

    async def between(hangs: Hangs) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await anyio.lowlevel.checkpoint()
            events.append("close between")

    async def stays(between: Annotated[None, Depends(between)]) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await anyio.sleep_forever()

    async def main(
        outer: Annotated[str, Depends(outer)],
        stays: Annotated[None, Depends(stays, exit_timeout=SOON)],
    ) -> None: ...

    with anyio.fail_after(10), pytest.raises(ExitTimeoutError, match="exit of hangs ") as caught:
        await container.call(main)
    assert events == [
        "close between",
        "hangs leaves",
        "hangs has left",
        "outer sees ExitTimeoutError",
        "close outer",
    ]
    first, second = [record.getMessage() for record in caplog.records]
    assert place_of(stays) in first
    assert place_of(hangs) in second
    assert _is_behind(caught.value.__cause__, ExitTimeoutError)


async def test_one_that_makes_another_error_of_it_raises_that(container: Container) -> None:
    async def fails() -> AsyncIterator[None]:
        yield
        try:
            await anyio.Event().wait()
        except BaseException:
            raise LookupError from None

    async def main(
        outer: Annotated[str, Depends(outer)],
        value: Annotated[None, Depends(fails, exit_timeout=SOON)],
    ) -> None: ...

    with anyio.fail_after(10), pytest.raises(LookupError):
        await container.call(main)
    assert events == ["outer sees LookupError", "close outer"]


@pytest.mark.asyncio_only("a thread cannot be left alone on trio")
@pytest.mark.parametrize("how", ["returns", "raises"])
@pytest.mark.parametrize("root", ["async", "def"])
async def test_a_thread_that_hangs_is_left_alone(
    how: str, root: str, container: Container, caplog: pytest.LogCaptureFixture
) -> None:
    go_on, is_over = threading.Event(), threading.Event()

    def plain_outer() -> Iterator[None]:
        try:
            yield
        finally:
            events.append(f"close plain outer in {threading.get_ident() != hanging[0]}")

    hanging: list[int] = []

    def plain_hangs(outer: Annotated[None, Depends(plain_outer)]) -> Iterator[None]:
        try:
            yield
        finally:
            hanging.append(threading.get_ident())
            go_on.wait(10)
            is_over.set()

    def finish() -> None:
        if how == "raises":
            raise LookupError

    async def async_main(value: Annotated[None, Depends(plain_hangs, exit_timeout=SOON)]) -> None:
        finish()

    def def_main(value: Annotated[None, Depends(plain_hangs, exit_timeout=SOON)]) -> None:
        finish()

    main: Callable[..., Any] = async_main if root == "async" else def_main
    with anyio.fail_after(10), pytest.raises(ExitTimeoutError, match="plain_hangs"):
        await container.call(main)
    assert events == ["close plain outer in True"]
    assert [record.name for record in caplog.records] == ["tenure"]
    go_on.set()
    assert is_over.wait(10)
    with anyio.fail_after(10):  # the thread ends without another exit
        await container.call(settle)
    assert events == ["close plain outer in True"]


def settle() -> None: ...


async def test_the_time_of_the_container_holds_where_nothing_is_declared() -> None:
    async def main(hangs: Annotated[str, Depends(hangs)]) -> None: ...

    with anyio.fail_after(10), pytest.raises(ExitTimeoutError):
        await Container(exit_timeout=SOON).call(main)


async def test_in_a_group_of_concurrent_ones(container: Container) -> None:
    async def main(
        outer: Annotated[str, Depends(outer, concurrent=True)],
        hangs: Annotated[str, Depends(hangs, concurrent=True, exit_timeout=SOON)],
    ) -> None: ...

    with anyio.fail_after(10), pytest.raises(ExitTimeoutError):
        await container.call(main)
    assert events[-2:] == ["outer sees ExitTimeoutError", "close outer"]


async def test_the_application_scope_ends_all_the_same() -> None:
    async def main(
        outer: Annotated[str, Depends(outer, scope="app")],
        hangs: Annotated[str, Depends(hangs, scope="app", exit_timeout=SOON)],
    ) -> None: ...

    with anyio.fail_after(10), pytest.raises(ExitTimeoutError):
        async with Container() as container:
            await container.call(main)
    assert "close outer" in events


@pytest.mark.parametrize("wrong", [0, -2, True, "1"])
def test_a_time_that_is_none_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="exit_timeout must be a positive number"):
        Depends(outer, exit_timeout=wrong)
    with pytest.raises(ValueError, match="exit_timeout must be a positive number"):
        Container(exit_timeout=wrong)


@pytest.mark.xfail(strict=True, reason="only the scope around all can be cancelled")
@pytest.mark.parametrize("anyio_backend", ["trio"])
async def test_exits_after_one_that_hangs_in_a_unit_kept_open_can_wait(
    anyio_backend: str, container: Container
) -> None:
    async def main(
        outer: Annotated[str, Depends(outer)],
        hangs: Annotated[str, Depends(hangs, exit_timeout=SOON)],
    ) -> None: ...

    with anyio.fail_after(10), pytest.raises(ExitTimeoutError):
        async with container.scope() as unit:
            await unit.call(main)
    assert events[-1] == "close outer"
