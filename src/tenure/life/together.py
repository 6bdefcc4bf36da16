"""Dependencies that are opened at the same time, each in a task of its own.

Such a task lives as long as what it has opened: setup and exit run in it, so that cancel scopes
and tokens of context variables work in them as everywhere. The unit of work tells it when to
leave, one after another in reverse order. What setup and exit set of context variables is
carried over to the unit of work, and the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from contextlib import nullcontext
from contextvars import Context, ContextVar, copy_context
from typing import Any, Final

import anyio

from tenure.life.exits import awaitable_of, generator_of, leave, unwind
from tenure.life.limits import begin, call_limited, working_in
from tenure.life.plain import open_here
from tenure.life.protocol import did_not_yield
from tenure.life.scope import Resource, Scope
from tenure.life.shield import cancel_again, exiting, hold
from tenure.life.threads import carry_out, in_thread
from tenure.life.unit import needs_shield

__all__ = ["open_together", "run_together"]

_MISSING: Final = object()
_NO_VALUE: Final = object()


async def run_together(
    function: Callable[[Any, Any], Any], scope: Scope | None, source: Any
) -> Any:
    """Run ``function(scope, source)`` where tasks can be started beside it.

    Inside a cancel scope, one of ours is put around everything, as ``run_shielded`` does.
    """
    is_inside = scope is None and needs_shield()
    scope = scope if scope is not None else Scope()
    failure: BaseException | None = None
    result: Any = None
    with anyio.CancelScope() as around:
        if is_inside:
            scope.shield = around
        async with anyio.create_task_group() as scope.tasks:
            try:
                result = await function(scope, source)
            except BaseException as error:  # raised below: the task group would wrap it
                failure = error
    failure = failure or scope.late
    if failure is None:
        return result
    try:
        raise failure
    finally:
        failure = None


async def open_together(
    scope: Scope, members: Sequence[tuple[Resource, Callable[[], Any]]]
) -> list[Branch]:
    """Open all *members*; when one fails, cancel the others, and close those that are open.

    Raises the first failure, or what the exits have made of it.
    """
    if any(resource.limit is not None for resource, _ in members):
        begin(scope)
    ready = anyio.Event()
    branches = [Branch(scope, resource, make) for resource, make in members]
    opening = set(branches)

    def has_settled(branch: Branch) -> None:
        opening.discard(branch)
        if branch.failure is not None or not opening:
            ready.set()

    tasks = scope.tasks
    assert tasks is not None, "the plan runs in run_together"
    for branch in branches:
        tasks.start_soon(branch.live, has_settled)
    failure: BaseException | None = None
    try:
        await ready.wait()
    except BaseException as error:
        failure = error
    for branch in branches:
        failure = failure or branch.failure
    try:
        if failure is not None:
            await _give_up(scope, branches, failure)
    finally:
        failure = None
    for branch in branches:
        carry_out(scope, branch.before, branch.after)
    return branches


async def _give_up(scope: Scope, branches: list[Branch], failure: BaseException) -> None:
    for branch in branches:
        branch.give_up()
    interruptions = await _uninterrupted(branches)
    for branch in branches:
        if branch.failure is not None and branch.failure is not failure:
            _attach(failure, branch.failure)
    failures = [failure]
    stack: list[tuple[Any, Resource]] = [
        (each, _Driven(each.resource)) for each in branches if each.is_open
    ]
    opens = tuple(resource for _, resource in stack)
    try:
        await unwind(scope, failures, stack, opens, None, may_swallow=False)
        cancel_again(interruptions)
        raise failures.pop()
    finally:
        for branch in branches:
            branch.failure = None
        del failure


async def _uninterrupted(branches: list[Branch]) -> Sequence[Any]:
    """Wait until all have settled; the cancellations that arrived meanwhile."""
    interruptions: list[Any] = []
    for branch in branches:
        waiting = branch.settled.wait()
        with anyio.CancelScope(shield=True):
            try:
                suspended = waiting.send(None)
            except StopIteration:
                continue
            held = await hold(waiting, suspended)
            interruptions += held.interruptions
    return interruptions


def _attach(failure: BaseException, other: BaseException) -> None:
    """Keep *other* behind *failure*, unless it is only how a task was cancelled."""
    if isinstance(other, anyio.get_cancelled_exc_class()):
        return
    last = failure
    while last.__context__ is not None and last.__context__ is not other:
        last = last.__context__
    if last is not other:
        last.__context__ = other


class Branch:
    """One dependency that is opened, and closed, in a task of its own.

    For the unit of work that has opened it, it is an async generator: it is driven from its
    ``yield`` to its end, and a failure is thrown into it.
    """

    __slots__ = (
        "_failure_to_deliver",
        "_is_called",
        "_is_given_up",
        "_left",
        "_make",
        "_opening",
        "_scope",
        "_values",
        "after",
        "ag_frame",
        "before",
        "came_out",
        "failure",
        "is_open",
        "resource",
        "settled",
        "value",
    )

    def __init__(self, scope: Scope, resource: Resource, make: Callable[[], Any]) -> None:
        self._scope = scope
        self.resource = resource
        self.value: Any = _NO_VALUE
        """What it provides."""
        self.is_open = False
        """Whether there is an exit to run."""
        self.failure: BaseException | None = None
        """What its setup has raised."""
        self.came_out: BaseException | None = None
        """What came out of its exit."""
        self.before: Context = Context()
        self.after: Context = Context()
        """The context around what ran last, setup or exit."""
        self.ag_frame: object | None = self
        """As a generator's: not None while its exit is not over (``shield.exiting``)."""
        self.settled = anyio.Event()
        """Set when setup is over, however it ended."""
        self._make = make
        self._is_given_up = False
        self._opening = anyio.CancelScope()
        self._is_called = anyio.Event()
        self._left = anyio.Event()
        self._failure_to_deliver: BaseException | None = None
        self._values: Context = Context()

    def give_up(self) -> None:
        """Cancel the setup, if it is not over."""
        self._is_given_up = True
        if not self.settled.is_set():
            self._opening.cancel()

    async def live(self, has_settled: Callable[[Branch], None]) -> None:
        """The whole life of the task."""
        scope = Scope()
        scope.limit, scope.nests = self._opening, False
        scope.unit = self._scope.unit
        with self._opening, working_in(scope.unit):
            generator: Any = None
            try:
                if not self._is_given_up:
                    generator = await self._open(scope)
            except BaseException as error:
                self.failure = error
            # From here on only the unit of work says when it is over.
            self._opening.shield = True
            self.settled.set()
            has_settled(self)
            if self.is_open:
                await self._stay(scope, generator)

    async def _open(self, scope: Scope) -> Any:
        self.before = copy_context()
        resource, generator = self.resource, None
        try:
            if not resource.opens:
                self.value = await self._call(scope)
            elif resource.is_async:
                generator = self._generator()
                try:
                    self.value = await generator.__anext__()
                except StopAsyncIteration:
                    raise did_not_yield(resource) from None
                self.is_open = True
            else:
                generator = self._generator()

                def open_plain() -> None:
                    self.value = open_here(generator, resource)
                    self.is_open = True

                await self._run(scope, open_plain)
        finally:
            self.after = copy_context()
        return generator

    def _generator(self) -> Any:
        made = self._make()
        return generator_of(made, self.resource) if self.resource.indirect else made

    async def _call(self, scope: Scope) -> Any:
        if self.resource.limit is not None:
            return await call_limited(scope, self.resource, self._make, True)
        if not self.resource.is_async:
            return await self._run(scope, self._make)
        made = self._make()
        return await (awaitable_of(made, self.resource) if self.resource.indirect else made)

    async def _run(self, scope: Scope, call: Callable[[], Any]) -> Any:
        return await in_thread(scope, call, True) if self.resource.in_thread else call()

    async def _stay(self, scope: Scope, generator: Any) -> None:
        """Wait for the word to leave, and leave. The end of the loop does not keep it from that."""
        interruptions: list[Any] = []
        with anyio.CancelScope(shield=True):
            while not self._is_called.is_set():
                waiting = self._is_called.wait()
                held = await hold(waiting, waiting.send(None))
                interruptions += held.interruptions
        _set_all(self._values)
        self.before = copy_context()
        # A setup that was given up and yielded all the same is inside a cancelled scope.
        with anyio.CancelScope(shield=True) if self._is_given_up else nullcontext():
            self.came_out = await leave(scope, generator, self.resource, self._failure_to_deliver)
        self.after = copy_context()
        self._failure_to_deliver = None
        self._left.set()
        cancel_again(interruptions)

    def __anext__(self) -> Coroutine[Any, Any, Any]:
        """Run the exit after success."""
        return self._leave(None)

    def athrow(self, failure: BaseException) -> Coroutine[Any, Any, Any]:
        """Run the exit, delivering *failure*."""
        return self._leave(failure)

    async def _leave(self, failure: BaseException | None) -> None:
        self._failure_to_deliver = failure
        self._values = copy_context()
        del failure
        self._is_called.set()
        with anyio.CancelScope(shield=True):  # from the scopes that others hold across their yield
            await self._left.wait()
        self.ag_frame = None
        carry_out(self._scope, self.before, self.after)
        came_out, self.came_out = self.came_out, None
        try:
            raise came_out if came_out is not None else StopAsyncIteration
        finally:
            del came_out


class _Driven:
    """A resource as its unit of work drives it: through its branch."""

    is_async, in_thread, indirect, opens = True, False, False, True
    exit_timeout = None
    limit = None

    def __init__(self, resource: Resource) -> None:
        self.name = resource.name
        self.place = resource.place


def _set_all(values: Context) -> None:
    """Set here what the other task has set meanwhile."""
    here: Context = copy_context()
    variable: ContextVar[Any]
    for variable, value in values.items():
        if variable is not exiting and here.get(variable, _MISSING) is not value:
            variable.set(value)
