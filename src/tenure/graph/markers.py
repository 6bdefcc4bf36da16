"""The marker that declares a dependency."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["SCOPES", "Depends"]

SCOPES: Final = ("request", "function")
"""The lifetimes a dependency can have, widest first."""


@dataclass(frozen=True)
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
    """When a generator is closed: ``"function"`` or ``"request"``; None means request."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Words handed down to everything below this declaration (see ``graph.inputs``)."""
        return ()
