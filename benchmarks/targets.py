"""The project's targets, and whether a run reaches them."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks import concurrency, engine, overrides, requests, routes
from benchmarks.harness import Comparison
from benchmarks.results import Verdict, Work

__all__ = ["judge"]

# Equal things come out within 2 % of each other.
NO_SLOWER = 1.02
_ERROR = "2 % is measuring error"


@dataclass(frozen=True, slots=True)
class Target:
    """What one contender has to reach in one work, compared with another."""

    part: str
    work: str
    demand: str
    limit: float
    name: str
    over: str
    at_least: bool = False
    bound: str = ""
    """The contender that does nothing but what cannot be left out."""


def judge(works: Sequence[Work]) -> list[Verdict]:
    """One verdict for each target whose part was measured."""
    parts = {work.part for work in works}
    found = {(work.part, work.name): work for work in works}
    return [
        _verdict(target, found.get((target.part, target.work)))
        for target in _targets()
        if target.part in parts
    ]


def _verdict(target: Target, work: Work | None) -> Verdict:
    verdict = Verdict(
        target.part, target.work, target.demand, target.limit, at_least=target.at_least
    )
    absent = [
        name for name in (target.name, target.over) if work is None or name not in work.comparison
    ]
    if work is None or absent:
        reasons = dict(work.left_out) if work else {}
        verdict.missing = "; ".join(reasons.get(name, f"{name} not measured") for name in absent)
    else:
        verdict.values = work.comparison.quotients(target.name, target.over)
        _show_bound(verdict, target, work.comparison)
    return verdict


def _show_bound(verdict: Verdict, target: Target, comparison: Comparison) -> None:
    """What the target would be measured as, were the contender the bound."""
    if target.bound not in comparison:
        return
    names = (target.bound if each == "Tenure" else each for each in (target.name, target.over))
    verdict.bound = target.bound
    verdict.bound_value = statistics.median(comparison.quotients(*names))


def _targets() -> Iterator[Target]:
    yield from _engine()
    yield from _requests()
    yield from _startup()
    for kind in routes.KINDS:
        most, fewest = (routes.title("Tenure", count) for count in (max(routes.COUNTS), 10))
        demand = "10,000 routes within 20 % of 10"
        yield Target("routes", f"last route, {kind}", demand, 1.2, most, fewest)
    yield Target(
        "concurrency",
        "five equal waits",
        "at most 1.5 times one wait",
        1.5,
        concurrency.AT_ONCE,
        concurrency.ONE_WAIT,
    )
    for situation in (overrides.IN_PLACE, overrides.ELSEWHERE):
        demand = f"{situation.partition(', ')[2]}: no slower ({_ERROR})"
        yield Target("overrides", overrides.NAME, demand, NO_SLOWER, situation, overrides.WITHOUT)


def _engine() -> Iterator[Target]:
    for work, limit in (
        ("one async generator", 0.65),
        ("chain of 4", 0.65),
        ("10 over one async generator", 0.85),
        ("ladder of 40 diamonds", 0.85),
    ):
        demand = f"at most {limit} of {engine.REFERENCE}"
        yield Target(
            "engine", work, demand, limit, "Tenure", engine.REFERENCE, bound=engine.BY_HAND
        )
    demand = f"in_thread=False: at most 0.65 of {engine.REFERENCE}"
    yield Target("engine", engine.WITH_FUNCTION, demand, 0.65, engine.IN_PLACE, engine.REFERENCE)


def _requests() -> Iterator[Target]:
    chain, hand = requests.CHAIN.name, requests.REFERENCE
    yield _faster("request", chain, 15)
    demand = f"not slower than {hand} ({_ERROR})"
    yield Target("request", chain, demand, NO_SLOWER, "Tenure", hand)
    yield _faster("request", requests.PLAIN_CHAIN.name, 6)
    demand = f"at most 1.15 of {hand}"
    yield Target("request", requests.HELLO.name, demand, 1.15, "Tenure", hand)
    for order in (requests.SMALL_ORDER, requests.LARGE_ORDER):
        yield _faster("request", order.name, 2, bound=requests.LIMIT)
        yield Target(
            "request", order.name, "ahead of Litestar", 1.0, "Litestar", "Tenure", at_least=True
        )
    yield _faster("sockets", chain, 3)


def _startup() -> Iterator[Target]:
    for trees in ("own trees", "one tree"):
        for phase in ("start", "start and ask each"):
            yield _faster("startup", f"{phase}, {trees}", 5)
            demand = "less than FastAPI"
            name = f"per route, {phase}, {trees}"
            yield Target("memory", name, demand, 1.0, "Tenure", "FastAPI")


def _faster(part: str, work: str, times: float, bound: str = "") -> Target:
    demand = f"at least {times} times faster than FastAPI"
    return Target(part, work, demand, times, "FastAPI", "Tenure", at_least=True, bound=bound)
