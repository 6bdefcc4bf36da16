"""What the API is, and where it is served."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Annotated

from pydantic import AnyUrl, BeforeValidator, Field, WithJsonSchema

from tenure.web.logger import logger
from tenure.web.openapi.models.base import BaseModelWithConfig

__all__ = [
    "Contact",
    "EmailStr",
    "ExternalDocumentation",
    "Info",
    "License",
    "Server",
    "ServerVariable",
    "Tag",
]


def _unchecked(address: object) -> str:
    logger.warning(
        "The e-mail address %r is not checked: the package email-validator is not installed",
        address,
    )
    return str(address)


_addresses_are_checked = importlib.util.find_spec("email_validator") is not None

if TYPE_CHECKING or _addresses_are_checked:
    from pydantic import EmailStr
else:
    EmailStr = Annotated[
        str, BeforeValidator(_unchecked), WithJsonSchema({"type": "string", "format": "email"})
    ]


class Contact(BaseModelWithConfig):
    """Whom to ask about the API."""

    name: str | None = None
    url: AnyUrl | None = None
    email: EmailStr | None = None


class License(BaseModelWithConfig):
    """Under which terms the API is offered."""

    name: str
    identifier: str | None = None
    url: AnyUrl | None = None


class Info(BaseModelWithConfig):
    """What the document begins with."""

    title: str
    summary: str | None = None
    description: str | None = None
    termsOfService: str | None = None
    contact: Contact | None = None
    license: License | None = None
    version: str


class ExternalDocumentation(BaseModelWithConfig):
    """A page elsewhere."""

    description: str | None = None
    url: AnyUrl


class Tag(BaseModelWithConfig):
    """What operations are grouped by."""

    name: str
    description: str | None = None
    externalDocs: ExternalDocumentation | None = None


class ServerVariable(BaseModelWithConfig):
    """A part of a server's address that clients may choose."""

    enum: Annotated[list[str] | None, Field(min_length=1)] = None
    default: str
    description: str | None = None


class Server(BaseModelWithConfig):
    """Where the API is served."""

    url: AnyUrl | str
    description: str | None = None
    variables: dict[str, ServerVariable] | None = None
