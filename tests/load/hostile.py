"""Requests that no honest client sends, for a bounded time."""

import asyncio
import time
from collections import Counter

import hypothesis
from hypothesis import given, settings

from tests.properties.hostile import HostileRequest, answers_well, application, hostile_requests


def survive_hostility(seconds: float, seed: int) -> None:
    """Send them for so many seconds, and print how many were answered."""
    app, counter = application()
    counts: Counter[str] = Counter()
    end = time.monotonic() + seconds
    with asyncio.Runner() as runner:
        while time.monotonic() < end:
            _round(runner, app, counter, counts, seed + counts["rounds"])
            counts["rounds"] += 1
    print(
        f"hostile: {counts['requests']} requests in {seconds:.0f} s, none answered with a failure"
    )


def _round(runner, app, counter, counts: Counter[str], seed: int) -> None:
    @hypothesis.seed(seed)
    @settings(
        max_examples=1000,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @given(hostile=hostile_requests())
    def answers(hostile: HostileRequest) -> None:
        runner.run(answers_well(app, counter, hostile))
        counts["requests"] += 1

    answers()
