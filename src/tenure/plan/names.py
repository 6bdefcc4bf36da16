"""Identifiers for generated code, unique within one function."""

from __future__ import annotations

import functools
import keyword
import unicodedata
from typing import Final

__all__ = ["OWN_NAMES", "RUNTIME_NAMES", "Names"]

# A list of words reads better than a column of strings.
RUNTIME_NAMES: Final = frozenset(
    """
    new_scope exiting generator_of awaitable_of in_thread open_here close_here
    finish_exit yielded_again unwind
    cancel_scopes running_loop needs_shield run_shielded run_sheltered sheltered
    run_together open_together take_slot call_limited
    """.split()  # noqa: SIM905
)
"""What generated code calls of the ``Runtime``, under its own name."""

OWN_NAMES: Final = RUNTIME_NAMES | frozenset(
    """
    scope source opened outer result reply closing waiting error failures stack rejected
    resume locals
    refused hop opens finish deliver RejectedInputs
    partial itself outcome Outcome note_ending status_of
    application application_of missing observe observed
    BaseException StopAsyncIteration StopIteration
    """.split()  # noqa: SIM905
)
"""What the emitter itself writes; no parameter and no callable gets one of these names."""


class Names:
    """Hands out identifiers, each once, none of the emitter's own."""

    def __init__(self) -> None:
        self._taken: set[str] = set(OWN_NAMES)
        self._last: dict[str, int] = {}

    def take(self, wanted: str) -> str:
        """*wanted* itself where it is free, else with a number behind it."""
        wanted = _identifier(wanted)
        if wanted not in self._taken:  # as most are
            self._taken.add(wanted)
            return wanted
        name, number = wanted, self._last.get(wanted, 1)
        while name in self._taken:
            number += 1
            name = f"{wanted}_{number}"
        self._last[wanted] = number
        self._taken.add(name)
        return name


@functools.lru_cache(1024)
def _identifier(wanted: str) -> str:
    wanted = unicodedata.normalize("NFKC", wanted)  # as Python's parser does
    if wanted.startswith("__"):
        wanted = wanted.lstrip("_") or "value"
    return wanted if wanted.isidentifier() and not keyword.iskeyword(wanted) else "value"
