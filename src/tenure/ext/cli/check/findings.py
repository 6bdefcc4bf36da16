"""What ``tenure check`` finds: the rules, and one finding of a rule."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from tenure.errors import Fault

__all__ = [
    "LEVELS",
    "RULES",
    "Finding",
    "Level",
    "finding_of_fault",
    "merged",
    "rule_of",
    "split_place",
]

Level = Literal["error", "warning", "note"]

LEVELS: Final[tuple[Level, ...]] = ("error", "warning", "note")
"""The levels, worst first."""

RULES: Final = {
    "cycle": "Dependencies depend on each other.",
    "scope": "Something is closed before what still uses it, or names no known scope.",
    "unresolved": "An annotation has a name that nobody knows.",
    "unprovided": "A parameter is provided by nothing.",
    "parameter": "A parameter is declared wrongly.",
    "positional": "A parameter is positional-only, but is passed by name.",
    "variadic": "A dependency takes any number of arguments.",
    "uncallable": "What is declared as a dependency cannot be called.",
    "unhashable": "What is declared as a dependency cannot be hashed, so it cannot be shared.",
    "twice": "A parameter is declared twice.",
    "empty": "A declaration names nothing to call.",
    "annotation": "A declaration stands where the type belongs.",
    "unmarked": "A list of dependencies holds something that is not declared with Depends.",
    "wrapper": "A decorator hides what kind of function it wraps.",
    "signature": "The signature of a dependency cannot be read.",
    "endpoint": "An endpoint is of a kind that its route cannot serve.",
    "import": "The program raises when it is imported.",
    "route": "A route cannot be made ready to serve.",
    "opened-twice": "One unit of work opens the same resource more than once.",
    "contradiction": "What a dependency returns is not what its parameter is annotated with.",
    "yield-annotation": "A function yields, but its return annotation is no iterator.",
    "closed-early": "A resource is closed before the body that is streamed from it.",
    "limit": "One unit of work needs more at once than max_concurrency lets be alive.",
    "unreachable": "A route before it answers all of its paths.",
    "openapi": "The OpenAPI document cannot be made, or warns.",
    "threads": "How often a request of a route goes to a worker thread.",
}
"""What each rule is about. Kinds of fault that are not here are shown all the same."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, where, and for which routes."""

    rule: str
    level: Level
    message: str
    hint: str = ""
    chain: str = ""
    """The way from an entry point to it, drawn one step a line."""
    file: str = ""
    line: int | None = None
    routes: tuple[str, ...] = ()
    """The titles of the routes that it concerns."""


def rule_of(finding: Finding) -> str:
    """What the rule of *finding* is about, in a sentence."""
    return RULES.get(finding.rule, "A declaration cannot work.")


def finding_of_fault(fault: Fault, *routes: str) -> Finding:
    """A fault of a declaration as a finding."""
    file, line = split_place(fault.place or _first_place(fault))
    return Finding(
        fault.kind, "error", fault.message, fault.hint, fault.chain, file, line, tuple(routes)
    )


def split_place(place: str) -> tuple[str, int | None]:
    """File and line; the line is None where there is no source."""
    file, _, line = place.rpartition(":")
    return (file, int(line)) if file and line.isdigit() else (place, None)


def _first_place(fault: Fault) -> str:
    """The first ``(file:line)`` that the texts of a fault name."""
    for text in (fault.message, fault.chain):
        found = re.search(r"\(([^()\n]+:\d+)\)", text)
        if found:
            return found[1]
    return ""


def merged(findings: Iterable[Finding]) -> Sequence[Finding]:
    """Each thing that is wrong once, with all its routes; the worst first, then by place."""
    found: dict[tuple[object, ...], Finding] = {}
    for each in findings:
        key = (each.rule, each.level, each.message, each.file, each.line)
        known = found.get(key)
        if known is None:
            found[key] = each
        else:
            routes = tuple(dict.fromkeys((*known.routes, *each.routes)))
            found[key] = replace(known, routes=routes)
    return sorted(
        found.values(), key=lambda each: (LEVELS.index(each.level), each.file, each.line or 0)
    )
