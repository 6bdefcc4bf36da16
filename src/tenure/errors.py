"""Every exception the engine raises on its own account.

::

    TenureError (RuntimeError)
    ├── GraphError               faults of a declaration, all of them at once
    │   ├── ScopeError           ... when all of them break the rules of lifetimes
    │   └── MarkerError          ... when one of them is a marker in the wrong place
    ├── DeclarationError         anything else that is declared as it cannot work
    ├── ApplicationError         scope "app" where no application runs, or while it ends
    ├── LimitError               waiting for a slot that could never become free
    ├── DependencyError          a dependency broke the protocol of ``yield`` at run time
    │   ├── DidNotYieldError     it ended before it yielded
    │   ├── YieldedTwiceError    it yielded again where it should have ended
    │   ├── SwallowedError       it swallowed the exception that was delivered to it
    │   ├── ExitTimeoutError     its exit took longer than its ``exit_timeout``
    │   └── WrongKindError       it returned something else than its signature promises
    └── RejectedInputs           input that a reader could not accept (control flow, not an error)

What user code raises is never wrapped: it comes out as itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = [
    "ApplicationError",
    "DeclarationError",
    "DependencyError",
    "DidNotYieldError",
    "ExitTimeoutError",
    "Fault",
    "GraphError",
    "LimitError",
    "MarkerError",
    "RejectedInputs",
    "ScopeError",
    "SwallowedError",
    "TenureError",
    "TenureWarning",
    "WrongKindError",
    "YieldedTwiceError",
]


class TenureWarning(UserWarning):
    """Something works, but was probably meant differently; the text names the fix."""


class TenureError(RuntimeError):
    """The base of all errors that Tenure raises on its own account."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake in a declaration: what is wrong, where, how it is reached, what to write."""

    kind: str
    """A stable word for programs: ``"cycle"``, ``"scope"``, ``"unresolved"``, ..."""
    message: str
    """What is wrong, in one sentence that names the dependency and the parameter."""
    chain: str
    """The way from the entry point to the fault, drawn one step a line."""
    hint: str
    """What to write instead."""
    place: str = ""
    """``file:line`` of what is at fault, where it is known."""

    def __str__(self) -> str:
        parts = [self.message]
        if self.chain:
            parts.append(self.chain)
        if self.hint:
            parts.append(f"Hint: {self.hint}")
        return "\n".join(parts)


class DeclarationError(TenureError, AssertionError):
    """Something is declared in a way that cannot work.

    FastAPI refuses that with ``assert``, so this is an ``AssertionError`` for those who catch one;
    it is raised under ``python -O`` as well.
    """


class GraphError(TenureError):
    """What is wrong with a graph of dependencies; raised when it is declared or started.

    ``faults`` holds every fault that was found, in the order of the declaration.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__(self._text())

    @classmethod
    def of(cls, faults: Sequence[Fault]) -> GraphError:
        """The most special class of error for *faults*."""
        kinds = {fault.kind for fault in faults}
        if kinds == {"scope"}:
            return ScopeError(faults)
        return MarkerError(faults) if kinds & _MARKER_KINDS else GraphError(faults)

    def _text(self) -> str:
        if len(self.faults) == 1:
            return str(self.faults[0])
        numbered = [f"{number}. {fault}" for number, fault in enumerate(self.faults, 1)]
        return f"{len(self.faults)} faults in the declaration\n\n" + "\n\n".join(numbered)


class ScopeError(GraphError):
    """A dependency would outlive something it depends on, or names no known scope."""


class MarkerError(GraphError, DeclarationError):
    """Among the faults is a marker where it cannot be, two of them, or one of nothing callable."""


_MARKER_KINDS = frozenset({"empty", "parameter", "twice", "uncallable"})


class ApplicationError(TenureError):
    """Something of scope "app" was asked for where it is not to be had.

    No application is running on this event loop, it is closing, the dependency has failed since
    it was set up, or its set-up waits for itself.
    """


class LimitError(TenureError):
    """A limit (``max_concurrency``) was met where waiting for a slot could never end.

    All who hold one are kept back by who would have waited: the same unit of work, or others that
    wait for what it holds. Says who holds what.
    """


class DependencyError(TenureError):
    """A dependency broke the protocol of ``yield``; names it and its place."""


class DidNotYieldError(DependencyError):
    """A generator dependency ended without yielding a value."""


class YieldedTwiceError(DependencyError):
    """A generator dependency yielded a second time; it was closed at that point."""


class SwallowedError(DependencyError):
    """A dependency swallowed the exception delivered at its ``yield``.

    There is no result then, so the unit of work cannot succeed. The swallowed exception is
    the ``__cause__``.
    """


class ExitTimeoutError(DependencyError):
    """The code after the ``yield`` took longer than its ``exit_timeout``."""


class WrongKindError(DependencyError):
    """A callable returned something else than its signature promises.

    Usually a decorator with ``functools.wraps`` that consumes the generator it wraps.
    """


class RejectedInputs(TenureError):  # noqa: N818 - a signal between reader and plan
    """Raised by a reader whose inputs are not all valid.

    ``values`` has one entry for each input in order; ``faults`` maps the position of each
    rejected input to whatever the binder wants to see again in ``reject``.
    """

    def __init__(self, values: Sequence[Any], faults: Mapping[int, Any]) -> None:
        self.values: tuple[Any, ...] = tuple(values)
        self.faults: dict[int, Any] = dict(faults)
        super().__init__(f"{len(self.faults)} inputs were rejected")
