"""Every program of the families has the same OpenAPI document on both frameworks."""

from collections.abc import Iterable
from typing import Any

import pytest

from .case import Case, Family, get
from .families import DEPARTING, FAMILIES
from .framework import FASTAPI, TENURE

pytestmark = [
    pytest.mark.once,
    # What FastAPI misreads it leaves un-awaited; see test_departures.py.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

OTHER_PARAMETERS = {
    "one_marker_object_for_two_parameters",
    "an_ellipsis_beside_an_annotated_marker",
    "an_alias_of_a_type_inside_annotated",
    "an_open_model_as_a_dependency",
}
"""Departures that documents show: parameters that FastAPI takes for others."""


def programs(families: Iterable[Family]) -> list[Any]:
    """Each program once, whatever is asked of it elsewhere."""
    found = {
        case.build: pytest.param(
            Case(case.name, case.build, get("/openapi.json")), id=f"{family.name}-{case.name}"
        )
        for family in families
        for case in reversed(family.cases)
    }
    return list(found.values())


@pytest.mark.parametrize("case", programs(FAMILIES))
def test_documents_are_equal(case: Case) -> None:
    difference = case.run(FASTAPI).difference(case.run(TENURE), "fastapi", "tenure")
    assert not difference, difference


@pytest.mark.parametrize("case", programs(DEPARTING))
def test_departures_do_not_show_in_documents(case: Case) -> None:
    fastapi, tenure = case.run(FASTAPI), case.run(TENURE)
    if tenure.refused:
        pytest.skip("Tenure refuses this program")
    if case.name.partition("-")[0] in OTHER_PARAMETERS:
        assert fastapi.exchanges != tenure.exchanges
    else:
        assert fastapi.exchanges == tenure.exchanges
