"""What the commands write: plain where nobody looks, in colours where somebody does."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text

from tenure.ext.cli.check.collecting import Report
from tenure.ext.cli.check.findings import Finding
from tenure.ext.cli.check.reports import relative
from tenure.view.model import View
from tenure.view.tree import tree_lines

__all__ = ["complain", "show_report", "show_source", "show_trees", "write"]

_STYLES = {
    "branch": "bright_black",
    "title": "bold",
    "parameter": "cyan",
    "name": "bold blue",
    "fact": "",
    "scope": "green",
    "override": "magenta",
    "place": "bright_black",
    "again": "bright_black",
}
_LEVELS = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}


def _console(*, stderr: bool = False) -> Console:
    return Console(stderr=stderr, highlight=False, soft_wrap=True)


def write(text: str, file: Path | None = None) -> None:
    """Write *text* as it is, to *file* or to standard output."""
    if file is not None:
        file.write_text(text, encoding="utf-8")
        return
    sys.stdout.write(text)
    sys.stdout.flush()


def complain(message: str) -> None:
    """Say in one line on standard error what was wrong with the request."""
    _console(stderr=True).print(Text.assemble(("tenure: ", "bold red"), message))


def show_trees(views: Iterable[View], folder: str) -> None:
    """Draw each entry of each view as a tree."""
    console = _console()
    is_first = True
    for view in views:
        for root in view.roots:
            if not is_first:
                console.print()
            is_first = False
            for line in tree_lines(view, root, folder):
                console.print(Text.assemble(*((text, _STYLES[word]) for word, text in line)))


def show_source(title: str, source: str) -> None:
    """Show generated source under a title, with its syntax coloured on a terminal."""
    console = _console()
    if not console.is_terminal:
        write(f"# {title}\n{source}")
        return
    console.print(Text(f"# {title}", "bold"))
    theme = os.environ.get("TENURE_THEME", "ansi_dark")
    console.print(Syntax(source.rstrip("\n"), "python", theme=theme, background_color="default"))


def show_report(report: Report, file: Path | None = None, *, with_notes: bool) -> None:
    """Each finding with its place, its chain and its hint; at the end the sum."""
    if file is not None:
        with file.open("w", encoding="utf-8") as opened:
            _show_report(Console(file=opened, highlight=False, soft_wrap=True), report, with_notes)
        return
    _show_report(_console(), report, with_notes)


def _show_report(console: Console, report: Report, with_notes: bool) -> None:
    folder = str(Path.cwd())
    for finding in report.findings:
        if finding.level != "note" or with_notes:
            _show_finding(console, finding, folder)
    console.print(_sum(report))


def _show_finding(console: Console, finding: Finding, folder: str) -> None:
    head = Text.assemble((finding.level, _LEVELS[finding.level]), f" {finding.rule}")
    if finding.file:
        line = f":{finding.line}" if finding.line is not None else ""
        head.append(f"  {relative(finding.file, folder)}{line}", "bright_black")
    console.print(head)
    console.print(Text(f"  {_short(finding.message, folder)}"))
    for line in _short(finding.chain, folder).splitlines():
        console.print(Text(f"    {line}", "bright_black"))
    if finding.hint:
        console.print(Text.assemble(("  Hint: ", "green"), finding.hint))
    if finding.routes and finding.rule != "threads":
        console.print(Text.assemble(("  Routes: ", "cyan"), _few(finding.routes)))
    console.print()


def _short(text: str, folder: str) -> str:
    return text.replace(folder + os.sep, "")


def _few(routes: tuple[str, ...]) -> str:
    more = len(routes) - 5
    return ", ".join(routes[:5]) + (f" and {more} more" if more > 0 else "")


def _sum(report: Report) -> Text:
    routes = _number(report.routes, "route")
    errors, warnings = report.count("error"), report.count("warning")
    if not errors and not warnings:
        text = Text.assemble(("✓ ", "bold green"), f"{routes} checked, nothing is wrong")
    else:
        text = Text(f"{routes} checked: {_number(errors, 'error')}, {_number(warnings, 'warning')}")
    busiest = max(report.thread_hops, key=report.thread_hops.__getitem__, default=None)
    if busiest is not None and report.thread_hops[busiest]:
        hops = _number(report.thread_hops[busiest], "thread hop")
        text.append(f"; at most {hops} in a request, {busiest}", "bright_black")
    return text


def _number(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
