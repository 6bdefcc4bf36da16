"""Error texts and plans, word for word, as they were read and found good.

`TENURE_GOLDEN=write` writes them anew; what has changed is to be read in the diff.
"""

import asyncio
import os
from pathlib import Path

import pytest

from tenure import Container, GraphError, TenureError
from tests.golden import programs

HERE = Path(__file__).parent


def compare(folder: str, name: str, text: str) -> None:
    """Paths lose their folder; the rest has to be equal."""
    plain = text.replace(f"{HERE}{os.sep}", "").rstrip("\n") + "\n"
    file = HERE / folder / f"{name}.txt"
    if os.environ.get("TENURE_GOLDEN") == "write":
        file.write_text(plain, encoding="utf-8")
    assert plain == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", programs.FAULTS)
def test_the_text_of_a_fault(name: str) -> None:
    with pytest.raises(GraphError) as caught:
        Container().explain(programs.FAULTS[name])
    kinds = " ".join(fault.kind for fault in caught.value.faults)
    compare("faults", name, f"{type(caught.value).__name__} ({kinds})\n\n{caught.value}")


@pytest.mark.parametrize("name", programs.ERRORS)
def test_the_text_of_an_error(name: str) -> None:
    function, arguments = programs.ERRORS[name]

    async def call() -> None:
        await Container().call(function, **arguments)

    with pytest.raises((TenureError, TypeError)) as caught:
        asyncio.run(call())
    compare("errors", name, f"{type(caught.value).__name__}\n\n{caught.value}")


@pytest.mark.parametrize("name", programs.PLANS)
def test_the_text_of_a_plan(name: str) -> None:
    function, arguments = programs.PLANS[name]
    compare("plans", name, Container().explain(function, *arguments))


def test_no_golden_text_is_left_over() -> None:
    families = {
        "faults": programs.FAULTS,
        "errors": programs.ERRORS,
        "plans": programs.PLANS,
    }
    for folder, family in families.items():
        assert {file.stem for file in (HERE / folder).glob("*.txt")} == set(family)
