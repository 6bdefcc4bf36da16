"""What a large body costs in pydantic alone: ``python -m benchmarks.bodies``.

Prints the processor time of each step of the request "JSON in and out, 100 kB", with Python's
garbage collector and without it, and what a framework adds to the steps that it takes.
"""

from __future__ import annotations

import gc
import json
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import process_time
from typing import Any

from pydantic import TypeAdapter

from benchmarks.apps.shared import Order, Receipt, receipt_for
from benchmarks.requests import LARGE_ORDER
from tenure.web.bind.from_bytes import has_long_number

__all__: list[str] = []

ROUNDS = 21
CALLS = 10


def main() -> None:
    steps = _steps(LARGE_ORDER.asked.body)
    times: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in steps}
    gc.collect()
    gc.freeze()
    for _ in range(ROUNDS):
        for name, step in steps.items():
            collected, free = times[name]
            collected.append(_time(step))
            with _without_collector():
                free.append(_time(step))
    print(f"{'':44}{'with gc':>10}{'without':>10}")
    for name, (collected, free) in times.items():
        medians = (statistics.median(each) * 1e6 for each in (collected, free))
        print(f"{name:44}" + "".join(f"{each:7.0f} us" for each in medians))


def _steps(body: bytes) -> dict[str, Callable[[], Any]]:
    orders, receipts = TypeAdapter(Order), TypeAdapter(Receipt)
    parsed = json.loads(body)
    receipt = receipt_for(orders.validator.validate_json(body))

    def long_way() -> bytes:
        order = orders.validator.validate_python(json.loads(body), from_attributes=True)
        return receipts.serializer.to_json(receipt_for(order), by_alias=True)

    def short_way() -> bytes:
        order = orders.validator.validate_json(body)
        return receipts.serializer.to_json(receipt_for(order), by_alias=True)

    return {
        "json.loads": lambda: json.loads(body),
        "validate the objects it made": lambda: orders.validator.validate_python(parsed),
        "validate from bytes, instead of both": lambda: orders.validator.validate_json(body),
        "look for numbers that are too long": lambda: has_long_number(body),
        "validate the response, an instance already": lambda: receipts.validate_python(receipt),
        "write the response": lambda: receipts.serializer.to_json(receipt, by_alias=True),
        "all, from objects": long_way,
        "all, from bytes": short_way,
    }


def _time(step: Callable[[], Any]) -> float:
    began = process_time()
    for _ in range(CALLS):
        step()
    return (process_time() - began) / CALLS


@contextmanager
def _without_collector() -> Iterator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


if __name__ == "__main__":
    main()
