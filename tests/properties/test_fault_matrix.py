"""Every kind of callable, in every scope, with every fault, cancelled at every step.

The steps are all suspensions of the task that runs the unit of work, and moments inside worker
threads and the tasks beside it. Random graphs with the same faults: `test_cancellation`.
"""

import asyncio
import gc
import threading
import time
from collections.abc import Iterator
from typing import Any

import anyio
import pytest

from tenure import Container, ExitTimeoutError
from tests.conftest import BACKENDS
from tests.properties.cancellers import (
    Canceller,
    counting_suspensions,
    from_outside,
    in_own_task,
    runs_on_trio,
)
from tests.properties.fault_programs import KINDS, Cell, PlannedError, Record, cells

MOST_STEPS = 80
"""More than any cell has: one that goes on for ever ends there."""


class Stage:
    """What all runs of one cell have in common."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.record = Record()
        self.program = cell.program(self.record)
        self.container = Container()


class Run:
    """One run of a cell, cancelled at step *at*, *times* times; at 0 it is not cancelled."""

    def __init__(self, stage: Stage, at: int, times: int) -> None:
        self.stage = stage
        self.cell = stage.cell
        self.steps = 0
        self.came_out: BaseException | None = None
        self.was_cancelled = False
        self.record = stage.record
        self.record.begin(self._step)
        self._at = range(at, at + times) if at else range(0)
        self._cancel: Canceller | None = None
        self._lock = threading.Lock()

    def _step(self) -> None:
        with self._lock:
            self.steps += 1
            is_due = self.steps in self._at
        if is_due and self._cancel is not None:
            self._cancel()

    def _take(self, cancel: Canceller) -> None:
        self._cancel = cancel

    async def by_task(self) -> None:
        """Cancel the task."""

        task = await in_own_task(self._run, self._take)
        self._cancel = None
        self.was_cancelled = task.cancelled()
        if not task.cancelled():
            self.came_out = task.exception()

    async def by_scope(self) -> None:
        """Cancel a scope around it."""
        with anyio.CancelScope() as scope:
            self._cancel = from_outside(scope.cancel)
            try:
                await self._run()
            except Exception as error:
                self.came_out = error
            else:
                await anyio.lowlevel.checkpoint()  # where it is noticed at last
        self._cancel = None
        self.was_cancelled = scope.cancelled_caught
        await anyio.lowlevel.checkpoint()  # outside of the scope nothing of it is left over

    async def _run(self) -> None:
        async def unit_of_work() -> None:
            async with self.stage.container as container:
                assert await container.call(self.stage.program) == "done"

        await counting_suspensions(unit_of_work(), self._step)

    def check(self) -> None:
        """Whatever happened: given back once, in order, to its end; and no failure is lost."""
        record = self.record
        order = [*reversed(self.cell.names())]
        if self.cell.scope == "app":  # outlives all others
            app = [name for name in order if name in {"subject", "partner"}]
            order = [name for name in order if name not in app] + app
        assert record.closed == [name for name in order if name in record.opened]
        assert len(record.opened) == len(set(record.opened))
        assert record.forced == []
        for error in record.raised:
            assert self.came_out is not None or self.was_cancelled
            if not self.was_cancelled:
                assert error in behind(self.came_out)
        if self.came_out is not None:
            expected = (PlannedError, ExitTimeoutError)
            planned = [each for each in behind(self.came_out) if isinstance(each, expected)]
            assert planned, f"unplanned: {self.came_out!r}"


def behind(error: BaseException | None) -> list[BaseException]:
    """*error*, its causes, contexts and members."""
    found: list[BaseException] = []
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if each is None or each in found:
            continue
        found.append(each)
        waiting += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions
    return found


async def try_everywhere(cell: Cell, *, by_task: bool, times: int) -> int:
    """All steps of one cell; how many runs that were."""
    complaints: list[Any] = []
    if not runs_on_trio():
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: complaints.append(context))
    stage = Stage(cell)
    at = 0
    steps = 1
    while at <= steps:
        run = Run(stage, at, times)
        await (run.by_task() if by_task else run.by_scope())
        try:
            run.check()
            if not runs_on_trio():
                assert asyncio.all_tasks() == {asyncio.current_task()}
            assert complaints == []
            if at == 0:
                assert (run.came_out is None) == (cell.fault == "nothing fails")
                steps = run.steps
                assert steps < MOST_STEPS
            elif cell.fault == "nothing fails":
                assert run.was_cancelled or at == steps
        except AssertionError as error:
            error.add_note(f"{cell}, step {at} of {steps}, {times} times, by_task={by_task}")
            error.add_note(f"opened {run.record.opened}, closed {run.record.closed}")
            raise
        at += 1
    return at


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """No garbage that cannot be freed, and no thread but those that wait for more work."""
    gc.collect()
    gc.freeze()  # what is older than the test need not be looked at
    before = threading.active_count()
    yield
    gc.collect()
    assert gc.garbage == []
    patience = time.monotonic() + 10
    while len(left := [each for each in threading.enumerate() if is_busy(each)]) > before:
        assert time.monotonic() < patience, left


def is_busy(thread: threading.Thread) -> bool:
    return not thread.name.startswith("Trio thread")  # those wait a while for the next


def _cases() -> Iterator[Any]:
    """Kind, loop and way to cancel; `once` where the version of Python changes nothing."""
    ways = [(name, "scope") for name in BACKENDS]
    ways += [(name, "task") for name in BACKENDS if name not in {"trio", "uvloop"}]
    for backend, way in ways:
        for kind in KINDS:
            is_variant = "class" in kind or "manager" in kind or backend in {"uvloop", "eager"}
            marks = [pytest.mark.once] if is_variant else []
            yield pytest.param(backend, way, kind, marks=marks, id=f"{backend}-{way}-{kind}")


@pytest.mark.parametrize(("backend", "way", "kind"), list(_cases()))
def test_cancelled_at_every_step_each_cell_is_closed_once_and_in_order(
    backend: str, way: str, kind: str
) -> None:
    name, options = BACKENDS[backend]

    async def run() -> None:
        for number, cell in enumerate(cells(kind)):
            await try_everywhere(cell, by_task=way == "task", times=1 + number % 3)

    anyio.run(run, backend=name, backend_options=options)
