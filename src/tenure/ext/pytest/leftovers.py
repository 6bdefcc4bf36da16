"""What a test leaves open."""

from __future__ import annotations

import weakref
from typing import Any

import pytest

from tenure.plan.alive import alive

__all__ = ["Leftovers"]


class Leftovers:
    """Remembers what is open when it is made, and finds what else is later."""

    def __init__(self) -> None:
        self._before: weakref.WeakSet[Any] = weakref.WeakSet(each.running for each in alive())

    def check(self) -> None:
        """Fail the test if something is open that was not."""
        __tracebackhide__ = True
        found = sorted({str(each) for each in alive() if each.running not in self._before})
        if found:
            pytest.fail("\n".join(["The test left open:", *(f"  {each}" for each in found)]))
