"""What the contenders of the engine's comparison promise for their time, found out by trying.

A graph of one async generator, whose exit has to wait, is brought into trouble in three ways.
Nothing here is timed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import anyio

from benchmarks.engine import builders
from benchmarks.graphs import Graph, Node
from benchmarks.harness import Batch

__all__ = ["QUESTIONS", "Kept", "find_out"]

Build = Callable[[Graph], Batch]

PATIENCE = 5  # seconds

# It has no generators that could be brought into trouble.
WITHOUT = ("inlined try/finally",)

QUESTIONS = (
    "a failure is delivered at the yield, and comes out as itself",
    "an exit finishes although its task is cancelled",
    "an exit finishes in a cancelled scope of anyio",
)


@dataclass(frozen=True, slots=True)
class Kept:
    """Which of ``QUESTIONS`` a contender answers with yes, in their order."""

    name: str
    answers: tuple[bool, ...]


class _Trouble:
    """A graph whose root does *work*, and the events of its generator."""

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        self.events: list[str] = []
        self.is_closing = asyncio.Event()
        self.may_close = asyncio.Event()
        events, is_closing, may_close = self.events, self.is_closing, self.may_close

        async def open_connection():
            try:
                yield "connection"
            except LookupError:
                events.append("failure")
                raise
            finally:
                is_closing.set()
                await may_close.wait()
                events.append("closed")

        async def handle(connection):
            await work()
            return connection

        opened = Node("open_connection", "async generator", open_connection)
        root = Node("handle", "coroutine", handle, {"connection": opened})
        self.graph = Graph((opened, root), "connection", (), events.append)


def find_out() -> list[Kept]:
    """Ask every contender everything."""
    asked = (_delivers, _finishes_when_cancelled, _finishes_in_cancelled_scope)
    return [
        Kept(name, tuple(asyncio.run(_answer(question, build)) for question in asked))
        for name, build in builders("one async generator").items()
        if name not in WITHOUT
    ]


async def _answer(question: Callable[[Build], Awaitable[bool]], build: Build) -> bool:
    """No, also where an exit does not run at all and would be waited for without end."""
    try:
        return await asyncio.wait_for(question(build), PATIENCE)
    except TimeoutError:
        return False


async def _delivers(build: Build) -> bool:
    async def fail() -> None:
        raise LookupError

    trouble = _Trouble(fail)
    trouble.may_close.set()
    try:
        await build(trouble.graph)(1)
    except LookupError:
        return trouble.events == ["failure", "closed"]
    except BaseException:
        return False
    return False


async def _finishes_when_cancelled(build: Build) -> bool:
    trouble = _Trouble(_nothing)
    task: asyncio.Task[Any] = asyncio.create_task(_run(build(trouble.graph)))
    await trouble.is_closing.wait()
    task.cancel()
    # The exit goes on once the cancellation has arrived wherever it arrives.
    asyncio.get_running_loop().call_soon(trouble.may_close.set)
    with suppress(asyncio.CancelledError):
        await task
    return trouble.events == ["closed"]


async def _finishes_in_cancelled_scope(build: Build) -> bool:
    scope = anyio.CancelScope()

    async def be_cancelled() -> None:
        scope.cancel()
        await anyio.lowlevel.checkpoint()

    trouble = _Trouble(be_cancelled)

    async def allow() -> None:
        await trouble.is_closing.wait()
        await _turns()
        trouble.may_close.set()

    allowing = asyncio.create_task(allow())
    with scope:
        await _run(build(trouble.graph))
    await allowing
    return trouble.events == ["closed"]


async def _run(batch: Batch) -> None:
    await batch(1)


async def _nothing() -> None:
    """The root has nothing to do."""


async def _turns() -> None:
    """Let the loop deliver what it has to deliver."""
    loop = asyncio.get_running_loop()
    for _ in range(5):
        turned = loop.create_future()
        loop.call_soon(turned.set_result, None)
        await turned
