"""First pass over a graph: each callable once, each of its parameters assigned.

Depth first from the root, without recursion, so that a chain may be of any length. Collects
every fault with the way that led to it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any, Final, NamedTuple

from tenure.errors import Fault
from tenure.graph.annotations import Missing, split_annotated
from tenure.graph.inputs import Binder, DeclarationProblem, Input
from tenure.graph.markers import SCOPES, Depends
from tenure.graph.outcome import Outcome
from tenure.graph.outside import OutsideUnits
from tenure.graph.providers import EMPTY, Parameter, Provider, provider_of
from tenure.graph.scopes import has_sound_scope, problem_of_app_scope, problem_of_limit
from tenure.text.chains import draw_chain, draw_cycle
from tenure.text.names import name_of, place_of

__all__ = ["Declaration", "Edge", "Survey"]


_APP: Final = object()
_OUTSIDE: Final = OutsideUnits()


class Edge(NamedTuple):
    """A declared dependency: by parameter, or without one when nobody takes its value."""

    parameter: str | None
    marker: Depends
    original: Callable[..., Any]
    """What the marker names."""
    call: Callable[..., Any]
    """What is called: the same, or what overrides it."""
    is_app: bool = False
    """Whether it is of scope "app", as declared or since what depends on it is."""

    @property
    def key(self) -> Any:
        """Tells apart what the same callable takes within an application and a request."""
        return (_APP, self.call) if self.is_app else self.call


@dataclass(eq=False, slots=True)
class Declaration:
    """A callable with every parameter assigned to a dependency, an input or its default."""

    call: Callable[..., Any]
    provider: Provider
    edges: list[Edge] = field(default_factory=list)
    inputs: list[tuple[str, Input]] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    """The parameters that are given the outcome of the unit of work."""
    uses_labels: bool = False
    is_app: bool = False
    order: list[str] = field(default_factory=list)
    """The assigned parameters in the order of the signature."""


class Survey:
    """All declarations that can be reached from one root, and what is wrong with them."""

    def __init__(
        self,
        binder: Binder,
        overrides: Mapping[Callable[..., Any], Callable[..., Any]],
    ) -> None:
        self.declarations: dict[Any, Declaration] = {}
        self.faults: list[Fault] = []
        self._binder = binder
        self._overrides = overrides
        self._path: list[tuple[Declaration, Iterator[Edge]]] = []
        """From the root to the declaration whose dependencies are being looked at."""

    def run(self, root: Callable[..., Any], required: Sequence[Depends]) -> Declaration:
        """Declare *root* and everything below it; faults are left in ``faults``."""
        path = self._path
        top = self._declare(root, required=required, is_root=True)
        path.append((top, iter(top.edges)))
        open_now = {id(top): 0}
        while path:
            declaration, edges = path[-1]
            edge = next(edges, None)
            if edge is None:
                path.pop()
                del open_now[id(declaration)]
                self._settle_labels(declaration)
                continue
            below = self.declarations.get(edge.key)
            if below is None:
                below = self.declarations[edge.key] = self._declare(edge.call, is_app=edge.is_app)
                open_now[id(below)] = len(path)
                path.append((below, iter(below.edges)))
            elif id(below) in open_now:
                self._report_cycle(open_now[id(below)])
        return top

    def _calls_above(self) -> list[Callable[..., Any]]:
        return [each.call for each, _ in self._path]

    def _settle_labels(self, declaration: Declaration) -> None:
        declaration.uses_labels = not declaration.is_app and (
            self._binder.uses_labels(declaration.call)
            or any(each.uses_labels for _, each in declaration.inputs)
            or any(
                edge.marker.labels or self.declarations[edge.key].uses_labels
                for edge in declaration.edges
            )
        )

    def _declare(
        self,
        call: Callable[..., Any],
        *,
        required: Sequence[Depends] = (),
        is_root: bool = False,
        is_app: bool = False,
    ) -> Declaration:
        provider = provider_of(call, is_new=is_root)
        declaration = Declaration(call, provider, is_app=is_app)
        for kind, message, hint in provider.problems:
            self._report(kind, message, call, hint)
        for marker in required:
            if self._is_marker(marker, declaration):
                self._add_edge(declaration, None, marker)
        for parameter in provider.parameters:
            self._assign(declaration, parameter, is_root=is_root)
        return declaration

    def _is_marker(self, marker: object, declaration: Declaration) -> bool:
        if isinstance(marker, Depends):
            return True
        name = name_of(marker) if callable(marker) else repr(marker)
        self._report(
            "unmarked",
            f"{name} in the list of dependencies is not declared with Depends.",
            declaration.call,
            f"write Depends({name})",
        )
        return False

    def _assign(
        self,
        declaration: Declaration,
        parameter: Parameter,
        *,
        is_root: bool,
    ) -> None:
        if self._refuse_kind(declaration, parameter):
            return
        marker, problem = _marker_of(parameter, self._binder)
        if problem:
            self._report(
                "twice",
                f"{_of(declaration, parameter)}: {problem}.",
                declaration.call,
                "keep one of them",
            )
            return
        if marker is not None:
            by_type = marker.dependency is None or isinstance(marker.dependency, Missing)
            if by_type and self._unresolved(declaration, parameter):
                return
            if self._add_edge(declaration, parameter, marker):
                declaration.order.append(parameter.name)
            return
        self._assign_input(declaration, parameter, is_root=is_root)

    def _assign_input(
        self,
        declaration: Declaration,
        parameter: Parameter,
        *,
        is_root: bool,
    ) -> None:
        if self._unresolved(declaration, parameter):
            return
        if isinstance(parameter.annotation, Depends):
            self._report(
                "annotation",
                f"{_of(declaration, parameter)} has Depends(...) itself as its annotation.",
                declaration.call,
                "write Annotated[Type, Depends(...)]",
            )
            return
        if parameter.annotation is Outcome or split_annotated(parameter.annotation)[0] is Outcome:
            self._assign_outcome(declaration, parameter)
            return
        try:
            binder = _OUTSIDE if declaration.is_app else self._binder
            found = binder.recognise(parameter, declaration.provider, is_root=is_root)
        except DeclarationProblem as error:
            self._report("parameter", error.message, declaration.call, error.hint)
            return
        if found is not None:
            declaration.order.append(parameter.name)
            declaration.inputs.append((parameter.name, found))
        elif parameter.default is EMPTY:
            way = (
                "pass it as an argument"
                if is_root
                else "call another function in the place of the one that takes it"
            )
            self._report(
                "unprovided",
                f"{_of(declaration, parameter)} is provided by nothing.",
                declaration.call,
                f"declare it with Depends(...), give it a default, or {way}",
            )

    def _assign_outcome(self, declaration: Declaration, parameter: Parameter) -> None:
        if declaration.is_app:
            self._report(
                "scope",
                f"{_of(declaration, parameter)} asks for the outcome of a unit of work, but what "
                'is of scope "app" outlives them all.',
                declaration.call,
                'declare it with scope="request" or scope="function"',
            )
            return
        declaration.order.append(parameter.name)
        declaration.outcomes.append(parameter.name)

    def _refuse_kind(self, declaration: Declaration, parameter: Parameter) -> bool:
        if parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD:
            return False
        if parameter.kind is inspect.Parameter.POSITIONAL_ONLY:
            self._report(
                "positional",
                f"{_of(declaration, parameter)} is positional-only, but dependencies are called "
                "with keyword arguments.",
                declaration.call,
                "remove the / from the signature",
            )
            return True
        if parameter.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
            self._report(
                "variadic",
                f"{_of(declaration, parameter)} takes any number of arguments, so nothing says "
                "what to pass.",
                declaration.call,
                "name the parameters; a decorator needs functools.wraps(function) on its wrapper",
            )
            return True
        return False

    def _unresolved(self, declaration: Declaration, parameter: Parameter) -> bool:
        if not parameter.missing and not parameter.problem:
            return False
        unknown = ", ".join(repr(each) for each in parameter.missing)
        reason = f"name {unknown} is not known" if unknown else parameter.problem
        self._report(
            "unresolved",
            f"{_of(declaration, parameter)} has an annotation that cannot be resolved: {reason}.",
            declaration.call,
            "import or define the name at module level (not under TYPE_CHECKING), or declare "
            "before the function that holds it has returned",
        )
        return True

    def _add_edge(
        self, declaration: Declaration, parameter: Parameter | None, marker: Depends
    ) -> bool:
        call = marker.dependency
        if call is None and parameter is not None:
            call, _ = split_annotated(parameter.annotation)
        if not _is_sound(call, marker) or not has_sound_scope(marker):
            where = _where(declaration, parameter)
            if _is_sound(call, marker):
                kind, message, hint = problem_of_app_scope(marker, where)
            else:
                kind, message, hint = _problem_of(call, marker, where)
            self._report(kind, message, declaration.call, hint)
            return False
        original: Any = call
        is_app = marker.scope == "app" or (
            declaration.is_app and marker.scope is None and not provider_of(original).kind.opens
        )
        if is_app and marker.limit is not None:
            kind, message, hint = problem_of_limit(_where(declaration, parameter))
            self._report(kind, message, declaration.call, hint)
            return False
        replacement = self._overrides.get(original, original)
        name = parameter.name if parameter is not None else None
        declaration.edges.append(Edge(name, marker, original, replacement, is_app))
        return True

    def _report(self, kind: str, message: str, at: Callable[..., Any], hint: str) -> None:
        chain = draw_chain([*self._calls_above(), at])
        self.faults.append(Fault(kind, message, chain, hint, place_of(at)))

    def _report_cycle(self, start: int) -> None:
        calls = self._calls_above()
        cycle = calls[start:]
        names = " → ".join(name_of(each) for each in [*cycle, cycle[0]])
        self.faults.append(
            Fault(
                "cycle",
                f"Dependencies form a cycle: {names}.",
                draw_cycle(calls[:start], cycle),
                "let one of them take what it needs as an argument, or split what both need "
                "into a third",
                place_of(cycle[0]),
            )
        )


def _is_sound(call: Any, marker: Depends) -> bool:
    """Whether nothing is wrong with depending on *call*."""
    if isinstance(call, FunctionType):  # as most are; hashable by nature
        return marker.scope is None or marker.scope in SCOPES
    if call is None or call is EMPTY or not callable(call):
        return False
    if marker.scope is not None and marker.scope not in SCOPES:
        return False
    try:
        hash(call)
    except TypeError:
        return False
    return True


def _problem_of(call: Any, marker: Depends, where: str) -> tuple[str, str, str]:
    """What is wrong with depending on *call*: the kind of fault, the sentence, the hint."""
    if call is None or call is EMPTY:
        return (
            "empty",
            f"Depends() in {where} names nothing to call.",
            "write Depends(function), or annotate the parameter with a class",
        )
    if marker.scope is not None and marker.scope not in SCOPES:
        known = ", ".join(repr(each) for each in SCOPES)
        return (
            "scope",
            f"scope={marker.scope!r} in {where} is no scope.",
            f"known scopes are {known}",
        )
    if not callable(call):
        return (
            "uncallable",
            f"{call!r} in {where} cannot be called.",
            "pass a function or class itself to Depends, not the result of a call",
        )
    return (
        "unhashable",
        f"{name_of(call)} in {where} cannot be hashed, so no unit of work can share it.",
        "give its class a __hash__ (a dataclass needs frozen=True or eq=False)",
    )


def _marker_of(parameter: Parameter, binder: Binder) -> tuple[Depends | None, str]:
    if type(parameter.annotation) is type:  # a plain class, or no annotation
        return (parameter.default, "") if isinstance(parameter.default, Depends) else (None, "")
    _, metadata = split_annotated(parameter.annotation)
    found = [each for each in metadata if isinstance(each, Depends) or binder.is_marker(each)]
    last = found[-1] if found else None
    declared = last if isinstance(last, Depends) else None
    if not isinstance(parameter.default, Depends):
        return declared, ""
    if declared is not None:
        return None, "Depends stands both in Annotated and in the default value"
    if last is not None:
        return None, "A marker in Annotated and Depends as the default value are both given"
    return parameter.default, ""


def _where(declaration: Declaration, parameter: Parameter | None) -> str:
    if parameter is None:
        return "the list of dependencies"
    return _of(declaration, parameter, inside=True)


def _of(declaration: Declaration, parameter: Parameter, *, inside: bool = False) -> str:
    word = "parameter" if inside else "Parameter"
    return (
        f"{word} {parameter.name!r} of {declaration.provider.name} ({declaration.provider.place})"
    )
