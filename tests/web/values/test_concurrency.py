"""Context managers entered and exited in worker threads."""

import threading
from contextlib import contextmanager

import anyio
import pytest

from tenure.web.concurrency import contextmanager_in_threadpool


@contextmanager
def recorded(log, *, swallows=False):
    log.append(("+", threading.current_thread() is threading.main_thread()))
    try:
        yield "value"
    except KeyError as error:
        log.append(("!", error.args[0]))
        if not swallows:
            raise
    finally:
        log.append(("-", threading.current_thread() is threading.main_thread()))


async def test_it_is_entered_and_exited_off_the_loop():
    log: list = []
    async with contextmanager_in_threadpool(recorded(log)) as value:
        assert value == "value"
    assert log == [("+", False), ("-", False)]


async def test_it_sees_the_exception_and_may_swallow_it():
    log: list = []
    with pytest.raises(KeyError):
        async with contextmanager_in_threadpool(recorded(log)):
            raise KeyError("k")
    async with contextmanager_in_threadpool(recorded(log, swallows=True)):
        raise KeyError("k")
    assert log == [("+", False), ("!", "k"), ("-", False)] * 2


async def test_it_is_exited_when_the_body_is_cancelled():
    log: list = []
    with anyio.CancelScope() as cancelled:
        async with contextmanager_in_threadpool(recorded(log)):
            cancelled.cancel()
            await anyio.sleep_forever()
    assert log == [("+", False), ("-", False)]


async def test_its_exit_waits_for_no_thread_of_the_pool():
    limiter = anyio.to_thread.current_default_thread_limiter()
    log: list = []
    async with contextmanager_in_threadpool(recorded(log)):
        taken = [object() for _ in range(int(limiter.available_tokens))]
        for each in taken:
            limiter.acquire_on_behalf_of_nowait(each)
    for each in taken:
        limiter.release_on_behalf_of(each)
    assert log == [("+", False), ("-", False)]
