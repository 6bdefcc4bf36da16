"""What is known to answer differently without being meant to, by the name of the case.

Each is expected to fail, strictly: whoever mends one takes its line out of here.
"""

from collections.abc import Iterable
from typing import Any

import pytest

from .case import Family

PENDING: dict[str, str] = {}


def parameters(families: Iterable[Family], *, with_pending: bool) -> list[Any]:
    """Every case of the families as a parameter of a test, under its own id."""
    found: list[Any] = []
    for family in families:
        for case in family.cases:
            name = f"{family.name}-{case.name}"
            reason = PENDING.get(name) if with_pending else None
            marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
            found.append(pytest.param(case, id=name, marks=marks))
    return found
