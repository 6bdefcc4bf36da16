"""The findings as SARIF 2.1.0, which code hosts and editors read."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import tenure
from tenure.ext.cli.check.collecting import Report
from tenure.ext.cli.check.findings import Finding, rule_of
from tenure.ext.cli.check.reports import relative, text_of

__all__ = ["as_sarif"]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_sarif(report: Report) -> str:
    """A log with one run. Places are relative to the current folder, named ``SRCROOT``."""
    root = Path.cwd()
    rules = list(dict.fromkeys(each.rule for each in report.findings))
    about = {each.rule: rule_of(each) for each in report.findings}
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "tenure",
                        "version": tenure.__version__,
                        "rules": [
                            {"id": rule, "shortDescription": {"text": about[rule]}}
                            for rule in rules
                        ],
                    }
                },
                "originalUriBaseIds": {"SRCROOT": {"uri": f"{root.as_uri()}/"}},
                "columnKind": "unicodeCodePoints",
                "results": [_result(each, rules, str(root)) for each in report.findings],
            }
        ],
    }
    return json.dumps(log, indent=2) + "\n"


def _result(finding: Finding, rules: list[str], root: str) -> dict[str, Any]:
    text = text_of(finding, root)
    if finding.routes:
        text += f"\nRoutes: {', '.join(finding.routes)}"
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding.rule),
        "level": finding.level,
        "message": {"text": text},
        "partialFingerprints": {"tenure/v1": _fingerprint(finding, root)},
    }
    if finding.line is not None:
        result["locations"] = [{"physicalLocation": _location(finding, root)}]
    return result


def _location(finding: Finding, root: str) -> dict[str, Any]:
    file = relative(finding.file, root)
    place: dict[str, Any] = {"uri": quote(file), "uriBaseId": "SRCROOT"}
    if Path(file).is_absolute():
        place = {"uri": Path(file).as_uri()}
    return {"artifactLocation": place, "region": {"startLine": finding.line}}


def _fingerprint(finding: Finding, root: str) -> str:
    """What stays the same when lines move, so that a finding is known again."""
    file = relative(finding.file, root)
    message = re.sub(r":\d+\)", ")", finding.message.replace(root, ""))
    return hashlib.sha256(f"{finding.rule}\n{file}\n{message}".encode()).hexdigest()[:32]
