"""FastAPI answers as the contract says, and Tenure answers as FastAPI does."""

import pytest

from .case import Case
from .families import DEPARTING, FAMILIES
from .pending import PENDING, parameters


@pytest.mark.parametrize("case", parameters(FAMILIES, with_pending=True))
def test_tenure_answers_as_fastapi(case: Case) -> None:
    faults = case.ask.stated.faults(case.by_fastapi())
    assert not faults, "\n".join(["FastAPI does not answer as stated:", *faults])
    difference = case.by_fastapi().difference(case.by_tenure(), "fastapi", "tenure")
    assert not difference, difference


def test_names_of_cases_are_unique_and_pending_ones_exist() -> None:
    names = [parameter.id for parameter in parameters([*FAMILIES, *DEPARTING], with_pending=False)]
    assert len(names) == len(set(names))
    assert PENDING.keys() <= set(names)
