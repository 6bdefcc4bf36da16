"""FastAPI answers as the contract says, and Tenure answers as FastAPI does."""

import pytest

from .case import Case
from .families import FAMILIES

EVERY_CASE = pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{family.name}-{case.name}")
        for family in FAMILIES
        for case in family.cases
    ],
)


@EVERY_CASE
def test_fastapi_answers_as_stated(case: Case) -> None:
    faults = case.ask.stated.faults(case.by_fastapi())
    assert not faults, "\n".join(faults)


@EVERY_CASE
def test_tenure_answers_as_fastapi(case: Case) -> None:
    difference = case.by_fastapi().difference(case.by_tenure(), "fastapi", "tenure")
    assert not difference, difference


def test_case_names_are_unique() -> None:
    names = [f"{family.name}-{case.name}" for family in FAMILIES for case in family.cases]
    assert len(names) == len(set(names))
