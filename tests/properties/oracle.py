"""The contract once more, in the plainest way: recursion, `contextlib`, two exit stacks.

Shares nothing with the engine but the description of the program. Where the contract differs from
contextlib, it says so.
"""

import contextlib
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from tests.properties.descriptions import Program, Scope

__all__ = ["BrokeProtocolError", "run"]


class BrokeProtocolError(Exception):
    """A dependency yielded wrongly or swallowed: *what*, and the *index* of the callable."""

    def __init__(self, what: str, index: int) -> None:
        self.what = what
        self.index = index
        super().__init__(f"{what} {index}")


@dataclass(eq=False)
class _Use:
    """One call that is made."""

    index: int
    opens: bool
    scope: Scope
    arguments: dict[str, "_Use"] = field(default_factory=dict)
    value: Any = None


async def run(program: Program, namespace: dict[str, Any]) -> Any:
    """Run the root of *program* as the contract says."""
    root, *_ = uses = list(reversed(_solve(program)))
    async with contextlib.AsyncExitStack() as request_stack:
        async with contextlib.AsyncExitStack() as function_stack:
            for use in _wide_scopes_first(list(reversed(uses[1:]))):
                stack = function_stack if use.scope == "function" else request_stack
                await _provide(program, namespace, use, stack)
            await _provide(program, namespace, root, request_stack)
    return root.value


def _solve(program: Program) -> list[_Use]:
    """All calls in declared order: what is needed first, left to right; the root is the last.

    A cached callable is solved once, its sub-tree included. An uncached one always runs, and
    fills an empty entry. The declared scope is part of what makes two declarations the same.
    """
    order: list[_Use] = []
    cache: dict[tuple[int, str], _Use] = {}

    def solve(index: int, scope: Scope) -> _Use:
        each = program.callables[index]
        use = _Use(index, each.opens, scope)
        for number, edge in enumerate(each.edges):
            opens = program.callables[edge.to].opens
            below_scope: Scope = edge.scope or ("request" if opens else None)
            key = (edge.to, below_scope or "")
            if edge.use_cache and key in cache:
                below = cache[key]
            else:
                below = solve(edge.to, below_scope)
                cache.setdefault(key, below)
            use.arguments[f"p{number}"] = below
        order.append(use)
        return use

    solve(program.root, None)
    return order


def _wide_scopes_first(uses: list[_Use]) -> list[_Use]:
    """Function-scoped generators, and what needs them, wait for the last request-scoped one."""
    wide = [place for place, use in enumerate(uses) if use.opens and use.scope == "request"]
    if not wide:
        return uses
    late: set[_Use] = set()
    for use in uses[: wide[-1]]:
        is_narrow = use.opens and use.scope == "function"
        if is_narrow or not late.isdisjoint(use.arguments.values()):
            late.add(use)
    head, tail = uses[: wide[-1] + 1], uses[wide[-1] + 1 :]
    return [
        *(use for use in head if use not in late),
        *(use for use in head if use in late),
        *tail,
    ]


async def _provide(
    program: Program, namespace: dict[str, Any], use: _Use, stack: contextlib.AsyncExitStack
) -> None:
    each, call = program.callables[use.index], namespace[f"node_{use.index}"]
    arguments = {name: below.value for name, below in use.arguments.items()}
    if not each.opens:
        use.value = await call(**arguments) if each.is_async else call(**arguments)
        return
    manager: Any
    if each.form == "manager":
        manager = call(**arguments)
    elif each.is_async:
        manager = contextlib.asynccontextmanager(call)(**arguments)
    else:
        manager = contextlib.contextmanager(call)(**arguments)
    use.value = await stack.enter_async_context(_Strict(manager, use.index, is_async=each.is_async))


class _Strict(contextlib.AbstractAsyncContextManager[Any]):
    """A manager of contextlib, with the rules of `yield` that the contract adds.

    contextlib lets a manager swallow, and says in two different ways that a generator did not
    yield exactly once; the contract names the dependency, and closes it at its second yield.
    """

    def __init__(self, manager: Any, index: int, *, is_async: bool) -> None:
        self._manager = manager
        self._index = index
        self._is_async = is_async

    async def __aenter__(self) -> Any:
        try:
            if self._is_async:
                return await self._manager.__aenter__()
            return self._manager.__enter__()
        except RuntimeError as error:
            if error.args != ("generator didn't yield",):
                raise
        raise BrokeProtocolError("yielded nothing", self._index)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if self._is_async:
                swallowed = await self._manager.__aexit__(kind, error, traceback)
            else:
                swallowed = self._manager.__exit__(kind, error, traceback)
        except RuntimeError as broken:
            if not str(broken).startswith("generator didn't stop"):
                raise
            await self._close()
            raise BrokeProtocolError("yielded twice", self._index) from error
        if swallowed:
            raise BrokeProtocolError("swallowed", self._index) from error

    async def _close(self) -> None:
        """Newer Pythons do it themselves."""
        if self._is_async:
            await self._manager.gen.aclose()
        else:
            self._manager.gen.close()
