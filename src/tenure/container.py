"""The engine's front door outside HTTP: run a function with its dependencies."""

from __future__ import annotations

from asyncio import _get_running_loop
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar, overload

from tenure.errors import Fault, GraphError
from tenure.graph.builder import build_graph
from tenure.graph.inputs import Input, InputUse, Reader
from tenure.graph.nodes import Graph
from tenure.graph.providers import Parameter, Provider, provider_of
from tenure.life import exits, threads
from tenure.life.protocol import did_not_yield
from tenure.life.scope import Scope
from tenure.life.shield import exiting
from tenure.life.unit import cancel_scopes, needs_shield, run_shielded
from tenure.plan.emitter import emit
from tenure.plan.interpreter import Around, interpret, interpret_around, resume
from tenure.plan.loader import load
from tenure.plan.planner import Shape, make_plan
from tenure.plan.runtime import Hooks, PlanFunction
from tenure.plan.steps import Plan
from tenure.text.chains import draw_chain

__all__ = ["Container", "Program", "compile_graph", "run_around", "run_program"]

T = TypeVar("T")


class _Life:
    """``tenure.life`` as the runtime of plans."""

    new_scope = Scope
    exiting = exiting
    generator_of = staticmethod(exits.generator_of)
    awaitable_of = staticmethod(exits.awaitable_of)
    cancel_scopes = cancel_scopes
    needs_shield = staticmethod(needs_shield)
    running_loop = staticmethod(_get_running_loop)
    run_shielded = staticmethod(run_shielded)
    did_not_yield = staticmethod(did_not_yield)
    in_thread = staticmethod(threads.in_thread)
    open_in_thread = staticmethod(threads.open_in_thread)
    close_in_thread = staticmethod(threads.close_in_thread)
    finish_exit = staticmethod(exits.finish_exit)
    yielded_again = staticmethod(exits.yielded_again)
    unwind = staticmethod(exits.unwind)


_LIFE: Any = _Life()

_MOST_PROGRAMS = 4096
"""How many functions a container keeps ready; each call of a new lambda or method is one."""


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """A plan that is ready to run: compiled, or walked by the interpreter."""

    plan: Plan
    function: PlanFunction
    source: str
    """The generated source, as ``explain`` shows it."""
    hooks: Hooks


def compile_graph(
    graph: Graph, hooks: Hooks, shape: Shape | None = None, *, interpreted: bool = False
) -> Program:
    """Make *graph* runnable. *interpreted* walks the steps instead of running the source."""
    plan = make_plan(graph, shape or Shape())

    text, names = emit(plan, _LIFE, hooks, partial(resume, plan, _LIFE, hooks))
    if interpreted:
        return Program(plan, partial(_interpret_all, plan, hooks), text, hooks)
    return Program(plan, load(text, plan.name, plan.origin, names), text, hooks)


async def _interpret_all(plan: Plan, hooks: Hooks, scope: Any, source: Any) -> Any:
    if scope is None and needs_shield():
        return await run_shielded(partial(_interpret_all, plan, hooks), source)
    return await interpret(plan, _LIFE, hooks, scope, source)


def run_program(program: Program, source: Any) -> Coroutine[Any, Any, Any]:
    """Run one unit of work on the loop that is running."""
    return program.function(None, source)


async def run_around(program: Program, source: Any, around: Around, scope: Any = None) -> Any:
    """Run one unit of work with code of the user's *around* all but its exits."""
    if scope is None and needs_shield():
        return await run_shielded(partial(_shielded_around, program, around), source)
    return await interpret_around(program.plan, _LIFE, program.hooks, around, scope, source)


async def _shielded_around(program: Program, around: Around, scope: Any, source: Any) -> Any:
    return await run_around(program, source, around, scope)


@dataclass(frozen=True, slots=True)
class _Given:
    """A parameter of the called function that the caller passes."""

    name: str
    uses_labels: bool = False


class _Arguments:
    """Fills the parameters of the root from the arguments of the call."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def recognise(self, parameter: Parameter, owner: Provider, *, is_root: bool) -> Input | None:
        if is_root and parameter.name in self._names:
            return _Given(parameter.name)
        return None

    def is_marker(self, metadata: Any) -> bool:
        return False

    def uses_labels(self, call: Callable[..., Any]) -> bool:
        return False

    def reader(self, uses: Sequence[InputUse]) -> Reader:
        names = tuple(use.name for use in uses)
        return lambda arguments: tuple([arguments[name] for name in names])

    def reject(self, source: Any, faults: Sequence[Any]) -> BaseException:
        return TypeError(f"rejected arguments: {list(faults)}")


class Container:
    """Runs functions with their dependencies, wherever there is no request.

    ::

        async with Container() as container:
            report = await container.call(make_report, month=3)

    Each ``call`` is one unit of work: dependencies are opened in order, the function runs, and
    everything is closed in reverse order before the result is returned.
    """

    def __init__(self, *, interpreted: bool = False) -> None:
        self._interpreted = interpreted
        self._programs: dict[tuple[Any, frozenset[str]], Program] = {}
        self._quick: dict[Any, PlanFunction] = {}
        """The functions of programs that take no arguments."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        return None

    @overload
    def call(
        self, function: Callable[..., Awaitable[T]], /, **arguments: Any
    ) -> Coroutine[Any, Any, T]: ...
    @overload
    def call(self, function: Callable[..., T], /, **arguments: Any) -> Coroutine[Any, Any, T]: ...
    def call(self, function: Callable[..., Any], /, **arguments: Any) -> Coroutine[Any, Any, Any]:
        """Run *function* as one unit of work and return what it returns.

        *arguments* fill its parameters by name; they win over a declared dependency's absence,
        never over its presence. Raises ``GraphError`` when something it needs is declared
        wrongly or missing, ``TypeError`` for an argument it does not take, and whatever the
        function or a dependency raises.
        """
        if not arguments:  # the usual case, without a detour
            try:
                run = self._quick.get(function)
            except TypeError:
                run = None  # cannot be hashed
            if run is not None:
                return run(None, arguments)
        program = self._program(function, frozenset(arguments))
        return run_program(program, arguments)

    def explain(self, function: Callable[..., Any], /, *arguments: str) -> str:
        """The source of the plan that runs *function* when *arguments* are passed by name."""
        return self._program(function, frozenset(arguments)).source

    def _program(self, function: Callable[..., Any], given: frozenset[str]) -> Program:
        key = (function, given)
        try:
            program = self._programs.get(key)
        except TypeError:
            return self._compile(function, given)  # cannot be hashed, so it cannot be kept
        if program is None:
            program = self._compile(function, given)
            self._keep(key, program)
        return program

    def _keep(self, key: tuple[Any, frozenset[str]], program: Program) -> None:
        while len(self._programs) >= _MOST_PROGRAMS:  # the oldest goes first
            oldest = next(iter(self._programs))
            del self._programs[oldest]
            self._quick.pop(oldest[0], None)
        self._programs[key] = program
        if not key[1]:
            self._quick[key[0]] = program.function

    def _compile(self, function: Callable[..., Any], given: frozenset[str]) -> Program:
        if not callable(function):
            raise GraphError([_not_callable(function)])
        provider = provider_of(function)
        if provider.kind.opens:
            raise GraphError([_root_that_opens(function, provider)])
        unknown = given - {parameter.name for parameter in provider.parameters}
        if unknown:
            names = ", ".join(sorted(unknown))
            msg = f"{provider.name} ({provider.place}) takes no argument named {names}"
            raise TypeError(msg)
        binder = _Arguments(given)
        graph = build_graph(function, binder)
        ignored = given - {use.name for use in graph.inputs}
        if ignored:
            names = ", ".join(sorted(ignored))
            msg = (
                f"{provider.name} ({provider.place}) declares {names} with Depends, so it cannot "
                "be passed as an argument"
            )
            raise TypeError(msg)
        hooks = Hooks(binder.reader, binder.reject)
        return compile_graph(graph, hooks, interpreted=self._interpreted)


def _not_callable(function: object) -> Fault:
    return Fault(
        "uncallable",
        f"{function!r} cannot be called.",
        "",
        "pass the function itself, not the result of a call",
    )


def _root_that_opens(function: Callable[..., Any], provider: Provider) -> Fault:
    return Fault(
        "root",
        f"{provider.name} ({provider.place}) yields, so its value would be closed before the "
        "caller gets it.",
        draw_chain([function]),
        "call a function that declares it with Depends",
    )
