"""How a unit of work ended, for exit code that wants to know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

__all__ = ["OUTCOME", "Outcome", "note_ending"]


class Outcome:
    """How the unit of work ended; a parameter of this type is given the one it belongs to.

    ::

        async def get_session(outcome: Outcome) -> AsyncIterator[Session]:
            async with Session() as session:
                yield session
                if outcome.kind == "returned" and (outcome.status or 200) < 400:
                    await session.commit()

    Before the ``yield`` it is ``"running"``. Code after it sees what is known by then: where the
    result was made and handed over, later exits can still turn ``"returned"`` into ``"raised"``,
    and one that replaces an exception decides what those after it see here.
    """

    __slots__ = ("kind", "status")

    def __init__(self) -> None:
        self.kind: Literal["running", "returned", "raised", "cancelled", "disconnected"] = "running"
        """``"disconnected"`` in the web layer only: the client left before it had everything."""
        self.status: int | None = None
        """In the web layer, the status of the response, also of a raised ``HTTPException``."""

    def __repr__(self) -> str:
        return f"<Outcome {self.kind}{f' {self.status}' if self.status is not None else ''}>"


def note_ending(
    ending_of: Callable[[Any, BaseException], tuple[Any, int | None]],
    outcome: Outcome,
    source: Any,
    failure: BaseException | None,
) -> None:
    """Say in *outcome* what the unit of work has come to; *failure* is None if it was swallowed."""
    if failure is None:
        outcome.kind, outcome.status = "returned", None
    else:
        outcome.kind, outcome.status = ending_of(source, failure)


class _Outcome:
    """The type of ``OUTCOME``."""

    def __repr__(self) -> str:
        return "OUTCOME"


OUTCOME: Final = _Outcome()
"""Stands among a node's arguments for the outcome of whoever runs it."""
