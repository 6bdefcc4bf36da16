"""Walks the steps of a plan plainly, without generated code.

The oracle of the tests, and the way of a unit of work whose input was rejected: then only what
does not depend on a rejected value runs, and the rejection is raised where the root would have
been called.
"""

from __future__ import annotations

from typing import Any, Final

from tenure.errors import RejectedInputs
from tenure.graph.inputs import InputUse
from tenure.graph.nodes import Node
from tenure.plan.runtime import Hooks, Runtime
from tenure.plan.steps import Call, Close, Deliver, Finish, Open, Plan, Read, Root

__all__ = ["interpret"]

_ENDED: Final = object()


async def interpret(
    plan: Plan,
    runtime: Runtime,
    hooks: Hooks,
    scope: Any,
    source: Any,
    rejected: RejectedInputs | None = None,
) -> Any:
    """Do one unit of work as *plan* says; with *rejected*, as far as its input allows."""
    scope = scope if scope is not None else runtime.new_scope()
    walk = _Walk(plan, runtime, hooks, scope, source)
    failures: list[BaseException] = []
    try:
        return await walk.run(rejected)
    except BaseException as error:
        failures.append(error)
    await runtime.unwind(scope, failures, walk.stack, plan.opens, may_swallow=plan.may_swallow)
    if not failures:
        return None
    raise failures.pop()


class _Walk:
    def __init__(self, plan: Plan, runtime: Runtime, hooks: Hooks, scope: Any, source: Any) -> None:
        self._plan = plan
        self._runtime = runtime
        self._hooks = hooks
        self._scope = scope
        self._source = source
        self._values: dict[str, Any] = {}
        self._result: Any = None
        self.stack: list[tuple[Any, Open]] = []
        """What is open, in the order of opening."""

    async def run(self, rejected: RejectedInputs | None) -> Any:
        skipped = _skipped(self._plan, rejected) if rejected is not None else frozenset()
        for step in self._plan.steps:
            match step:
                case Read():
                    values = rejected.values if rejected else self._hooks.read(self._source)
                    self._values.update(zip(step.targets, values, strict=True))
                case Call() if step.node not in skipped:
                    self._values[step.target] = await self._call(step)
                case Open() if step.node not in skipped:
                    await self._open(step)
                case Root():
                    if rejected is not None:
                        raise self._hooks.reject(self._source, rejected.faults)
                    self._result = await self._call(step)
                case Finish():
                    if self._hooks.finish is not None:
                        self._result = self._hooks.finish(self._source, self._result)
                case Deliver():
                    if self._hooks.deliver is not None:
                        await self._hooks.deliver(self._source, self._result)
                case Close():
                    await self._close(step)
                case _:
                    pass
        return self._result

    async def _call(self, step: Call | Root) -> Any:
        arguments = self._arguments(step)
        if step.in_thread:
            return await self._runtime.in_thread(self._scope, step.node.call, **arguments)
        returned = step.node.call(**arguments)
        if step.node.provider.indirect:
            returned = self._runtime.awaitable_of(returned, step.node.provider)
        return await returned

    async def _open(self, step: Open) -> None:
        generator = step.call(**self._arguments(step))
        if step.indirect:
            generator = self._runtime.generator_of(generator, step)
        if step.is_async:
            value = await anext(generator, _ENDED)
            if value is _ENDED:
                raise self._runtime.did_not_yield(step)
        else:
            value = await self._runtime.open_in_thread(self._scope, generator, step)
        self._values[step.target] = value
        self.stack.append((generator, step))

    async def _close(self, step: Close) -> None:
        shield = self._scope.shield
        if shield is not None:
            shield.shield = True
        while len(self.stack) > step.left_open:
            generator, resource = self.stack.pop()
            if resource.is_async:
                await self._close_async(generator, resource)
            else:
                await self._runtime.close_in_thread(self._scope, generator, resource)
        if shield is not None:
            shield.shield = False

    async def _close_async(self, generator: Any, resource: Open) -> None:
        closing = generator.__anext__()
        try:
            waiting = closing.send(None)
        except StopAsyncIteration:
            return
        except StopIteration:
            pass
        else:
            await self._runtime.finish_exit(self._scope, closing, waiting, generator, resource)
            return
        raise await self._runtime.yielded_again(self._scope, generator, resource)

    def _arguments(self, step: Call | Open | Root) -> dict[str, Any]:
        return {name: self._values[value] for name, value in step.arguments}


def _skipped(plan: Plan, rejected: RejectedInputs) -> frozenset[Node]:
    """The nodes that cannot be called, since a value they need was rejected."""
    reads = next(step for step in plan.steps if isinstance(step, Read))
    refused: set[InputUse] = {reads.uses[position] for position in rejected.faults}
    skipped: set[Node] = set()
    for step in plan.steps:
        if isinstance(step, Call | Open):
            values = [argument.value for argument in step.node.arguments]
            if any(value in refused or value in skipped for value in values) or any(
                node in skipped for node in step.node.required
            ):
                skipped.add(step.node)
    return frozenset(skipped)
