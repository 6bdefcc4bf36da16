"""Security schemes: defined once in the document, asked for by operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tenure.web.bind.security import SecurityBase
from tenure.web.encoders import jsonable_encoder

__all__ = ["scheme_objects", "security_requirements"]

Used = Sequence[tuple[SecurityBase, tuple[str, ...]]]


def scheme_objects(schemes: Used) -> dict[str, Any]:
    """The definition of each scheme by its name."""
    return {
        scheme.scheme_name: jsonable_encoder(scheme.model, by_alias=True, exclude_none=True)
        for scheme, _ in schemes
    }


def security_requirements(schemes: Used) -> list[dict[str, list[str]]]:
    """What an operation asks for: each scheme once, with all OAuth scopes asked of it."""
    required: dict[str, dict[str, None]] = {}
    for scheme, oauth_scopes in schemes:
        required.setdefault(scheme.scheme_name, {}).update(dict.fromkeys(oauth_scopes))
    return [{name: list(oauth_scopes)} for name, oauth_scopes in required.items()]
