"""The only module that holds source text: one flat function per plan.

The function contains what this plan needs on its success path and nothing else. It drives
generators directly, without context managers or an exit stack, and counts what is open. It is
flat, because Python limits the nesting of blocks. Whatever fails leaves through one ``except``,
which hands everything open to ``unwind``.
"""

from __future__ import annotations

from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from tenure.errors import RejectedInputs
from tenure.graph.nodes import Node
from tenure.graph.outcome import Outcome, note_ending
from tenure.plan.names import RUNTIME_NAMES, Names
from tenure.plan.runtime import Hooks, Resume, Runtime
from tenure.plan.steps import (
    Call,
    Close,
    Deliver,
    Finish,
    Hop,
    Open,
    Plan,
    Read,
    Root,
    Step,
    Take,
    Together,
)
from tenure.plan.variables import assigned_by, given_to, locals_of, seconds_of
from tenure.plan.writer import Writer

__all__ = ["emit"]

_MISSING: Final = object()
"""Stands for a value of scope "app" that has not been set up yet."""


def emit(plan: Plan, runtime: Runtime, hooks: Hooks, resume: Resume) -> tuple[str, dict[str, Any]]:
    """The source of *plan* and the objects its names stand for."""
    return _Emitter(plan, runtime, hooks, resume).emit()


class _Emitter:
    def __init__(self, plan: Plan, runtime: Runtime, hooks: Hooks, resume: Resume) -> None:
        self._plan = plan
        self._hooks = hooks
        self._write = Writer()
        self._names = Names()
        self._result = "result"
        self._has_taken = False
        self._opens: dict[Open, str] = {}
        self._calls: dict[int, str] = {}
        self._depth = {step: depth for depth, step in enumerate(plan.opens)}
        self._globals: dict[str, Any] = {
            **{name: getattr(runtime, name) for name in RUNTIME_NAMES},
            "RejectedInputs": RejectedInputs,
            "partial": partial,
            "opens": plan.opens,
            "finish": hooks.finish,
            "deliver": hooks.deliver,
            "application_of": hooks.application,
            "missing": _MISSING,
            "resume": resume,
            "Outcome": Outcome,
            "status_of": hooks.status_of,
            "note_ending": partial(note_ending, hooks.ending_of or runtime.ending_of),
            "observe": hooks.observe,
        }
        for name in locals_of(plan):
            self._names.take(name)

        self._marking: Open | None = None
        """Whose exit is the first to be marked."""
        has_scope = plan.needs_scope or plan.starts_tasks
        self._is_shielded = "scope.shield is not None" if has_scope else "scope is not None"

    def emit(self) -> tuple[str, dict[str, Any]]:
        write = self._write
        with write.block(f"async def {self._plan.name}(scope, source):"):
            if self._plan.starts_tasks:
                with write.block("if scope is None or scope.tasks is None:"):
                    write.line("return await run_together(itself(), scope, source)")
            elif any(step.may_suspend or step.in_thread for step in self._plan.opens):
                self._emit_shield()
            if self._plan.needs_scope:
                with write.block("if scope is None:"):
                    write.line("scope = new_scope()")
            if self._hooks.observe is not None:
                write.line("observed = observe(source)")
                if self._plan.needs_scope:
                    write.line("scope.observed = observed")
            write.line("opened = 0")
            write.line("outer = None")
            if self._plan.uses_outcome:
                write.line("outcome = Outcome()")
            self._emit_shared_names()
            with write.block("try:"):
                for step in self._plan.steps:
                    self._emit_step(step)
                write.line(f"return {self._result}")
            if self._plan.reads:
                # Nothing before the root goes on as planned: the interpreter sees to it.
                with write.block("except RejectedInputs as rejected:"):
                    write.line("refused = resume(scope, source, locals(), rejected)")
                    write.line("failures = None")
            with write.block("except BaseException as error:"):
                write.line("failures = [error]")
                if self._plan.uses_outcome:
                    write.line("note_ending(outcome, source, error)")
            if self._plan.reads:
                with write.block("if failures is None:"):
                    write.line("return await refused")
            self._emit_unwind()
        return write.text(), self._globals

    def _emit_shared_names(self) -> None:
        # Never executed: says that what the hops assign are variables of this function.
        names = dict.fromkeys(
            name for step in self._plan.steps if isinstance(step, Hop) for name in assigned_by(step)
        )
        names.pop("opened", None)
        if names:
            with self._write.block("if False:"):
                self._write.line(f"{' = '.join(names)} = None")

    def _emit_shield(self) -> None:
        # Cheapest question first: most programs have no task inside a cancel scope.
        write = self._write
        with write.block(
            "if (cancel_scopes or running_loop() is None) and scope is None and needs_shield():"
        ):
            # Where all exits that wait have a shelter of their own, one around them is not needed.
            run = "run_shielded" if self._plan.needs_scope else "run_sheltered"
            write.line(f"return await {run}(itself(), source)")

    def _emit_read(self, step: Read) -> None:
        reader = self._names.take(f"read_{step.uses[0].owner.provider.word}")
        self._globals[reader] = self._hooks.reader(step.uses)
        self._write.line(f"{', '.join(step.targets)}, = {reader}(source)")

    def _emit_step(self, step: Step) -> None:
        match step:
            case Call():
                self._emit_call(step)
            case Open():
                self._emit_open(step)
            case Root():
                self._emit_awaited("result", step)
                if self._plan.uses_outcome and not self._plan.keeps:
                    self._write.line('outcome.kind = "returned"')
            case Finish():
                self._write.line("reply = finish(source, result)")
                self._result = "reply"
                if self._plan.uses_outcome and self._hooks.status_of is not None:
                    self._write.line("outcome.status = status_of(source, reply)")
            case Deliver():
                self._write.line(f"await deliver(source, {self._result})")
                if self._plan.uses_outcome and self._plan.keeps:
                    self._write.line('outcome.kind = "returned"')
            case Close():
                self._emit_close_all(step)
            case Read():
                self._emit_read(step)
            case Hop():
                self._emit_hop(step)
            case Take():
                self._emit_take(step)
            case Together():
                self._emit_together(step)

    def _emit_together(self, step: Together) -> None:
        write = self._write
        handles: list[str] = []
        for part in step.steps:
            self._comment(f"{part.target}: {part.name} at {part.place}, at the same time")
            handles.append(part.generator if isinstance(part, Open) else part.target)
        write.line(f"{', '.join(handles)} = await open_together(scope, (")
        for part in step.steps:
            opening = self._names.take(f"{part.target}_step")
            self._globals[opening] = part
            call = self._called(part.node)
            given = given_to(part)
            write.line(f"    ({opening}, partial({call}{', ' if given else ''}{given})),")
        write.line("))")
        targets = [part.target for part in step.steps]
        values = [f"{handle}.value" for handle in handles]
        write.line(f"{', '.join(targets)} = {', '.join(values)}")
        if step.opened:
            write.line(f"opened = {self._depth[step.opened[-1]] + 1}")

    def _emit_hop(self, step: Hop) -> None:
        write = self._write
        with write.block("def hop():"):
            write.line(f"nonlocal {', '.join(assigned_by(step))}")
            closes = [part for part in step.steps if isinstance(part, Close)]
            for part in step.steps[: len(step.steps) - len(closes)]:
                self._emit_step(part)
            opened = tuple(each for close in closes for each in close.opened)
            left = closes[-1].left_open if closes else 0
            may_part = len(closes) not in (0, len(step.steps))
            if may_part:
                with write.block("if scope.is_interrupted():"):
                    write.line("return")
            self._emit_closing(opened, left, in_hop=True)
        run = "in_thread("
        if self._hooks.observe is not None and step.waits:
            node = self._global(step.first, f"{step.first.provider.word}_node")
            run = f"observed.in_thread({node}, in_thread, "
        write.line(f"await {run}scope, hop, {step.waits}{seconds_of(opened)})")
        if may_part:
            # What interrupted it has been delivered, or was none: the exits are yet to run.
            with write.block(f"if opened > {left}:"):
                self._emit_closing_hop(opened, left)

    def _emit_closing_hop(self, opened: tuple[Open, ...], left: int) -> None:
        with self._write.block("def hop():"):
            self._write.line("nonlocal opened")
            self._emit_closing(opened, left, in_hop=True)
        self._write.line(f"await in_thread(scope, hop, False{seconds_of(opened)})")

    def _emit_take(self, step: Take) -> None:
        write, provider = self._write, step.node.provider
        self._comment(f'{step.target}: {provider.name} at {provider.place}, of scope "app"')
        if not self._has_taken:
            application = "application_of(source)"
            if self._hooks.observe is not None:
                application = f"observed.application({application})"
            write.line(f"application = {application}")
            self._has_taken = True
        key = self._names.take(f"{step.target}_key")
        node = self._names.take(f"{step.target}_node")
        self._globals[key], self._globals[node] = step.node.shared_key, step.node
        write.line(f"{step.target} = application.values.get({key}, missing)")
        with write.block(f"if {step.target} is missing:"):
            write.line(f"{step.target} = await application.provide({node})")

    def _emit_call(self, step: Call) -> None:
        provider = step.node.provider
        self._comment(f"{step.target}: {provider.name} at {provider.place}")
        if step.limit is None:
            self._emit_awaited(step.target, step)
        else:
            self._emit_limited(step, step.limit.max_concurrency)

    def _emit_limited(self, step: Call, most: int) -> None:
        described = self._names.take(f"{step.target}_step")
        self._globals[described] = step
        call, given = self._called(step.node), given_to(step)
        made = f"partial({call}{', ' if given else ''}{given})"
        self._comment(f"in one of {most} slots, until it returns")
        self._write.line(
            f"{step.target} = await call_limited(scope, {described}, {made}, {step.waits})"
        )

    def _emit_awaited(self, target: str, step: Call | Root) -> None:
        provider = step.node.provider
        call = self._called(step.node)
        given = given_to(step)
        if not step.is_async:
            self._write.line(f"{target} = {call}({given})")
        elif provider.indirect:
            described = self._global(provider, f"{provider.word}_provider")
            self._write.line(f"{target} = await awaitable_of({call}({given}), {described})")
        else:
            self._write.line(f"{target} = await {call}({given})")

    def _comment(self, text: str) -> None:
        # Names and paths are the user's: nothing in them may end the comment or the encoding.
        plain = " ".join(text.split()).encode("ascii", "backslashreplace").decode()
        plain = plain.replace("\0", "\\x00")
        self._write.line(f"# {plain}")

    def _emit_open(self, step: Open) -> None:
        write = self._write
        resource = self._resource(step)
        if step.is_slot:
            most = step.limit.max_concurrency if step.limit is not None else None
            self._comment(f"{step.target}: one of {most} for {step.name}")
            write.line(f"{step.generator} = await take_slot(scope, {resource})")
            write.line(f"opened = {self._depth[step] + 1}")
            return
        self._comment(
            f'{step.target}: {step.name} at {step.place}, closed with scope "{step.node.scope}"'
        )
        made = f"{self._called(step.node)}({given_to(step)})"
        if step.indirect:
            made = f"generator_of({made}, {resource})"
        write.line(f"{step.generator} = {made}")
        if step.may_suspend:
            # What was opened before may hold a cancel scope, even where none is around the unit.
            held = " or cancel_scopes" if self._depth[step] else ""
            with write.block(f"if {self._is_shielded}{held}:"):
                write.line(f"{step.generator} = sheltered(scope, {step.generator}, {resource})")
        if step.is_async:
            write.line(f"{step.target} = await {step.generator}.__anext__()")
        else:
            write.line(f"{step.target} = open_here({step.generator}, {resource})")
        write.line(f"opened = {self._depth[step] + 1}")

    def _emit_close_all(self, step: Close) -> None:
        write = self._write
        write.line(f'# close what belongs to scope "{step.scope}"')
        if not any(opened.may_suspend or opened.in_thread for opened in step.opened):
            self._emit_closing(step.opened, step.left_open)
            return
        marking = next((opened for opened in step.opened if opened.may_suspend), None)
        self._marking = marking
        with write.block(f"if {self._is_shielded}:"):
            write.line("scope.shield.shield = True")
        left = step.left_open + len(step.opened)
        for in_thread, together in groupby(step.opened, attrgetter("in_thread")):
            opened = tuple(together)
            left -= len(opened)
            if in_thread:
                self._emit_closing_hop(opened, left)
            else:
                self._emit_closing(opened, left)
        with write.block(f"if {self._is_shielded}:"):
            write.line("scope.shield.shield = False")
        if marking is not None:
            # Nothing is left in the context, and an exit of a unit of work around this one goes on.
            write.line("exiting.reset(outer)")
            write.line("outer = None")

    def _emit_closing(self, opened: tuple[Open, ...], left: int, *, in_hop: bool = False) -> None:
        for number, step in enumerate(opened, 1):
            if in_hop and step.exit_timeout is not None:
                self._write.line(f"scope.leaves({self._resource(step)})")
            self._write.line(f"opened = {left + len(opened) - number}")
            if step.is_slot:
                self._write.line(f"{step.generator}.give_back()")
            elif step.is_async:
                self._emit_close(step)
            else:
                self._write.line(f"close_here({step.generator}, {self._resource(step)})")

    def _emit_close(self, step: Open) -> None:
        # Most exits end without suspending: one send, no await, no shield.
        write, resource = self._write, self._resource(step)
        if step.may_suspend:
            mark = "outer = " if step is self._marking else ""
            write.line(f"{mark}exiting.set({step.generator})")
        write.line(f"closing = {step.generator}.__anext__()")
        with write.block("try:"):
            write.line("waiting = closing.send(None)")
        with write.block("except StopAsyncIteration:"):
            write.line("pass")
        with write.block("except StopIteration:"):
            write.line(f"raise await yielded_again(scope, {step.generator}, {resource})")
        with write.block("else:"):
            write.line(f"await finish_exit(scope, closing, waiting, {step.generator}, {resource})")

    def _emit_unwind(self) -> None:
        write = self._write
        write.line("stack = []")
        for step, depth in self._depth.items():
            with write.block(f"if opened > {depth}:"):
                write.line(f"stack.append(({step.generator}, {self._resource(step)}))")
        told = ", tell=partial(note_ending, outcome, source)" if self._plan.uses_outcome else ""
        write.line(
            "await unwind(scope, failures, stack, opens, outer, "
            f"may_swallow={self._plan.may_swallow}{told})"
        )
        if self._plan.may_swallow:
            with write.block("if not failures:"):
                write.line("return None")
        write.line("raise failures.pop()")

    def _resource(self, step: Open) -> str:
        name = self._opens.get(step)
        if name is None:
            name = self._opens[step] = self._names.take(f"{step.target}_opening")
            self._globals[name] = step
        return name

    def _called(self, node: Node) -> str:
        """What the source calls for *node*."""
        if self._hooks.observe is None:
            return self._global(node.call, node.provider.word)
        return f"observed.calling({self._global(node, f'{node.provider.word}_node')})"

    def _global(self, call: object, word: str) -> str:
        name = self._calls.get(id(call))
        if name is None:
            name = self._calls[id(call)] = self._names.take(word)
            self._globals[name] = call
        return name
