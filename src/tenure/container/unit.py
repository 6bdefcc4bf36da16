"""A unit of work that is kept open: what is opened in it is shared until it ends."""

from __future__ import annotations

import types
from collections.abc import Awaitable, Callable, Generator, Hashable
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar, overload

from anyio import CancelScope, Event

from tenure.container.calls import Calls
from tenure.container.pieces import Opening, Split
from tenure.container.programs import Program
from tenure.errors import Fault, ScopeError, TenureError
from tenure.graph.inputs import key_of_labels
from tenure.graph.nodes import Node
from tenure.life.protocol import did_not_yield
from tenure.life.scope import NoShield, Scope
from tenure.life.unit import needs_shield
from tenure.life.waiting import Unit
from tenure.observe.events import Unit as Observable
from tenure.observe.events import new_unit
from tenure.observe.observers import Observers
from tenure.observe.units import ObservedUnit
from tenure.plan.runtime import Application
from tenure.text.chains import draw_chain

__all__ = ["UnitOfWork"]

T = TypeVar("T")


class UnitOfWork:
    """One unit of work for several calls; made by ``Container.scope``.

    What is of scope "request" is opened by the first call that needs it, shared by those that
    follow, and closed at the end of the block, in reverse order, with the exception that ends
    the block delivered at each ``yield``. What is of scope "function" is closed after each call.
    """

    def __init__(
        self, calls: Calls, application: Callable[[], Application], observers: Observers
    ) -> None:
        self._calls = calls
        self._observable = new_unit("scope")
        """What observers know it by."""
        self._observers = observers
        self._application = application
        self._shield: Any = NoShield()
        self._values: dict[Hashable, Any] = {}
        self._opening: dict[Hashable, Event] = {}
        """What is being opened, so that calls at the same time wait for it."""
        self._open: list[_Lasting] = []
        self._is_over = False
        self._unit = Unit()

    async def __aenter__(self) -> Self:
        if needs_shield():
            self._shield = CancelScope()
            self._shield.__enter__()
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_over = True
        failure = exception
        try:
            while self._open:
                failure = await self._open.pop().close(failure)
        finally:
            if isinstance(self._shield, CancelScope):
                self._shield.__exit__(None, None, None)
        if failure is not None and failure is not exception:
            raise failure

    @overload
    async def call(self, function: Callable[..., Awaitable[T]], /, **arguments: Any) -> T: ...
    @overload
    async def call(self, function: Callable[..., T], /, **arguments: Any) -> T: ...
    async def call(self, function: Callable[..., Any], /, **arguments: Any) -> Any:
        """Run *function* with its dependencies, as ``Container.call`` does, within this unit."""
        self._check_open()
        state, split = self._calls.split(function, frozenset(arguments))
        values = await self._provide_all(state, split)
        source = _Source(values, arguments, self._observable)
        # What a call takes for itself does not keep calls at the same time from ending.
        return await split.rest.function(self._new_scope(Unit(self._unit)), source)

    @overload
    async def get(self, dependency: Opening[T], /) -> T: ...
    @overload
    async def get(self, dependency: Callable[..., T], /) -> T: ...
    async def get(self, dependency: Callable[..., Any], /) -> Any:
        """The value of *dependency*, as a function called in this unit would be given it."""
        self._check_open()
        state, split = self._calls.split_value(dependency)
        [wanted] = split.required
        if all(each.node is not wanted for each in split.kept):
            raise ScopeError([_too_narrow(wanted)])
        values = await self._provide_all(state, split)
        return values[wanted]

    def _check_open(self) -> None:
        if self._is_over:
            raise TenureError("The unit of work is over: its `async with` block was left.")

    async def _provide_all(self, state: Hashable, split: Split) -> dict[Node, Any]:
        values: dict[Node, Any] = {}
        for node, program in split.kept:
            if program is None:
                application = self._application()
                if self._observers.is_active:
                    application = self._observed().application(application)
                values[node] = await application.provide(node)
            else:
                values[node] = await self._provide(state, node, program, values)
        return values

    async def _provide(
        self, state: Hashable, node: Node, program: Program, values: dict[Node, Any]
    ) -> Any:
        key = (state, node.call, key_of_labels(node.labels), node.scope)
        if node.marker is not None and not node.marker.use_cache:
            value = await self._open_piece(node, program, values)
            self._values.setdefault(key, value)
            return value
        if key in self._values and self._observers.is_active:
            self._observed().reuse(node)
        while key not in self._values:
            others = self._opening.get(key)
            if others is not None:
                await others.wait()
                continue
            done = self._opening[key] = Event()
            try:
                self._values[key] = await self._open_piece(node, program, values)
            finally:
                del self._opening[key]
                done.set()
        return self._values[key]

    async def _open_piece(self, node: Node, program: Program, values: dict[Node, Any]) -> Any:
        source = _Source(values, {}, self._observable)
        scope = self._new_scope(self._unit)
        # It may be opened in one task and closed in another, and two of them need not nest.
        scope.nests = False
        lasting = _Lasting(program.function(scope, source))
        value = await lasting.open()
        if node.provider.kind.opens:
            self._open.append(lasting)
        return value

    def _observed(self) -> ObservedUnit:
        return ObservedUnit(self._observers, self._observable, did_not_yield)

    def _new_scope(self, unit: Unit) -> Scope:
        # One for each part: calls at the same time do not run in one context. A part that has a
        # scope enters no cancel scope around everything, since the one of the unit is there.
        scope = Scope()
        scope.shield = self._shield
        scope.unit = unit
        return scope


def _too_narrow(node: Node) -> Fault:
    name = node.provider.name
    return Fault(
        "scope",
        f'{name} ({node.provider.place}) needs something of scope "function", which is closed '
        "after each call, so its value cannot be handed out.",
        draw_chain([node.call]),
        f"declare {name} in a function and pass that to scope.call",
        node.provider.place,
    )


class _Source:
    """What the parts of one call are run with."""

    def __init__(
        self, values: dict[Node, Any], arguments: dict[str, Any], unit: Observable
    ) -> None:
        self._values = values
        self.arguments = arguments
        self.unit = unit

    def value_of(self, node: Node) -> Any:
        """The value of what was opened before."""
        return self._values[node]

    async def keep(self, value: Any) -> None:
        """Stop here, with everything open, until the end of the unit."""
        await _pause(value)


class _Paused(NamedTuple):
    value: Any


@types.coroutine
def _pause(value: Any) -> Generator[Any, Any, None]:
    yield _Paused(value)


class _Lasting:
    """A piece, run by hand up to where it pauses, and later from there to its end.

    It runs in the task of whoever opens and closes it, as if that had written ``async with``.
    """

    def __init__(self, running: Any) -> None:
        self._running = running

    async def open(self) -> Any:
        """Run it until it pauses; its value."""
        outcome = await self._drive(self._running.send, None)
        return outcome.value

    async def close(self, failure: BaseException | None) -> BaseException | None:
        """Let it go on, delivering *failure* where there is one; what comes out of it."""
        traceback = failure.__traceback__ if failure is not None else None
        try:
            if failure is None:
                await self._drive(self._running.send, None)
            else:
                await self._drive(self._running.throw, failure)
        except BaseException as error:
            if error is failure:
                error.__traceback__ = traceback  # without the frames of the way through
            return error
        return None

    @types.coroutine
    def _drive(self, resume: Callable[[Any], Any], argument: Any) -> Generator[Any, Any, Any]:
        while True:
            try:
                outcome = resume(argument)
            except StopIteration as stop:
                return _Paused(stop.value)
            if type(outcome) is _Paused:
                return outcome
            try:
                argument = yield outcome
                resume = self._running.send
            except BaseException as error:
                resume, argument = self._running.throw, error
