"""From the options of ``tenure try`` to a trial, and from its outcome to what is written."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from tenure.ext.cli.loading import UsageProblem
from tenure.ext.cli.terminal import write
from tenure.ext.cli.trial.comparing import Comparison
from tenure.ext.cli.trial.report import as_json, as_text

__all__ = ["TrialFormat", "headers_of", "methods_of", "show_trial"]

_METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE")


class TrialFormat(StrEnum):
    """How ``tenure try`` says what it found."""

    text = "text"
    json = "json"


def methods_of(given: Sequence[str] | None) -> tuple[str, ...]:
    """The methods to make requests of, all of them where none is named."""
    named = tuple(each.upper() for each in given or _METHODS)
    unknown = [each for each in named if each not in _METHODS]
    if unknown:
        raise UsageProblem(f"{unknown[0]} is no method; there are {', '.join(_METHODS)}")
    return named


def headers_of(given: Sequence[str] | None) -> list[tuple[str, str]]:
    """``Name: value`` in two parts."""
    headers: list[tuple[str, str]] = []
    for text in given or ():
        name, colon, value = text.partition(":")
        if not (colon and name.strip()):
            raise UsageProblem(f"{text!r} is no header: write NAME:VALUE")
        headers.append((name.strip().lower(), value.strip()))
    return headers


def show_trial(
    comparisons: Sequence[Comparison], wanted: TrialFormat, file: Path | None = None
) -> bool:
    """Write what was found to *file* or to standard output; whether anything differs."""
    text = as_text(comparisons) if wanted is TrialFormat.text else as_json(comparisons)
    try:
        write(text, file)
    except OSError as error:
        raise UsageProblem(f"{file} cannot be written: {error.strerror}") from error
    return any(each.differences for each in comparisons)
