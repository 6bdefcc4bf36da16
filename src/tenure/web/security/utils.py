"""Reading the ``Authorization`` header."""

from __future__ import annotations

__all__ = ["get_authorization_scheme_param"]


def get_authorization_scheme_param(authorization_header_value: str | None) -> tuple[str, str]:
    """The scheme and what follows it: ``("Bearer", "abc")``; empty texts where there is nothing."""
    scheme, _, credentials = (authorization_header_value or "").partition(" ")
    return scheme, credentials.strip()
