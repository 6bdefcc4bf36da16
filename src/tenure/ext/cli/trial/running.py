"""A program in two processes, one for each framework."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tenure.ext.cli.loading import UsageProblem
from tenure.ext.cli.trial.comparing import Comparison, compare
from tenure.ext.cli.trial.records import Answer, Headers, Request, answer_of, as_line, request_of

__all__ = ["ProgramFailed", "Trial", "run_trial"]


class ProgramFailed(Exception):  # noqa: N818 - told to the user in one line, never seen as an error
    """The program cannot be run on one of the two; the text says which."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What is to be tried, and how."""

    app: str
    """As on the command line: ``module:app``, a module or a file."""
    is_factory: bool = False
    requests: Sequence[Request] | None = None
    """None makes them from the OpenAPI document."""
    methods: Sequence[str] = ("GET",)
    """Of the requests that are made from the document."""
    headers: Headers = ()
    """Added to requests that are made from the document."""
    ignored_headers: Sequence[str] = ()
    repeat: int = 20
    """How often requests that change nothing are sent again, to be timed."""
    seconds: float = 30.0
    """For one request at most."""


def run_trial(trial: Trial) -> list[Comparison]:
    """Send the same requests to both and compare the answers.

    What differs is asked of FastAPI again, in another process: what is not the same there either,
    such as the time of day, is told apart. Raises ``UsageProblem`` and ``ProgramFailed``.
    """
    if find_spec("fastapi") is None:
        raise UsageProblem("fastapi is not installed here: there is nothing to compare with")
    requests, expected = _answers("fastapi", trial)
    _, given = _answers("tenure", replace(trial, requests=requests))
    comparisons = [
        Comparison(request, one, other, compare(one, other, trial.ignored_headers))
        for request, one, other in zip(requests, expected, given, strict=True)
    ]
    if any(each.differences for each in comparisons):
        _, again = _answers("fastapi", replace(trial, requests=requests, repeat=0))
        comparisons = [
            _without_unstable(each, other, trial)
            for each, other in zip(comparisons, again, strict=True)
        ]
    return comparisons


def _without_unstable(comparison: Comparison, again: Answer, trial: Trial) -> Comparison:
    changing = {each.what for each in compare(comparison.fastapi, again, trial.ignored_headers)}
    return replace(
        comparison,
        differences=tuple(each for each in comparison.differences if each.what not in changing),
        unstable=tuple(each for each in comparison.differences if each.what in changing),
    )


def _answers(framework: str, trial: Trial) -> tuple[list[Request], list[Answer]]:
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.json"
        task = {
            "on": framework,
            "app": trial.app,
            "is_factory": trial.is_factory,
            "requests": None if trial.requests is None else [as_line(e) for e in trial.requests],
            "methods": list(trial.methods),
            "headers": list(trial.headers),
            "repeat": trial.repeat,
            "seconds": trial.seconds,
            "results": str(results),
        }
        said = _run(framework, task)
        if not results.is_file():
            last = said.strip().splitlines()[-1:]
            raise ProgramFailed(f"on {framework}: the process ended, {''.join(last) or 'silently'}")
        result: dict[str, Any] = json.loads(results.read_text(encoding="utf-8"))
    if "problem" in result:
        kind = UsageProblem if result["status"] == 2 else ProgramFailed
        raise kind(f"on {framework}: {result['problem']}")
    return (
        [request_of(each) for each in result["requests"]],
        [answer_of(each) for each in result["answers"]],
    )


def _run(framework: str, task: dict[str, Any]) -> str:
    """Run a worker; answers what it wrote on standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "tenure.ext.cli.trial.worker"],
        input=json.dumps(task),
        env={**os.environ, "TENURE_TRY": framework},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.stderr
