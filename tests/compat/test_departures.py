"""Where Tenure departs from FastAPI on purpose: what each answers, and that it is written down."""

import gc
import re
import warnings
from collections.abc import Generator
from pathlib import Path

import pytest

from .case import Case
from .families import DEPARTING
from .pending import parameters

# FastAPI leaves a coroutine un-awaited where it misreads a wrapper; it must not be found later,
# in a test that has nothing to do with it.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_left_to_be_collected() -> Generator[None]:
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        gc.collect()


TABLE = Path(__file__).parents[2] / "docs" / "compatibility.md"


@pytest.mark.parametrize("case", parameters(DEPARTING, with_pending=False))
def test_fastapi_answers_as_stated(case: Case) -> None:
    faults = case.ask.stated.faults(case.by_fastapi())
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("case", parameters(DEPARTING, with_pending=True))
def test_tenure_departs(case: Case) -> None:
    difference = case.by_fastapi().difference(case.by_tenure(), "fastapi", "tenure")
    # A case of a departing program without a statement of its own shows where it ends.
    if case.ask.tenure is None:
        assert not difference, difference
        return
    faults = case.ask.tenure.faults(case.by_tenure())
    assert not faults, "\n".join([*faults, "in:", *case.by_tenure().lines()])
    assert difference, "there is no departure left"
    if case.by_fastapi().is_assertion:
        assert case.by_tenure().is_assertion, "programs that catch AssertionError miss it"


def test_every_departure_is_in_the_table() -> None:
    programs = {case.name.partition("-")[0] for family in DEPARTING for case in family.cases}
    table = TABLE.read_text().partition("## Every public name")[0]
    assert set(re.findall(r"`(\w+)` \|$", table, re.MULTILINE)) == programs
