"""Random dependencies that hold task groups and cancel scopes across their yield.

At every suspension one thing happens: the caller's scope or task is cancelled, a scope that a
dependency holds is cancelled, or a child of a group fails. Whatever comes of it, what was opened is
closed in reverse order, no exit is cut short, and scopes nest.
"""

import asyncio
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from tenure import Container, Depends, DidNotYieldError, SwallowedError
from tests.conftest import BACKENDS
from tests.properties.cancellers import counting_suspensions, from_outside, runs_on_trio

KINDS = ("waits", "group", "scope", "thread", "in place", "branch")


@dataclass(frozen=True)
class Held:
    """One dependency: what it holds, its scope, and which of those before it it needs."""

    kind: str
    scope: str
    needs: tuple[int, ...]


@st.composite
def graphs(draw: st.DrawFn) -> list[Held]:
    found: list[Held] = []
    for number in range(draw(st.integers(2, 5))):
        scope = draw(st.sampled_from(("request", "function")))
        lasting = [i for i in range(number) if scope == "function" or found[i].scope == "request"]
        needs = draw(st.lists(st.sampled_from(lasting), max_size=2, unique=True)) if lasting else ()
        found.append(Held(draw(st.sampled_from(KINDS)), scope, tuple(needs)))
    return found


class Run:
    """One unit of work, in which *act* is called at suspension *at*."""

    def __init__(self, graph: list[Held], at: int, target: int) -> None:
        self.graph = graph
        self.at = at
        self.target = target
        self.suspensions = 0
        self.events: list[tuple[str, int]] = []
        self.scopes: dict[int, anyio.CancelScope] = {}
        self.may_fail: dict[int, anyio.Event] = {}
        self.act: Callable[[], object] = lambda: None
        self.made: list[Callable[..., Any]] = []
        for number, held in enumerate(graph):
            function = getattr(self, held.kind.replace(" ", "_"))(number)
            self.made.append(self.needing(function, held.needs))

    def needing(self, function: Callable[..., Any], needs: Any) -> Callable[..., Any]:
        function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [
                inspect.Parameter(
                    f"need_{number}", inspect.Parameter.KEYWORD_ONLY, default=self.marker(number)
                )
                for number in needs
            ]
        )
        return function

    def marker(self, number: int) -> Any:
        held = self.graph[number]
        return Depends(
            self.made[number],
            scope=held.scope,  # type: ignore[arg-type]
            concurrent=held.kind == "branch",
            in_thread=held.kind != "in place",
        )

    def waits(self, number: int) -> Any:
        async def waits(**_: Any) -> Any:
            await anyio.lowlevel.checkpoint()
            self.events.append(("opened", number))
            try:
                yield
            finally:
                await self.leave(number)

        return waits

    branch = waits

    def group(self, number: int) -> Any:
        async def group(**_: Any) -> Any:
            try:
                async with anyio.create_task_group() as tasks:
                    self.scopes[number] = tasks.cancel_scope
                    self.may_fail[number] = anyio.Event()
                    tasks.start_soon(self.child, number)
                    await anyio.lowlevel.checkpoint()
                    self.events.append(("opened", number))
                    yield
                    tasks.cancel_scope.cancel()
            finally:
                if ("opened", number) in self.events:
                    await self.leave(number)

        return group

    def scope(self, number: int) -> Any:
        async def scope(**_: Any) -> Any:
            try:
                with anyio.CancelScope() as self.scopes[number]:
                    self.events.append(("opened", number))
                    yield
            finally:
                await self.leave(number)

        return scope

    def thread(self, number: int) -> Any:
        def thread(**_: Any) -> Any:
            self.events.append(("opened", number))
            try:
                yield
            finally:
                self.events += [("leaves", number), ("left", number)]

        return thread

    def in_place(self, number: int) -> Any:
        def in_place(**_: Any) -> Any:
            try:
                with anyio.CancelScope() as self.scopes[number]:
                    self.events.append(("opened", number))
                    yield
            finally:
                self.events += [("leaves", number), ("left", number)]

        return in_place

    async def child(self, number: int) -> None:
        await self.may_fail[number].wait()
        raise LookupError(number)

    async def leave(self, number: int) -> None:
        self.events.append(("leaves", number))
        for _ in range(3):
            await anyio.lowlevel.checkpoint()
        self.events.append(("left", number))

    def on_suspension(self) -> None:
        self.suspensions += 1
        if self.suspensions == self.at:
            self.act()

    async def call(self, container: Container) -> None:
        async def main(**_: Any) -> str:
            await anyio.lowlevel.checkpoint()
            await anyio.lowlevel.checkpoint()
            return "result"

        root = self.needing(main, range(len(self.graph)))
        await counting_suspensions(container.call(root), self.on_suspension)


def check(run: Run) -> None:
    opened = [number for event, number in run.events if event == "opened"]
    left = [number for event, number in run.events if event == "left"]
    assert in_groups(run, left[::-1]) == in_groups(run, opened)
    exits = [entry for entry in run.events if entry[0] != "opened"]
    assert exits == [(event, number) for number in left for event in ("leaves", "left")]


def in_groups(run: Run, numbers: list[int]) -> list[int]:
    """*numbers*, with neighbours that are opened at the same time in the order of their number."""
    ordered: list[int] = []
    for is_branch, together in groupby(numbers, lambda each: run.graph[each].kind == "branch"):
        members = list(together)
        ordered += sorted(members) if is_branch else members
    return ordered


def is_expected(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return all(is_expected(each) for each in error.exceptions)
    cancelled = anyio.get_cancelled_exc_class()
    return isinstance(error, LookupError | SwallowedError | DidNotYieldError | cancelled)


def act_on(run: Run, what: str, outer: anyio.CancelScope) -> None:
    targets = sorted(run.scopes if what == "held" else run.may_fail)
    if what == "caller":
        outer.cancel()
    elif what == "task":
        raise AssertionError("set by by_task")
    elif targets:
        number = targets[run.target % len(targets)]
        (run.scopes[number].cancel if what == "held" else run.may_fail[number].set)()


async def in_scope(run: Run, what: str, container: Container) -> None:
    with anyio.CancelScope() as outer:
        run.act = from_outside(lambda: act_on(run, what, outer))
        await call(run, container)
    await anyio.lowlevel.checkpoint()


async def alone(run: Run, what: str, container: Container) -> None:
    """As a task of asyncio without a cancel scope around it."""

    async def do() -> None:
        task = asyncio.current_task()
        assert task is not None
        act = task.cancel if what == "task" else lambda: act_on(run, what, anyio.CancelScope())
        run.act = from_outside(act)
        await call(run, container)

    task = asyncio.ensure_future(do())
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()


async def call(run: Run, container: Container) -> None:
    try:
        await run.call(container)
    except BaseException as error:
        assert is_expected(error), error
        if isinstance(error, anyio.get_cancelled_exc_class()):
            raise


WAYS = [(backend, "caller") for backend in BACKENDS]
WAYS += [(backend, what) for backend in BACKENDS for what in ("held", "child")]
WAYS += [(backend, "task") for backend in BACKENDS if backend != "trio"]


@pytest.mark.parametrize("interpreted", [False, True])
@pytest.mark.parametrize(("backend", "what"), WAYS)
@given(graph=graphs(), target=st.integers(0, 4), is_alone=st.booleans())
@settings(max_examples=max(settings().max_examples // 6, 1))
def test_no_exit_is_cut_short_by_what_others_hold(
    backend: str, what: str, interpreted: bool, graph: list[Held], target: int, is_alone: bool
) -> None:
    name, options = BACKENDS[backend]

    async def run_all() -> None:
        container = Container(interpreted=interpreted)
        by_itself = not runs_on_trio() and (what == "task" or (is_alone and what != "caller"))
        way = alone if by_itself else in_scope
        at, suspensions = 0, 1
        while at <= suspensions:
            run = Run(graph, at, target)
            with anyio.fail_after(20):
                await way(run, what, container)
            if at == 0:
                suspensions = run.suspensions
            try:
                check(run)
            except AssertionError:
                note(f"{graph}\n{what} at {at} of {suspensions}, alone: {by_itself}\n{run.events}")
                raise
            at += 1

    anyio.run(run_all, backend=name, backend_options=options)
