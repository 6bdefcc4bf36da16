"""Observation holds for the generated function and for the interpreter."""

import pytest

from tenure import Container
from tenure.observe import Recorder


@pytest.fixture(params=["compiled", "interpreted"])
def container(request: pytest.FixtureRequest) -> Container:
    return Container(interpreted=request.param == "interpreted")


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()
