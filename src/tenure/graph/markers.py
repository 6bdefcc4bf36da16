"""The marker that declares a dependency."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field, dataclass, field, fields
from typing import Any, Final

__all__ = ["DEFAULT", "SCOPES", "Depends", "Limit", "check_exit_timeout"]

SCOPES: Final = ("app", "request", "function")
"""The lifetimes a dependency can have, widest first."""


DEFAULT: Final = -1.0
"""Stands for an ``exit_timeout`` that was not given."""


_SELDOM: Final = frozenset({"lazy", "in_thread", "concurrent", "exit_timeout"})


def check_exit_timeout(seconds: object) -> None:
    """Raise ``ValueError`` for an ``exit_timeout`` that is no time."""
    if seconds is None or seconds == DEFAULT:
        return
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or seconds <= 0:
        msg = f"exit_timeout must be a positive number of seconds or None, not {seconds!r}"
        raise ValueError(msg)


class Limit:
    """How many instances of one declaration may be alive at once; what tells them apart is itself.

    Who holds them, and who waits, is known to ``life.limits``.
    """

    __slots__ = ("__weakref__", "max_concurrency")

    def __init__(self, max_concurrency: int) -> None:
        self.max_concurrency = max_concurrency


@dataclass(frozen=True, repr=False)
class Depends:
    """Declares that a parameter is filled by calling a dependency.

    The value behind the function ``tenure.Depends``; frozen and hashable, so that one
    marker can be shared by many declarations.
    """

    dependency: Callable[..., Any] | None = None
    """What is called; None means the annotation of the parameter."""
    use_cache: bool = True
    """False calls it again for this parameter although the same unit of work did already."""
    scope: str | None = None
    """When a generator is closed: ``"function"``, ``"request"`` or ``"app"``; None means
    request."""
    lazy: bool = field(default=False, kw_only=True)
    """Whether what is of scope "app" is set up when it is first needed, not at the start."""
    in_thread: bool = field(default=True, kw_only=True)
    """False runs ``def`` code in place, on the event loop: it does not block."""
    concurrent: bool = field(default=False, kw_only=True)
    """True opens it at the same time as its neighbours that are marked likewise."""
    exit_timeout: float | None = field(default=DEFAULT, kw_only=True)
    """Seconds that its exit may take; None means any time, without it the application says."""
    max_concurrency: int | None = field(default=None, kw_only=True)
    """How many may be alive at once, wherever this very marker is used; None is no limit."""
    limit: Limit | None = field(default=None, kw_only=True, repr=False)
    """What ``max_concurrency`` is counted by; kept by ``dataclasses.replace``. As no two are equal,
    ``typing.Annotated`` does not take two declarations for one."""

    def __post_init__(self) -> None:
        check_exit_timeout(self.exit_timeout)
        size = self.max_concurrency
        if size is None:
            object.__setattr__(self, "limit", None)
            return
        if type(size) is not int or size < 1:
            raise ValueError("max_concurrency must be a positive integer or None")
        if self.limit is None or self.limit.max_concurrency != size:
            object.__setattr__(self, "limit", Limit(size))

    def __repr__(self) -> str:
        """What was declared; of the options that are seldom used, those that were."""
        shown = [each for each in fields(self) if each.repr and self._is_shown(each)]
        options = ", ".join(f"{each.name}={getattr(self, each.name)!r}" for each in shown)
        return f"{type(self).__name__}({options})"

    def _is_shown(self, option: Field[Any]) -> bool:
        return option.name not in _SELDOM or getattr(self, option.name) != option.default

    @property
    def labels(self) -> tuple[str, ...]:
        """Words handed down to everything below this declaration (see ``graph.inputs``)."""
        return ()
