"""What differs between two answers to one request."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from tenure.ext.cli.trial.records import Answer, Headers, Request

__all__ = ["VOLATILE", "Comparison", "Difference", "compare"]

VOLATILE = frozenset({"date", "server"})
"""Headers that say nothing about the program."""

_SHOWN = 10
"""How many places of one body are told."""
_LONGEST = 120
_ABSENT: Any = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same."""

    what: str
    """``status``, ``exception``, ``end``, ``header x-total``, ``body $.items[0].price``."""
    fastapi: str
    tenure: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """One request, and what both made of it."""

    request: Request
    fastapi: Answer
    tenure: Answer
    differences: tuple[Difference, ...]
    unstable: tuple[Difference, ...] = ()
    """What is not the same on FastAPI either, when it is asked again in another process."""


def compare(first: Answer, second: Answer, ignored: Collection[str] = ()) -> tuple[Difference, ...]:
    """All that differs but the time; headers in *ignored* aside, and those in ``VOLATILE``."""
    left_out = VOLATILE | {name.lower() for name in ignored}
    found = [
        Difference(what, str(one), str(other))
        for what, one, other in (
            ("status", first.status, second.status),
            ("exception", first.raised, second.raised),
            ("end", _end_of(first), _end_of(second)),
        )
        if one != other
    ]
    found += _of_bodies(first, second)
    if any(each.what.startswith("body") for each in found):
        left_out |= {"content-length", "etag"}  # it follows from the body
    found += _of_headers(first.headers, second.headers, left_out)
    return tuple(found)


def _end_of(answer: Answer) -> str:
    return "ended" if answer.is_complete else "still sending when the time was over"


def _of_headers(first: Headers, second: Headers, left_out: Collection[str]) -> Iterator[Difference]:
    for name in dict.fromkeys(name for name, _ in [*first, *second]):
        one = [value for each, value in first if each == name]
        other = [value for each, value in second if each == name]
        if one != other and name not in left_out:
            yield Difference(f"header {name}", ", ".join(one) or "none", ", ".join(other) or "none")


def _of_bodies(first: Answer, second: Answer) -> list[Difference]:
    if first.body == second.body or not (first.is_complete and second.is_complete):
        return []
    try:
        one, other = json.loads(first.body), json.loads(second.body)
    except ValueError:
        return [Difference("body", _short(repr(first.body)), _short(repr(second.body)))]
    places = list(_of_values("$", one, other))
    if not places:  # the same data, written in another way
        return [Difference("body as it is written", *_from_where_they_part(first, second))]
    return [
        Difference(f"body {place}", _shown(left), _shown(right))
        for place, left, right in places[:_SHOWN]
    ]


def _of_values(place: str, one: Any, other: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in dict.fromkeys([*one, *other]):
            yield from _of_values(
                f"{place}.{name}", one.get(name, _ABSENT), other.get(name, _ABSENT)
            )
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for position, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _of_values(f"{place}[{position}]", left, right)
    elif type(one) is not type(other) or one != other:
        yield place, one, other


def _from_where_they_part(first: Answer, second: Answer) -> tuple[str, str]:
    pairs = zip(first.body, second.body, strict=False)
    shorter = min(len(first.body), len(second.body))
    start = next((at for at, (one, other) in enumerate(pairs) if one != other), shorter)
    start = max(0, start - 20)
    return _short(repr(first.body[start:])), _short(repr(second.body[start:]))


def _shown(value: Any) -> str:
    return "absent" if value is _ABSENT else _short(json.dumps(value, ensure_ascii=False))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
