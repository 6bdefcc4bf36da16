"""What a random program is made of, as plain data: the engine, the oracle and the text share it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from random import Random
from typing import Any, Literal, Protocol, TypeVar

from hypothesis import strategies as st

Kind = Literal["function", "coroutine", "generator", "async generator"]
Scope = Literal["function", "request"] | None
T = TypeVar("T")

FORMS: dict[Kind, tuple[str, ...]] = {
    "function": (
        "plain",
        "class",
        "instance",
        "partial",
        "nested partial",
        "bound method",
        "class method",
        "static method",
        "wrapper",
    ),
    "coroutine": (
        "plain",
        "instance",
        "partial",
        "nested partial",
        "bound method",
        "class method",
        "static method",
        "wrapper",
    ),
    "generator": (
        "plain",
        "manager",
        "instance",
        "partial",
        "nested partial",
        "bound method",
        "class method",
        "static method",
        "wrapper",
    ),
}
FORMS["async generator"] = FORMS["generator"]

SETUPS = ("plain", "raises", "raises base", "yields nothing")
"""What a callable does before it has a value."""

AFTER_SUCCESS = ("ends", "raises", "yields again")
AFTER_FAILURE = (
    "raises it again",
    "replaces it",
    "replaces it by another cause",
    "raises in finally",
    "swallows it",
    "yields again",
)
"""What a generator does when an exception was delivered at its `yield`."""


@dataclass(frozen=True)
class Edge:
    """One parameter that another callable fills."""

    to: int
    annotated: bool
    use_cache: bool
    scope: Scope


@dataclass(frozen=True, repr=False)
class Part:
    """One callable of the program: what it depends on and how it behaves."""

    kind: Kind
    form: str
    edges: tuple[Edge, ...]
    value: Literal["object", "none", "zero"] = "object"
    setup: str = "plain"
    after_success: str = "ends"
    after_failure: str = "raises it again"
    pauses: int = 0
    """How often it awaits in its setup, and again in its exit."""

    def __repr__(self) -> str:
        said = [f"{each.name}={getattr(self, each.name)!r}" for each in fields(self)]
        usual = {f"{each.name}={each.default!r}" for each in fields(self)}
        return f"Part({', '.join(part for part in said if part not in usual)})"

    @property
    def opens(self) -> bool:
        return self.kind in ("generator", "async generator")

    @property
    def is_async(self) -> bool:
        return self.kind in ("coroutine", "async generator")


@dataclass(frozen=True)
class Program:
    """Callables whose edges lead to earlier ones only; the last one is the root."""

    callables: tuple[Part, ...]

    @property
    def root(self) -> int:
        return len(self.callables) - 1


def ends_early(callables: Sequence[Part], edge: Edge, taints: Sequence[bool]) -> bool:
    """Whether what *edge* leads to is gone when scope "function" has ended."""
    below = callables[edge.to]
    return edge.scope == "function" or (not below.opens and taints[edge.to])


def taints_of(callables: Sequence[Part]) -> list[bool]:
    """For each callable, whether it holds something that ends with scope "function"."""
    taints: list[bool] = []
    for each in callables:
        taints.append(any(ends_early(callables, edge, taints) for edge in each.edges))
    return taints


def breaks_scopes(program: Program) -> bool:
    """Whether a generator of scope "request" holds something that ends before it."""
    taints = taints_of(program.callables)
    reached = {program.root}
    for index in range(program.root, -1, -1):
        if index in reached:
            reached.update(edge.to for edge in program.callables[index].edges)
    return any(
        program.callables[edge.to].opens and edge.scope != "function" and taints[edge.to]
        for index in reached
        for edge in program.callables[index].edges
    )


def calls_made(program: Program) -> int:
    """About how many calls a unit of work makes: uncached edges multiply what is below them."""
    weights: list[int] = []
    for each in program.callables:
        uncached = sum(weights[edge.to] for edge in each.edges if not edge.use_cache)
        weights.append(1 + uncached + len(each.edges))
    return weights[-1]


class Chooser(Protocol):
    """Where the choices come from that a random program is made by."""

    def among(self, options: Sequence[T]) -> T: ...
    def number(self, least: int, most: int) -> int: ...


class _Drawn:
    """Choices of Hypothesis, which makes them smaller when something fails."""

    def __init__(self, draw: Callable[[Any], Any]) -> None:
        self._draw = draw

    def among(self, options: Sequence[T]) -> T:
        chosen: T = self._draw(st.sampled_from(options))
        return chosen

    def number(self, least: int, most: int) -> int:
        drawn: int = self._draw(st.integers(least, most))
        return drawn


class Seeded:
    """Choices of a generator of numbers: quick, and the same again for the same seed."""

    def __init__(self, random: Random) -> None:
        self.among = random.choice
        self.number = random.randint


@st.composite
def programs(
    draw: Callable[[Any], Any],
    *,
    faults: bool = True,
    valid_scopes: bool = True,
    at_least_one_pause: bool = False,
) -> Program:
    """Random programs. *faults* lets callables raise, swallow and yield wrongly."""
    return make_program(
        _Drawn(draw),
        faults=faults,
        valid_scopes=valid_scopes,
        at_least_one_pause=at_least_one_pause,
    )


def make_program(
    choose: Chooser,
    *,
    faults: bool = True,
    valid_scopes: bool = True,
    at_least_one_pause: bool = False,
) -> Program:
    size = choose.number(1, 12)
    callables: list[Part] = []
    taints: list[bool] = []
    for index in range(size):
        is_root = index == size - 1
        edges = _edges(choose, callables, taints, is_root=is_root, valid_scopes=valid_scopes)
        each = _callable(choose, edges, is_root=is_root, faults=faults)
        if at_least_one_pause:
            each = replace(each, pauses=max(1, each.pauses))
        callables.append(each)
        taints.append(any(ends_early(callables, edge, taints) for edge in edges))
    program = Program(tuple(callables))
    return program if calls_made(program) <= 60 else _all_cached(program)


def _edges(
    choose: Chooser,
    callables: list[Part],
    taints: list[bool],
    *,
    is_root: bool,
    valid_scopes: bool,
) -> tuple[Edge, ...]:
    if not callables:
        return ()
    last = len(callables) - 1
    first = 0 if is_root else max(0, last - 4)
    edges = []
    for _ in range(choose.number(2, 6) if is_root else choose.number(0, 4)):
        target = choose.number(first, last)
        scope: Scope = choose.among((None, None, "request", "function"))
        if valid_scopes and callables[target].opens and taints[target]:
            scope = "function"
        annotated, use_cache = choose.among((False, True)), choose.number(0, 5) != 5
        edges.append(Edge(target, annotated, use_cache, scope))
    return tuple(edges)


def _callable(choose: Chooser, edges: tuple[Edge, ...], *, is_root: bool, faults: bool) -> Part:
    kinds: tuple[Kind, ...] = ("function", "coroutine")
    if not is_root:
        # Generators twice: they are what has a lifetime.
        kinds = (*kinds, "generator", "async generator", "generator", "async generator")
    kind = choose.among(kinds)
    each = Part(
        kind,
        choose.among(FORMS[kind]),
        edges,
        value=choose.among(("object", "object", "none", "zero")),
        pauses=choose.number(0, 2),
    )
    if not faults:
        return each
    setups = SETUPS if each.opens else SETUPS[:3]
    common = 5 if is_root else 20
    each = replace(each, setup=choose.among(("plain",) * common + setups))
    if each.opens:
        each = replace(
            each,
            after_success=choose.among(("ends",) * 10 + AFTER_SUCCESS),
            after_failure=choose.among(("raises it again",) * 5 + AFTER_FAILURE),
        )
    return each


def _all_cached(program: Program) -> Program:
    return Program(
        tuple(
            replace(each, edges=tuple(replace(edge, use_cache=True) for edge in each.edges))
            for each in program.callables
        )
    )
