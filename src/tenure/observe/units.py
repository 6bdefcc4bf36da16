"""One unit of work while it is observed: what its plan calls, with the events around it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Hashable, Mapping
from functools import partial
from typing import Any

from anyio.to_thread import current_default_thread_limiter

from tenure.graph.nodes import Node
from tenure.graph.providers import Kind
from tenure.observe.driving import ObservedAsyncGenerator, ObservedGenerator
from tenure.observe.events import Unit, new_unit
from tenure.observe.observers import Observers
from tenure.observe.tellers import Teller

__all__ = ["CallRoot", "ObservedApplication", "ObservedUnit", "begin_unit"]

CallRoot = Callable[[Node, tuple[Any, ...], dict[str, Any]], Any]
"""``call_root(node, arguments, named)``: call the root, which *node* is, as the plan would."""


def begin_unit(
    observers: Observers,
    root: Node,
    did_not_yield: Callable[[Any], BaseException],
    scope: str | None,
    accompany: Callable[[Any], CallRoot | None] | None,
    source: Any,
) -> ObservedUnit:
    """A unit of work begins; one that is a part of another says so by its source.

    *scope* is that of everything in it, where it is a part of what lasts longer. *accompany* is
    told of it, and may answer what is to call the root.
    """
    unit = getattr(source, "unit", None)
    if not isinstance(unit, Unit):
        unit = new_unit(root.provider.name, root.provider.place)
    call_root = accompany(source) if accompany is not None else None
    return ObservedUnit(observers, unit, did_not_yield, scope, call_root)


class ObservedUnit:
    """Stands between a plan and what it calls."""

    def __init__(
        self,
        observers: Observers,
        unit: Unit,
        did_not_yield: Callable[[Any], BaseException],
        scope: str | None = None,
        call_root: CallRoot | None = None,
    ) -> None:
        self._observers = observers
        self._unit = unit
        self._did_not_yield = did_not_yield
        self._scope = scope
        self._call_root = call_root
        self._tellers: dict[Node, Teller] = {}
        self._used: set[Node] = set()

    def calling(self, node: Node) -> Callable[..., Any]:
        """What is called in the place of *node*'s call."""
        return partial(self._call, node)

    def _call(self, node: Node, /, *arguments: Any, **named: Any) -> Any:
        for below in node.dependencies():
            if below in self._used:
                self.reuse(below)
            self._used.add(below)
        if node.marker is None:  # the root, which is no dependency
            if self._call_root is not None:
                return self._call_root(node, arguments, named)
            return node.call(*arguments, **named)
        teller = self._teller(node)
        kind = node.provider.kind
        if not kind.opens:  # a generator begins when it is driven
            teller.opening()
        try:
            made = node.call(*arguments, **named)
        except BaseException as error:
            if kind.opens:
                teller.opening()
            teller.failed(error)
            raise
        if kind is Kind.FUNCTION:
            teller.opened()
            return made
        if kind is Kind.COROUTINE:
            # What cannot be awaited is for the plan to refuse.
            return _await(made, teller) if inspect.isawaitable(made) else made
        inner = getattr(made, "gen", made)  # what contextlib's managers call it
        if kind is Kind.ASYNC_GENERATOR:
            return ObservedAsyncGenerator(inner, teller) if hasattr(inner, "athrow") else made
        return ObservedGenerator(inner, teller) if hasattr(inner, "throw") else made

    async def in_thread(
        self, node: Node, run: Callable[..., Awaitable[Any]], scope: Any, hop: Any, *rest: Any
    ) -> Any:
        """Do ``run(scope, hop, *rest)``, which waits for a free thread on behalf of *node*."""
        limiter = current_default_thread_limiter()
        is_full = limiter.borrowed_tokens >= limiter.total_tokens
        if not (is_full or limiter.statistics().tasks_waiting):
            return await run(scope, hop, *rest)
        return await self._run(node, partial(run, scope), hop, *rest)

    async def waiting(self, resource: Any, waiting: Awaitable[None]) -> None:
        """Wait for the limit of *resource*, a step of the plan."""
        teller = self._teller(resource.node)
        teller.waiting()
        try:
            await waiting
        except BaseException as error:
            teller.failed(error)
            raise
        teller.waited()

    async def _run(
        self, node: Node, run: Callable[..., Awaitable[Any]], call: Callable[[], Any], *rest: Any
    ) -> Any:
        teller = self._teller(node)
        teller.waiting()
        is_called = False

        def called() -> Any:
            nonlocal is_called
            is_called = True
            teller.waited()
            return call()

        try:
            return await run(called, *rest)
        except BaseException as error:
            if not is_called:
                teller.failed(error)
            raise

    def application(self, application: Any) -> ObservedApplication:
        """Where the unit takes what is of scope "app" from."""
        return ObservedApplication(application, self)

    def reuse(self, node: Node) -> None:
        """The value of *node* is handed to another."""
        self._teller(node).reused()

    def _teller(self, node: Node) -> Teller:
        teller = self._tellers.get(node)
        if teller is None:
            scope = "app" if node.scope == "app" else self._scope or node.scope or ""
            teller = Teller(self._observers, self._unit, node, scope, self._did_not_yield)
            self._tellers[node] = teller
        return teller


class ObservedApplication:
    """An application, for the plan of a unit of work that takes something from it."""

    def __init__(self, application: Any, unit: ObservedUnit) -> None:
        self._application = application
        self._unit = unit
        self.values: Mapping[Hashable, Any] = {}
        """Nothing, so that ``provide`` is asked for everything."""

    async def provide(self, node: Node) -> Any:
        """The value of *node*, which is set up where it was not before."""
        is_there = node.shared_key in self._application.values
        value = await self._application.provide(node)
        if is_there:
            self._unit.reuse(node)
        return value


async def _await(made: Any, teller: Teller) -> Any:
    try:
        value = await made
    except BaseException as error:
        teller.failed(error)
        raise
    teller.opened()
    return value
