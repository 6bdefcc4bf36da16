"""The observer for production: what it logs, and what it knows."""

import logging
from collections.abc import AsyncIterator
from typing import Annotated

import anyio
import pytest

from tenure import Container, Depends
from tenure.observe import Watch


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def get_session() -> AsyncIterator[str]:
    yield "session"


Session = Annotated[str, Depends(get_session)]


async def test_what_is_open_is_known_until_it_is_closed(container: Container) -> None:
    clock = Clock()
    watch = Watch(slow=5, clock=clock)

    async def work(session: Session) -> None:
        clock.now = 7
        [each] = watch.open()
        assert (each.event.name, each.seconds, each.is_idle) == ("get_session", 7, True)
        assert str(each).startswith(f"get_session ({each.event.place}) open for 7.000 s, in unit")
        assert str(each).endswith(" of work")
        assert watch.stuck() == []  # it is used, not stuck

    with container.observe(watch):
        await container.call(work)
    assert watch.open() == []


async def test_what_hangs_is_stuck(container: Container, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    watch = Watch(slow=5, clock=clock)
    begun = anyio.Event()

    async def hangs(session: Session) -> None:
        begun.set()
        await anyio.sleep_forever()

    async def work(value: Annotated[None, Depends(hangs)]) -> None: ...

    with container.observe(watch):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(container.call, work)
            await begun.wait()
            assert watch.stuck() == []
            clock.now = 5
            assert [each.event.name for each in watch.stuck()] == ["hangs"]
            watch.log_stuck()
            tasks.cancel_scope.cancel()
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith("stuck: hangs (")
    assert "opening for 5.000 s, in unit" in record.getMessage()
    assert watch.open() == []


async def test_what_is_slow_is_logged(
    container: Container, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails(session: Session) -> None:
        raise LookupError

    async def work(value: Annotated[None, Depends(fails)]) -> None: ...

    logger = logging.getLogger("a.logger")
    with container.observe(Watch(slow=0, logger=logger)), pytest.raises(LookupError):
        await container.call(work)
    messages = [record.getMessage() for record in caplog.records if record.name == "a.logger"]
    assert any(f"fails ({__file__}" in each and "LookupError" in each for each in messages)
    assert any("get_session" in each and "has taken to close" in each for each in messages)


async def test_what_is_quick_is_not_logged(
    container: Container, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(session: Session) -> None: ...

    with container.observe(Watch(slow=60)):
        await container.call(work)
    assert not caplog.records
