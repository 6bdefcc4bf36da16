"""The only module that holds source text: one flat function per plan.

The function contains what this plan needs on its success path and nothing else. It drives
generators directly, without context managers or an exit stack, and counts what is open. It is
flat, because Python limits the nesting of blocks. Whatever fails leaves through one ``except``,
which hands everything open to ``unwind``.
"""

from __future__ import annotations

from typing import Any

from tenure.errors import RejectedInputs
from tenure.plan.names import Names
from tenure.plan.runtime import Hooks, Resume, Runtime
from tenure.plan.steps import Call, Close, Deliver, Finish, Open, Plan, Read, Root, Step
from tenure.plan.writer import Writer

__all__ = ["emit"]


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
        self._opens: dict[Open, str] = {}
        self._calls: dict[int, str] = {}
        self._depth = {step: depth for depth, step in enumerate(plan.opens)}
        self._globals: dict[str, Any] = {
            "RejectedInputs": RejectedInputs,
            "cancel_scopes": runtime.cancel_scopes,
            "running_loop": runtime.running_loop,
            "needs_shield": runtime.needs_shield,
            "run_shielded": runtime.run_shielded,
            "new_scope": runtime.new_scope,
            "exiting": runtime.exiting,
            "generator_of": runtime.generator_of,
            "awaitable_of": runtime.awaitable_of,
            "in_thread": runtime.in_thread,
            "open_in_thread": runtime.open_in_thread,
            "close_in_thread": runtime.close_in_thread,
            "finish_exit": runtime.finish_exit,
            "yielded_again": runtime.yielded_again,
            "unwind": runtime.unwind,
            "opens": plan.opens,
            "finish": hooks.finish,
            "deliver": hooks.deliver,
            "resume": resume,
        }
        for name in _locals_of(plan):
            self._names.take(name)

    def emit(self) -> tuple[str, dict[str, Any]]:
        write = self._write
        with write.block(f"async def {self._plan.name}(scope, source):"):
            if self._plan.opens:
                self._emit_shield()
            if self._plan.uses_threads:
                with write.block("if scope is None:"):
                    write.line("scope = new_scope()")
            write.line("opened = 0")
            write.line("outer = None")
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
            if self._plan.reads:
                with write.block("if failures is None:"):
                    write.line("return await refused")
            self._emit_unwind()
        return write.text(), self._globals

    def _emit_shield(self) -> None:
        # Cheapest question first: most programs have no task inside a cancel scope.
        write = self._write
        with write.block(
            "if (cancel_scopes or running_loop() is None) and scope is None and needs_shield():"
        ):
            write.line("return await run_shielded(itself(), source)")

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
            case Finish():
                self._write.line("reply = finish(source, result)")
                self._result = "reply"
            case Deliver():
                self._write.line(f"await deliver(source, {self._result})")
            case Close():
                self._emit_close_all(step)
            case Read():
                self._emit_read(step)

    def _emit_call(self, step: Call) -> None:
        provider = step.node.provider
        self._comment(f"{step.target}: {provider.name} at {provider.place}")
        self._emit_awaited(step.target, step)

    def _emit_awaited(self, target: str, step: Call | Root) -> None:
        provider = step.node.provider
        call = self._global(step.node.call, provider.word)
        given = ", ".join(f"{name}={value}" for name, value in step.arguments)
        if step.in_thread:
            given = f", {given}" if given else ""
            self._write.line(f"{target} = await in_thread(scope, {call}{given})")
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
        self._comment(
            f'{step.target}: {step.name} at {step.place}, closed with scope "{step.node.scope}"'
        )
        given = ", ".join(f"{name}={value}" for name, value in step.arguments)
        made = f"{self._global(step.call, step.node.provider.word)}({given})"
        if step.indirect:
            made = f"generator_of({made}, {resource})"
        write.line(f"{step.generator} = {made}")
        if step.is_async:
            write.line(f"{step.target} = await {step.generator}.__anext__()")
        else:
            write.line(f"{step.target} = await open_in_thread(scope, {step.generator}, {resource})")
        write.line(f"opened = {self._depth[step] + 1}")

    def _emit_close_all(self, step: Close) -> None:
        write = self._write
        write.line(f'# close what belongs to scope "{step.scope}"')
        write.line("outer = exiting.get()")
        shielded = "scope is not None"
        if self._plan.uses_threads:
            shielded = "scope.shield is not None"
        with write.block(f"if {shielded}:"):
            write.line("scope.shield.shield = True")
        left = step.left_open + len(step.opened)
        for opened in step.opened:
            left -= 1
            write.line(f"opened = {left}")
            if opened.is_async:
                self._emit_close(opened)
            else:
                resource = self._resource(opened)
                write.line(f"await close_in_thread(scope, {opened.generator}, {resource})")
        with write.block(f"if {shielded}:"):
            write.line("scope.shield.shield = False")
        # Inside an exit of another unit of work, which goes on: what it starts is its own again.
        with write.block("if outer is not None and outer.ag_frame is not None:"):
            write.line("exiting.set(outer)")

    def _emit_close(self, step: Open) -> None:
        # Most exits end without suspending: one send, no await, no shield.
        write, resource = self._write, self._resource(step)
        write.line(f"exiting.set({step.generator})")
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
        write.line(
            "await unwind(scope, failures, stack, opens, outer, "
            f"may_swallow={self._plan.may_swallow})"
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

    def _global(self, call: object, word: str) -> str:
        name = self._calls.get(id(call))
        if name is None:
            name = self._calls[id(call)] = self._names.take(word)
            self._globals[name] = call
        return name


def _locals_of(plan: Plan) -> list[str]:
    names: list[str] = []
    for step in plan.steps:
        match step:
            case Read():
                names.extend(step.targets)
            case Call():
                names.append(step.target)
            case Open():
                names.extend((step.target, step.generator))
            case _:
                pass
    return names
