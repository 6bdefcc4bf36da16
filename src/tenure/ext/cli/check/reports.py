"""The findings as JSON, and as annotations of GitHub's."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tenure.ext.cli.check.collecting import Report
from tenure.ext.cli.check.findings import Finding, rule_of

__all__ = ["as_github", "as_json", "relative", "text_of"]


def relative(file: str, folder: str) -> str:
    """*file* as seen from *folder*, with slashes, where it is below it."""
    path = Path(file)
    if folder and path.is_relative_to(folder):
        return path.relative_to(folder).as_posix()
    return file


def as_json(report: Report) -> str:
    """An object with ``findings``, ``routes``, ``thread_hops`` and the number of each level."""
    found = {
        "routes": report.routes,
        "errors": report.count("error"),
        "warnings": report.count("warning"),
        "thread_hops": report.thread_hops,
        "findings": [_as_data(each) for each in report.findings],
    }
    return json.dumps(found, indent=2) + "\n"


def _as_data(finding: Finding) -> dict[str, object]:
    return {
        "rule": finding.rule,
        "level": finding.level,
        "message": finding.message,
        "hint": finding.hint,
        "chain": finding.chain,
        "file": finding.file,
        "line": finding.line,
        "routes": list(finding.routes),
    }


def as_github(report: Report, *, with_notes: bool) -> str:
    """Workflow commands, one a line: GitHub shows each at its line of the change."""
    root = os.environ.get("GITHUB_WORKSPACE") or str(Path.cwd())
    return "".join(
        _command(each, root) for each in report.findings if with_notes or each.level != "note"
    )


def _command(finding: Finding, root: str) -> str:
    properties = {"file": relative(finding.file, root)} if finding.line is not None else {}
    if finding.line is not None:
        properties["line"] = str(finding.line)
    properties["title"] = f"tenure {finding.rule}: {rule_of(finding)}"
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    text = _data(text_of(finding, root))
    level = "notice" if finding.level == "note" else finding.level
    return f"::{level} {given}::{text}\n"


def text_of(finding: Finding, folder: str) -> str:
    """Message, chain and hint, with places as seen from *folder*."""
    parts = [finding.message, finding.chain, f"Hint: {finding.hint}" if finding.hint else ""]
    return "\n".join(part for part in parts if part).replace(folder + os.sep, "")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
