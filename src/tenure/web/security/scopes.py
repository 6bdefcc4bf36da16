"""The OAuth scopes that the dependencies above have declared."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["SecurityScopes"]


class SecurityScopes:
    """What a dependency is told about the OAuth scopes required of it.

    Declare a parameter of this type in a dependency, and declare the dependency with
    ``Security(dependency, scopes=[...])``. ``scopes`` has those of all declarations on the way
    to it, outermost first, without repetition; ``scope_str`` the same joined by spaces, as the
    ``WWW-Authenticate`` header has it (RFC 6750, section 3).
    """

    def __init__(self, scopes: Sequence[str] | None = None) -> None:
        self.scopes: list[str] = list(scopes or ())
        self.scope_str = " ".join(self.scopes)
