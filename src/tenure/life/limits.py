"""How many of a dependency are alive: ``max_concurrency``.

Counted for the whole process, whichever thread and event loop the units of work are on. Who comes
when all slots are taken queues up, and is handed one in the order of coming. Before anybody waits,
it is made sure that the waiting can end (``life.waiting``).

One lock guards all lines. It is held for a few lookups and never waited for by who gives back:
that may be the garbage collector, in the middle of anything. What it could not do is left in
``_notices``, for whoever has the lock.
"""

from __future__ import annotations

import asyncio
from asyncio import _get_running_loop
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import Any, Final, Protocol
from weakref import WeakKeyDictionary

import anyio
from anyio.lowlevel import current_token

from tenure.life.exits import awaitable_of
from tenure.life.scope import Resource, Scope
from tenure.life.threads import in_thread
from tenure.life.waiting import Holding, Line, Unit, Wait, stuck

__all__ = ["Slot", "begin", "call_limited", "take_slot", "working_in"]


class _Limit(Protocol):
    """What is counted: told apart by identity."""

    @property
    def max_concurrency(self) -> int: ...


_lock: Final = Lock()
_lines: Final[WeakKeyDictionary[Any, Line]] = WeakKeyDictionary()
_at_work: Final[dict[Any, dict[Unit, int]]] = {}
"""By task, the units of work that hold or wait for something in it, and how often."""
_notices: Final[deque[Callable[[], None]]] = deque()
"""What is to be done by whoever has the lock."""


async def take_slot(scope: Scope, resource: Resource) -> Slot:
    """Wait for one of the slots of *resource*, which its exit gives back.

    Raises ``LimitError`` at once where the waiting could not end.
    """
    return Slot(await _take(scope, resource, is_call=False))


async def call_limited(
    scope: Scope, resource: Resource, call: Callable[[], Any], waits: bool, /
) -> Any:
    """Make the call of *resource* when there is a slot, which is given back when it returns."""
    slot = Slot(await _take(scope, resource, is_call=True))
    try:
        if resource.in_thread:
            return await in_thread(scope, call, waits)
        returned = call()
        if not resource.is_async:
            return returned
        return await (awaitable_of(returned, resource) if resource.indirect else returned)
    finally:
        slot.give_back()


class Slot:
    """A slot that was taken; for the unit of work an async generator that is open."""

    __slots__ = ("_holding", "ag_frame")

    def __init__(self, holding: Holding) -> None:
        self._holding: Holding | None = holding
        self.ag_frame: object | None = self
        """As a generator's: None when its exit is over (``shield.exiting``)."""

    def give_back(self) -> None:
        """Let the next one have it; not more than once."""
        holding, self._holding, self.ag_frame = self._holding, None, None
        if holding is not None:
            _notices.append(partial(_release, holding))
            _settle()

    __del__ = give_back  # of a unit of work that was dropped in the middle, or whose loop is gone

    async def __anext__(self) -> None:
        """The exit after success."""
        self.give_back()
        raise StopAsyncIteration

    async def athrow(self, failure: BaseException) -> None:
        """The exit after *failure*, which it hands on."""
        self.give_back()
        try:
            raise failure
        finally:
            del failure


def begin(scope: Scope) -> None:
    """Note what is around a unit of work that will take slots in tasks of their own."""
    unit = scope.unit = scope.unit or Unit()
    task = _current_task()
    with _locked():
        unit.begin(task, _at_work.get(task, ()))


@contextmanager
def working_in(unit: Unit | None) -> Generator[None]:
    """In the task that is running, *unit* does a part of its work."""
    if unit is None:
        yield
        return
    task = _current_task()
    with _locked():
        _enter_work(task, unit)
    try:
        yield
    finally:
        _notices.append(partial(_leave_work, task, unit))
        _settle()


async def _take(scope: Scope, resource: Resource, *, is_call: bool) -> Holding:
    unit = scope.unit = scope.unit or Unit()
    task = _current_task()
    with _locked():
        line = _line_of(resource.limit)
        unit.begin(task, _at_work.get(task, ()))
        _enter_work(task, unit)
        holding = Holding(line, unit, resource, task, is_call)
        if len(line.holdings) < line.size:
            line.holdings.add(holding)
            return holding
        free = anyio.Event()
        wait = Wait(holding, _at_work.get(task, ()), _waker(free))
        wait.enter()
        error = stuck(wait)
        if error is not None:
            _drop(wait)
            try:
                raise error
            finally:
                del error
    waiting = free.wait()
    if scope.observed is not None:
        waiting = scope.observed.waiting(resource, waiting)
    try:
        await waiting
    except BaseException:
        _notices.append(partial(_give_up, wait))
        _settle()
        raise
    if wait.error is not None:
        try:
            raise wait.error
        finally:
            wait.error = None
    return holding


def _line_of(limit: _Limit) -> Line:
    line = _lines.get(limit)
    if line is None:
        line = _lines[limit] = Line(limit.max_concurrency)
    return line


@contextmanager
def _locked() -> Generator[None]:
    try:
        with _lock:
            _do_notices()
            yield
    finally:
        _settle()


def _settle() -> None:
    """Do what was left to whoever has the lock, unless somebody has it."""
    while _notices and _lock.acquire(blocking=False):
        try:
            _do_notices()
        finally:
            _lock.release()


def _do_notices() -> None:
    while True:
        try:
            notice = _notices.popleft()
        except IndexError:
            return
        notice()


def _release(holding: Holding) -> None:
    holding.line.holdings.discard(holding)
    _leave_work(holding.task, holding.unit)
    _hand_on(holding.line)


def _give_up(wait: Wait) -> None:
    """Take back a wait that was interrupted; what it was granted meanwhile goes to the next."""
    if wait.is_granted:
        _release(wait.holding)
    elif wait.is_queued:
        _drop(wait)


def _drop(wait: Wait) -> None:
    wait.withdraw()
    _leave_work(wait.holding.task, wait.holding.unit)


def _hand_on(line: Line) -> None:
    """Give free slots to those who have waited longest."""
    while line.waits and len(line.holdings) < line.size:
        wait = line.waits.popleft()
        wait.leave()
        if not wait.wake():  # its event loop is gone
            _leave_work(wait.holding.task, wait.holding.unit)
            continue
        wait.is_granted = True
        line.holdings.add(wait.holding)
        _part(wait.holding)


def _part(holding: Holding) -> None:
    """A unit that waits for something else as well may now keep back who queues behind it."""
    for wait in list(holding.unit.waits):
        error = stuck(wait)
        if error is not None:
            wait.error = error
            _drop(wait)
            wait.wake()


def _enter_work(task: Any, unit: Unit) -> None:
    units = _at_work.setdefault(task, {})
    units[unit] = units.get(unit, 0) + 1


def _leave_work(task: Any, unit: Unit) -> None:
    units = _at_work[task]
    units[unit] -= 1
    if not units[unit]:
        del units[unit]
        if not units:
            del _at_work[task]


def _current_task() -> Any:
    if _get_running_loop() is not None:
        return asyncio.current_task() or object()
    return anyio.get_current_task()


def _waker(event: anyio.Event) -> Callable[[], bool]:
    """Sets *event* from any thread; the answer is False where its loop has ended."""
    loop = _get_running_loop()
    if loop is not None:
        return partial(_wake_on_asyncio, loop, event)
    token: Any = current_token()
    return partial(_sent, getattr(token, "native_token", token).run_sync_soon, event)


def _wake_on_asyncio(loop: asyncio.AbstractEventLoop, event: anyio.Event) -> bool:
    if loop is not _get_running_loop():
        return _sent(loop.call_soon_threadsafe, event)
    event.set()
    return True


def _sent(soon: Callable[[Callable[[], Any]], Any], event: anyio.Event) -> bool:
    try:
        soon(event.set)
    except RuntimeError:  # the loop is closed
        return False
    return True
