"""Five independent dependencies that wait equally long: one after the other, and at once.

This is the one place where the measured code waits, since waiting is what is measured: each
dependency awaits a timer of the event loop, as it would the answer of another service.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Annotated, Any

from benchmarks.harness import Comparison, Effort
from benchmarks.results import LeftOut, Work
from tenure import Container, Depends

__all__ = ["AT_ONCE", "ONE_WAIT", "measure_concurrency"]

WAIT = 0.02
ONE_WAIT = "one wait"
AT_ONCE = "five, concurrent=True"
ROUNDS = 11


def measure_concurrency(effort: Effort) -> list[Work]:
    """By the clock on the wall."""
    return [asyncio.run(_measure(3 if effort.is_quick else ROUNDS))]


async def _measure(rounds: int) -> Work:
    container, left_out = Container(), []
    contenders: dict[str, Callable[[], Awaitable[Any]]] = {}
    for name, (count, options) in {
        ONE_WAIT: (1, {}),
        "five, one after the other": (5, {}),
        AT_ONCE: (5, {"concurrent": True}),
    }.items():
        try:
            function = _function(count, options)
            contenders[name] = lambda function=function: container.call(function)
        except LeftOut as error:
            left_out.append((name, str(error)))
    measured = [await _round(contenders) for _ in range(rounds)]
    comparison = Comparison.of_rounds(measured, ONE_WAIT)
    return Work("concurrency", "five equal waits", comparison, ONE_WAIT, left_out, "wall")


async def _round(contenders: dict[str, Callable[[], Awaitable[Any]]]) -> dict[str, float]:
    taken = {}
    for name, call in contenders.items():
        began = perf_counter()
        result = await call()
        taken[name] = perf_counter() - began
        if result != sorted(result):
            raise RuntimeError(f"{name} returned {result}")
    return taken


def _function(count: int, options: dict[str, Any]) -> Any:
    unknown = options.keys() - inspect.signature(Depends).parameters.keys()
    if unknown:
        raise LeftOut(f"not there yet: Depends has no {', '.join(unknown)}")

    async def function(**values: int) -> list[int]:
        return list(values.values())

    parameters = [
        inspect.Parameter(
            f"value_{number}",
            inspect.Parameter.KEYWORD_ONLY,
            annotation=Annotated[int, Depends(_answer(number), **options)],
        )
        for number in range(count)
    ]
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return function


def _answer(number: int) -> Any:
    async def wait_for_answer() -> int:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[int] = loop.create_future()
        loop.call_later(WAIT, answer.set_result, number)
        return await answer

    return wait_for_answer
