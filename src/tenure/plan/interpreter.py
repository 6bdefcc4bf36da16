"""Walks the steps of a plan plainly, without generated code.

The oracle of the tests, and the way of a unit of work from where an input was rejected: then only
what does not depend on a rejected value runs, and the rejection is raised where the root would
have been called.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

from tenure.errors import RejectedInputs
from tenure.graph.nodes import InputUse, Node
from tenure.graph.outcome import Outcome, note_ending
from tenure.plan.runtime import Hooks, Observed, Runtime
from tenure.plan.steps import Call, Close, Deliver, Finish, Open, Plan, Read, Root, Take, flat

__all__ = ["Around", "interpret", "interpret_around", "resume"]

Around = Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]
"""Code of the user's around the inner part of a unit of work, which it is handed."""

_ENDED: Final = object()


async def interpret(plan: Plan, runtime: Runtime, hooks: Hooks, scope: Any, source: Any) -> Any:
    """Do one unit of work as *plan* says."""
    walk = _Walk(plan, runtime, hooks, scope, source)
    return await _run(walk, walk.run(0))


async def interpret_around(
    plan: Plan, runtime: Runtime, hooks: Hooks, around: Around, scope: Any, source: Any
) -> Any:
    """The same, with code of the user's *around* everything up to the finished result.

    That code may do without the inner part, repeat it, or make another result of it; whatever
    it opens in doing so is closed after it.
    """
    walk = _Walk(plan, runtime, hooks, scope, source)
    walk.outlives_what_is_around()
    return await _run(walk, walk.run_around(around))


async def resume(
    plan: Plan,
    runtime: Runtime,
    hooks: Hooks,
    scope: Any,
    source: Any,
    names: dict[str, Any],
    rejected: RejectedInputs,
) -> Any:
    """Go on where the generated function has read inputs that were *rejected*.

    *names* are its local names: what has been solved, and how much is open.
    """
    walk = _Walk(plan, runtime, hooks, scope, source, names.get("observed"))
    return await _run(walk, walk.run(walk.take_over(names, rejected)))


async def _run(walk: _Walk, running: Awaitable[Any]) -> Any:
    failures: list[BaseException] = []
    try:
        return await running
    except BaseException as error:
        failures.append(error)
        walk.note_failure(error)
    await walk.unwind(failures)
    if not failures:
        return None
    raise failures.pop()


class _Walk:
    def __init__(
        self,
        plan: Plan,
        runtime: Runtime,
        hooks: Hooks,
        scope: Any,
        source: Any,
        observed: Observed | None = None,
    ) -> None:
        self._plan = plan
        self._runtime = runtime
        self._hooks = hooks
        self._scope = scope if scope is not None else runtime.new_scope()
        self._source = source
        self._outcome = Outcome()
        self._values: dict[str, Any] = {"outcome": self._outcome}
        self._result: Any = None
        self._faults: dict[InputUse, Any] = {}
        """What is wrong with the inputs that were rejected."""
        self._skipped: set[Node] = set()
        """What cannot be called, since a value it needs was rejected or skipped."""
        self._outer: Any = None
        """How to set ``exiting`` back, while exits run."""
        self._steps = tuple(flat(plan.steps))
        """Here each step that runs in a thread has a hop of its own."""
        if observed is None and hooks.observe is not None:
            observed = hooks.observe(source)
        self._observed = observed
        self._scope.observed = self._observed
        self._stack: list[tuple[Any, Open]] = []
        """What is open, in the order of opening."""

    def outlives_what_is_around(self) -> None:
        """Note that what is opened inside code of the user's is closed when that has ended."""
        self._scope.nests = False

    def take_over(self, names: dict[str, Any], rejected: RejectedInputs) -> int:
        """Take what the generated function has done; the position of the step to go on with."""
        self._values = names
        self._outcome = names.get("outcome", self._outcome)
        self._stack = [
            (names[step.generator], step) for step in self._plan.opens[: names["opened"]]
        ]
        # All targets of a read are assigned together: the first without is the one that failed.
        failed = next(step for step in self._plan.reads if step.targets[0] not in names)
        self._note(failed, rejected)
        return self._steps.index(failed) + 1

    async def unwind(self, failures: list[BaseException]) -> None:
        """Deliver a failure to all that is open."""
        plan = self._plan
        await self._runtime.unwind(
            self._scope,
            failures,
            self._stack,
            plan.opens,
            self._outer,
            may_swallow=plan.may_swallow,
            tell=self.note_failure if plan.uses_outcome else None,
        )

    def note_failure(self, error: BaseException | None) -> None:
        """Let exits know what the unit of work has come to."""
        ending_of = self._hooks.ending_of or self._runtime.ending_of
        note_ending(ending_of, self._outcome, self._source, error)

    async def run_around(self, around: Around) -> Any:
        """Take the steps up to the finished result inside *around*, then the others."""
        steps = self._steps
        is_last = [isinstance(step, Root | Finish) for step in steps]
        middle = len(steps) - is_last[::-1].index(True)
        self._result = await around(partial(self.run, 0, middle))
        return await self.run(middle)

    async def run(self, start: int, stop: int | None = None) -> Any:
        """Take the steps from *start* on, up to *stop*."""
        for step in self._steps[start:stop]:
            match step:
                case Read():
                    self._read(step)
                case Take():
                    application = self._hooks.application(self._source)
                    if self._observed is not None:
                        application = self._observed.application(application)
                    self._values[step.target] = await application.provide(step.node)
                case Call():
                    if not self._must_skip(step.node):
                        self._values[step.target] = await self._call(step)
                case Open():
                    if not self._must_skip(step.node):
                        await self._open(step)
                case Root():
                    if self._faults:
                        raise self._rejection()
                    self._result = await self._call(step)
                    if not self._plan.keeps:
                        self._outcome.kind = "returned"
                case Finish():
                    if self._hooks.finish is not None:
                        self._result = self._hooks.finish(self._source, self._result)
                    if self._hooks.status_of is not None:
                        self._outcome.status = self._hooks.status_of(self._source, self._result)
                case Deliver():
                    if self._hooks.deliver is not None:
                        await self._hooks.deliver(self._source, self._result)
                    self._outcome.kind = "returned"
                case Close():
                    await self._close(step)
        return self._result

    def _read(self, step: Read) -> None:
        try:
            values = self._hooks.reader(step.uses)(self._source)
        except RejectedInputs as rejected:
            self._note(step, rejected)
        else:
            self._values.update(zip(step.targets, values, strict=True))

    def _note(self, step: Read, rejected: RejectedInputs) -> None:
        self._values.update(zip(step.targets, rejected.values, strict=True))
        for position, fault in rejected.faults.items():
            self._faults[step.uses[position]] = fault

    def _must_skip(self, node: Node) -> bool:
        values = [argument.value for argument in node.arguments]
        is_skipped = any(
            value in self._faults if isinstance(value, InputUse) else value in self._skipped
            for value in values
        ) or any(each in self._skipped for each in node.required)
        if is_skipped:
            self._skipped.add(node)
        return is_skipped

    def _rejection(self) -> BaseException:
        # In the order of the declaration, which the order of solving may differ from.
        declared = [self._faults[use] for use in self._plan.inputs if use in self._faults]
        return self._hooks.reject(self._source, declared)

    async def _call(self, step: Call | Root) -> Any:
        arguments = self._arguments(step)
        if isinstance(step, Call) and step.limit is not None:
            call = partial(self._called(step), **arguments)
            return await self._runtime.call_limited(self._scope, step, call, self._may_wait())
        if step.in_thread:
            return await self._in_thread(partial(self._called(step), **arguments), step)
        returned = self._called(step)(**arguments)
        if not step.is_async:
            return returned
        if step.node.provider.indirect:
            returned = self._runtime.awaitable_of(returned, step.node.provider)
        return await returned

    async def _open(self, step: Open) -> None:
        if step.is_slot:
            self._note_open(step, await self._runtime.take_slot(self._scope, step), None)
            return
        generator = self._called(step)(**self._arguments(step))
        if step.indirect:
            generator = self._runtime.generator_of(generator, step)
        if step.may_suspend:
            generator = self._runtime.sheltered(self._scope, generator, step)
        if step.is_async:
            value = await anext(generator, _ENDED)
            if value is _ENDED:
                raise self._runtime.did_not_yield(step)
            self._note_open(step, generator, value)
            return

        def open_here() -> None:
            self._note_open(step, generator, self._runtime.open_here(generator, step))

        if step.in_thread:
            await self._in_thread(open_here, step)
        else:
            open_here()

    def _note_open(self, step: Open, generator: Any, value: Any) -> None:
        self._values[step.target] = value
        self._stack.append((generator, step))

    async def _in_thread(self, hop: Callable[[], Any], step: Call | Open | Root) -> Any:
        waits, run = self._may_wait(), self._runtime.in_thread
        if waits and self._observed is not None:
            return await self._observed.in_thread(step.node, run, self._scope, hop, waits)
        return await run(self._scope, hop, waits)

    def _called(self, step: Call | Open | Root) -> Callable[..., Any]:
        if self._observed is None:
            return step.node.call
        return self._observed.calling(step.node)

    def _may_wait(self) -> bool:
        # Who holds what a thread has opened does not wait for those that wait for it.
        return not any(step.is_plain for _, step in self._stack)

    async def _close(self, step: Close) -> None:
        exiting = self._runtime.exiting
        self._outer = exiting.set(exiting.get())
        shield = self._scope.shield
        if shield is not None:
            shield.shield = True
        while len(self._stack) > step.left_open:
            generator, resource = self._stack[-1]
            if resource.in_thread:
                await self._close_in_thread(generator, resource)
                continue
            self._stack.pop()
            if resource.is_async:
                await self._close_async(generator, resource)
            else:
                self._runtime.close_here(generator, resource)
        if shield is not None:
            shield.shield = False
        exiting.reset(self._outer)
        self._outer = None

    async def _close_in_thread(self, generator: Any, resource: Open) -> None:
        def close() -> None:
            self._scope.leaves(resource)
            self._stack.pop()  # not before: the way to the thread may be cut off
            self._runtime.close_here(generator, resource)

        await self._runtime.in_thread(self._scope, close, False, resource.exit_timeout)

    async def _close_async(self, generator: Any, resource: Open) -> None:
        self._runtime.exiting.set(generator)
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
