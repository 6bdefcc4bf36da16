"""One validator for all parameters, or one for each: ``python -m benchmarks.parameters``.

Prints the processor time of validating five values of a query string with pydantic alone.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from time import process_time
from typing import Any, TypedDict, get_type_hints

from pydantic import TypeAdapter

__all__: list[str] = []

ROUNDS = 41
CALLS = 5000


class Parameters(TypedDict):
    page: int
    least: float
    is_open: bool
    word: str | None
    size: int


VALUES = {"page": "1", "least": "2.5", "is_open": "true", "word": "x", "size": "7"}


def main() -> None:
    ways = {"five calls": _five_calls(), "one call": _one_call()}
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            began = process_time()
            for _ in range(CALLS):
                way()
            times[name].append((process_time() - began) / CALLS)
    for name, taken in times.items():
        print(f"{name:12}{statistics.median(taken) * 1e6:6.2f} us")


def _five_calls() -> Callable[[], Any]:
    kinds = get_type_hints(Parameters)
    page, least, is_open, word, size = (TypeAdapter(kinds[name]).validator for name in VALUES)

    def validate() -> Any:
        return (
            page.validate_python(VALUES["page"]),
            least.validate_python(VALUES["least"]),
            is_open.validate_python(VALUES["is_open"]),
            word.validate_python(VALUES["word"]),
            size.validate_python(VALUES["size"]),
        )

    return validate


def _one_call() -> Callable[[], Any]:
    validator = TypeAdapter(Parameters).validator

    def validate() -> Any:
        found = validator.validate_python(VALUES)  # as if nothing had to be gathered first
        return found["page"], found["least"], found["is_open"], found["word"], found["size"]

    return validate


if __name__ == "__main__":
    main()
