"""Under which names a request may hold a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from pydantic import AliasChoices, AliasPath, ConfigDict
from pydantic.fields import FieldInfo

__all__ = ["RequestName", "request_names"]


@dataclass(frozen=True, slots=True)
class RequestName:
    """One name of a value, as pydantic knows it and as the request spells it."""

    alias: str
    key: str
    """Differs from the alias in headers only: ``user-agent`` for ``user_agent``."""


def request_names(
    name: str,
    info: FieldInfo,
    config: ConfigDict | None = None,
    *,
    convert_underscores: bool = False,
    only_alias: bool = False,
) -> tuple[RequestName, ...]:
    """The names to look for, the preferred one first; the first is the one errors mention.

    *config* is the configuration of the model that *name* is a field of. ``only_alias`` is for
    path parameters, which have one name in the route.
    """
    validation_alias = info.validation_alias
    text = validation_alias if isinstance(validation_alias, str) else ""
    alias = text or (info.alias if info.alias is not None else name)

    def in_request(spelled: str, *, converted: bool) -> RequestName:
        return RequestName(spelled, spelled.replace("_", "-") if converted else spelled)

    names = [in_request(alias, converted=convert_underscores and alias == name)]
    if only_alias or isinstance(validation_alias, AliasPath):
        return tuple(names)
    if isinstance(validation_alias, AliasChoices):
        if any(isinstance(choice, AliasPath) for choice in validation_alias.choices):
            return tuple(names)
        # Choices are spelled as the client sends them, underscores included.
        choices = cast(list[str], validation_alias.choices)
        names = [in_request(choice, converted=False) for choice in choices]
    return _with_field_name(names, in_request(name, converted=convert_underscores), config or {})


def _with_field_name(
    names: list[RequestName], own: RequestName, config: ConfigDict
) -> tuple[RequestName, ...]:
    """Add the name of the model's field, where the model lets it be used for validation."""
    if config.get("validate_by_alias") is False:
        return (own,)
    by_name = config.get("validate_by_name", config.get("populate_by_name", False))
    if by_name and own.alias not in [each.alias for each in names]:
        names.append(own)
    return tuple(names)
