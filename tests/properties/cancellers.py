"""Cancelling as somebody else would: from outside of what runs, at a step that was counted."""

import asyncio
import contextvars
import threading
import types
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any

import trio

Canceller = Callable[[], object]


def runs_on_trio() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return True
    return False


def from_outside(call: Canceller) -> Canceller:
    """*call*, as somebody else would: on the loop, in a context that knows nothing of the run.

    Asked from a worker thread, the thread waits until it has happened.
    """
    outside = contextvars.copy_context()
    home = threading.current_thread()
    on_trio = runs_on_trio()
    if on_trio:
        token = trio.lowlevel.current_trio_token()
    else:
        loop = asyncio.get_running_loop()

    def cancel() -> None:
        if threading.current_thread() is home:
            if on_trio:
                call()
            else:
                loop.call_soon(call, context=outside)
            return
        done = threading.Event()

        def called() -> None:
            call()
            done.set()

        if on_trio:
            token.run_sync_soon(called)
        else:
            loop.call_soon_threadsafe(called, context=outside)
        done.wait(10)

    return cancel


async def in_own_task(
    work: Callable[[], Awaitable[None]], take: Callable[[Canceller], None]
) -> "asyncio.Task[None]":
    """The task in which *work* has run; *take* is given what cancels it before it begins."""

    async def run() -> None:
        task = asyncio.current_task()
        assert task is not None
        take(from_outside(task.cancel))
        await work()

    task = asyncio.ensure_future(run())
    await asyncio.wait([task])
    return task


@types.coroutine
def counting_suspensions(
    coroutine: Coroutine[Any, Any, Any], on_suspension: Callable[[], None]
) -> Generator[Any, Any, Any]:
    """Run *coroutine*, and say so each time that it is about to suspend."""
    resume, argument = coroutine.send, None
    while True:
        try:
            waiting = resume(argument)
        except StopIteration as stop:
            return stop.value
        on_suspension()
        try:
            argument = yield waiting
        except GeneratorExit:
            coroutine.close()
            raise
        except BaseException as error:
            resume, argument = coroutine.throw, error
        else:
            resume = coroutine.send
