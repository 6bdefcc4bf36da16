"""Whatever is sent, it is answered with a status below 500, and nothing is left open."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given, settings

from tests.properties.hostile import HostileRequest, answers_well, application, hostile_requests


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


app, counter = application()


@given(hostile=hostile_requests())
@settings(max_examples=5 * settings().max_examples)
def test_no_request_is_answered_with_a_failure(
    runner: asyncio.Runner, hostile: HostileRequest
) -> None:
    runner.run(answers_well(app, counter, hostile))
