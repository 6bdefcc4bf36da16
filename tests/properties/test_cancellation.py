"""Random programs, cancelled at every point: nothing stays open, no exit is cut short.

The points are all awaits of all dependencies, and moments inside their worker threads.
"""

import asyncio
from typing import Any

import anyio
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from tenure import Container
from tests.conftest import BACKENDS
from tests.properties.cancellers import Canceller, from_outside, in_own_task, runs_on_trio
from tests.properties.descriptions import Program, programs
from tests.properties.outcomes import observe
from tests.properties.programs import World, load, text_of


class Cancelled:
    """One unit of work that is cancelled when it passes a point, and maybe at the next ones."""

    def __init__(
        self, program: Program, at: int, times: int, namespace: dict[str, Any] | None = None
    ) -> None:
        self._program = program
        self._namespace = load(program) if namespace is None else namespace
        self._at = range(at, at + times)
        self._cancel: Canceller | None = None
        self.world = World(program, self._on_pause)

    def _on_pause(self, point: int) -> None:
        if point in self._at and self._cancel is not None:
            self._cancel()

    def _take(self, cancel: Canceller) -> None:
        self._cancel = cancel

    async def by_task(self) -> bool:
        """Cancel the task that runs it; whether it came out cancelled."""

        task = await in_own_task(self._run, self._take)
        if not task.cancelled():
            task.result()
        return task.cancelled()

    async def by_scope(self) -> bool:
        """Cancel the scope around it; whether that was noticed, by the next checkpoint at last."""
        with anyio.CancelScope() as scope:
            self._cancel = from_outside(scope.cancel)
            await self._run()
            await anyio.lowlevel.checkpoint()
        self._cancel = None
        if not runs_on_trio():
            task = asyncio.current_task()
            assert task is not None
            assert task.cancelling() == 0
        await anyio.lowlevel.checkpoint()  # outside of the scope nothing of it is left over
        return scope.cancelled_caught

    async def _run(self) -> None:
        self._namespace["world"] = self.world
        root = self._namespace[f"node_{self._program.root}"]
        await observe(self.world, lambda: Container().call(root))


def check(program: Program, events: list[tuple[str, ...]]) -> None:
    """Whatever happened: all that was opened was left, inmost first, and waited to its end."""
    described = {label: program.callables[int(label.partition("#")[0])] for label, *_ in events}
    opened = [
        label
        for label, event, *_ in events
        if event == "opens" and described[label].opens and described[label].setup == "plain"
    ]
    left = [label for label, event, *_ in events if event == "is left"]
    waited = [label for label, event, *_ in events if event == "has waited"]
    assert left == opened[::-1]
    assert waited == left


async def count_points(program: Program) -> int:
    cancelled = Cancelled(program, 0, 0)
    await cancelled.by_scope()
    check(program, cancelled.world.events)
    return cancelled.world.points


async def try_everywhere(program: Program, times: int, *, by_task: bool) -> None:
    note(text_of(program))
    points = await count_points(program)
    for at in range(1, points + 1):
        cancelled = Cancelled(program, at, times)
        was_noticed = await (cancelled.by_task() if by_task else cancelled.by_scope())
        try:
            check(program, cancelled.world.events)
            assert was_noticed or may_raise(program)
        except AssertionError:
            note(f"cancelled at point {at} of {points}, {times} times")
            note("\n".join(map(str, cancelled.world.events)))
            raise


def may_raise(program: Program) -> bool:
    """Whether something else may come out in the place of the cancellation."""
    return any(
        (each.setup, each.after_success, each.after_failure) != ("plain", "ends", "raises it again")
        for each in program.callables
    )


WAYS = [(name, "scope") for name in BACKENDS]
WAYS += [(name, "task") for name in BACKENDS if name != "trio"]


@pytest.mark.parametrize(("backend", "way"), WAYS)
@given(program=st.one_of(programs(faults=False), programs()), times=st.integers(1, 3))
@settings(max_examples=settings().max_examples // 4)
def test_cancelled_at_any_point_everything_is_closed_in_order(
    backend: str, way: str, program: Program, times: int
) -> None:
    name, options = BACKENDS[backend]

    async def run() -> None:
        await try_everywhere(program, times, by_task=way == "task")

    anyio.run(run, backend=name, backend_options=options)
