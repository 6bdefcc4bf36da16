"""A program written for FastAPI, run on FastAPI and, through the import hook, on Tenure."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tenure.ext.cli.trial.records import Answer, request_of
from tenure.ext.cli.trial.running import Trial, run_trial

PROGRAMS = Path(__file__).parent / "programs"

Try = Callable[..., list[Answer]]


def sent(method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
    """A request as `tenure try` reads it."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    line = {"method": method, "path": path, "headers": names}
    return line if body is None else {**line, "body": body}


@pytest.fixture
def try_program() -> Try:
    """Send the requests to a program in both processes; the answers of Tenure's.

    Fails where the two are not the same.
    """

    def run(
        program: str, requests: Sequence[dict[str, Any]], *, ignored: Sequence[str] = ()
    ) -> list[Answer]:
        trial = Trial(
            str(PROGRAMS / program),
            requests=[request_of(each) for each in requests],
            ignored_headers=ignored,
            repeat=0,
            seconds=20,
        )
        comparisons = run_trial(trial)
        for each in comparisons:
            assert not each.differences, f"{each.request.title}: {each.differences}"
        return [each.tenure for each in comparisons]

    return run
