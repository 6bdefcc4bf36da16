"""Every behaviour holds for the generated function and for the interpreter."""

import gc
from collections.abc import Iterator

import pytest

from tenure import Container
from tests.engine.limited import is_anything_left


@pytest.fixture(params=["compiled", "interpreted"])
def container(request: pytest.FixtureRequest) -> Container:
    return Container(interpreted=request.param == "interpreted")


@pytest.fixture
def no_slot_is_left() -> Iterator[None]:
    """After each test all slots of limits are free, and nobody waits for one."""
    yield
    gc.collect(1)  # what a test has dropped is young; all the rest would take most of the time
    assert not is_anything_left()
