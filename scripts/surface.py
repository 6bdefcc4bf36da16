"""Compare FastAPI's public names and options with Tenure's, and write down the comparison.

    python scripts/surface.py           write the table into docs/compatibility.md
    python scripts/surface.py --check   say what in it is out of date

A row names a test that uses the name, found as `surface_tests.py` says. A row keeps its test as
long as that test does use it.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.metadata import version
from pathlib import Path

from surface_names import ABSENT, Name, found, modules_of, names_of, options_of, quietly
from surface_reasons import REASONS
from surface_tests import FOLDERS, Uses, uses_in

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "compatibility.md"
BEGIN, END = "<!-- surface: begin -->", "<!-- surface: end -->"

VERBS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
OPERATIONS = {
    "APIRoute",
    *(f"{owner}.{verb}" for owner in ("FastAPI", "APIRouter") for verb in VERBS),
    *(f"{owner}.{name}" for owner in ("FastAPI", "APIRouter") for name in ("api_route",
                                                                         "add_api_route")),
}  # fmt: skip
MARKERS = {"Param", "Path", "Query", "Header", "Cookie", "Body", "Form", "File"}

GROUPS = {"A path operation": OPERATIONS, "A parameter": MARKERS}
"""Names that have their options in common, shown once: as FastAPI spells them out for each."""


POSITIONS = {"path": 0, "endpoint": 1, "default": 0}
"""The options of a group that are given by position."""


UNMISTAKABLE = {"make_not_authenticated_error", "make_authenticate_headers", "check_api_key"}
"""Methods that no other class has, so that their owner need not be known."""


@dataclass(frozen=True)
class Row:
    """A name or one of its options, and what there is to say of it."""

    module: str
    name: str
    option: str
    is_there: bool
    reason: str
    test: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What a row is about."""
        return self.module, self.name, self.option

    def __str__(self) -> str:
        words = [f"`{self.name}`", f"`{self.option}`" if self.option else ""]
        shown = f"`{self.test}`" if self.test else "-"
        words += ["yes", shown] if self.is_there else ["**no**", self.reason]
        return f"| {' | '.join(words)} |"


class Survey:
    """The rows of the table, module by module."""

    def __init__(self, uses: Uses, kept: dict[tuple[str, str, str], str]) -> None:
        self._uses = uses
        self._kept = kept

    def rows(self) -> Iterator[Row]:
        """All rows in the order of the page."""
        for group, members in GROUPS.items():
            yield from self._group(group, members)
        for module in modules_of("fastapi"):
            for name in names_of("fastapi", module):
                yield from self._rows_of(name)

    def _group(self, group: str, members: set[str]) -> Iterator[Row]:
        lacking: dict[str, list[str]] = {}
        for module in ("applications", "routing", "params", "param_functions"):
            for name in names_of("fastapi", module):
                if name.path in members:
                    there = options_of(found("tenure.web", name))
                    for option in name.options:
                        lacks = [] if option in there else [f"{module}.{name.path}"]
                        lacking.setdefault(option, []).extend(lacks)
        for option, where in lacking.items():
            subject = Name("", group, (), has_own_words=False)
            given = [f"#{POSITIONS[option]}"] if option in POSITIONS else []
            yield self._row(subject, option, not where, sorted(members), [option, *given])

    def _rows_of(self, name: Name) -> Iterator[Row]:
        value = found("tenure.web", name)
        there = options_of(value) if value is not ABSENT else ()
        names = [name.path] if name.owner else [name.last]
        names += [name.last] if name.last in UNMISTAKABLE else []
        own = name.options if name.has_own_words else ()
        yield self._row(name, "", value is not ABSENT and set(own) <= set(there), names, [""])
        if value is ABSENT or own or name.path in OPERATIONS | MARKERS:
            return
        for number, option in enumerate(name.options):
            yield self._row(name, option, option in there, names, [option, f"#{number}"])

    def _row(
        self, name: Name, option: str, is_there: bool, names: list[str], words: list[str]
    ) -> Row:
        reason = "" if is_there else _reason(name, option)
        places = {place for each in names for word in words for place in self._uses[each, word]}
        kept = self._kept.get((name.module, name.path, option), "")
        test = kept if kept in places else min(places, key=_rank, default="")
        return Row(name.module, name.path, option, is_there, reason, test)


def _rank(place: str) -> tuple[int, str]:
    return FOLDERS.index(place.partition("/")[0]), place


def _reason(name: Name, option: str) -> str:
    whole = ".".join(filter(None, (name.module, name.path))) + (f"({option})" if option else "")
    return next((text for pattern, text in REASONS.items() if fnmatchcase(whole, pattern)), "")


def table(rows: list[Row]) -> str:
    """The text of the table: a section for each module."""
    there = sum(row.is_there for row in rows)
    shown = sum(row.is_there and bool(row.test) for row in rows)
    count = f"FastAPI {version('fastapi')} has {len(rows)} public names and options"
    lines = [f"{count}; Tenure has {there} of them, and a test is named here for {shown}."]
    section = None
    for row in rows:
        title = row.module or ("" if row.name not in GROUPS else row.name)
        if title != section:
            section = title
            heading = f"`{row.module}`" if row.module else title or "The package itself"
            lines += ["", f"### {heading}", "", "| Name | Option | Tenure | Shown by |",
                      "|---|---|---|---|"]  # fmt: skip
        lines.append(str(row))
    return "\n".join(lines)


def survey() -> list[Row]:
    """All rows, with the tests that the page names now where they still hold."""
    quietly()
    classes = {
        each.path
        for module in modules_of("fastapi")
        for each in names_of("fastapi", module)
        if not each.owner and each.path[:1].isupper()
    }
    kept = dict(_kept(PAGE.read_text(encoding="utf-8")))
    return list(Survey(uses_in(ROOT / "tests", classes), kept).rows())


_ROW = re.compile(r"^\| `([^`]+)` \| (?:`([^`]+)`)? ?\| yes \| `([^`]+)` \|$")


def _kept(page: str) -> Iterator[tuple[tuple[str, str, str], str]]:
    module = ""
    for line in page.partition(BEGIN)[2].partition(END)[0].splitlines():
        if line.startswith("### "):
            module = line[4:].strip("`") if line.startswith("### `") else ""
        elif match := _ROW.match(line):
            yield (module, match[1], match[2] or ""), match[3]


def main() -> None:
    """Write the table, or check it."""
    parser = argparse.ArgumentParser(description="FastAPI's public surface, and Tenure's.")
    parser.add_argument("--check", action="store_true", help="change nothing")
    options = parser.parse_args()
    page = PAGE.read_text(encoding="utf-8")
    rows = survey()
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{PAGE} lacks the lines {BEGIN} and {END}")
    renewed = f"{head}{begin}\n{table(rows)}\n{end}{tail}"
    for row in rows:
        if not row.is_there and not row.reason:
            print(f"missing without a reason: {' '.join(filter(None, row.key))}")
    if options.check and renewed != page:
        sys.exit(f"{PAGE.name} is out of date: run `make surface`")
    if not options.check:
        PAGE.write_text(renewed, encoding="utf-8")


if __name__ == "__main__":
    main()
