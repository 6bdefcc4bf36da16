"""How clients say who they are."""

from __future__ import annotations

from enum import Enum
from typing import Literal

from pydantic import Field

from tenure.web.openapi.models.base import BaseModelWithConfig

__all__ = [
    "APIKey",
    "APIKeyIn",
    "HTTPBase",
    "HTTPBearer",
    "OAuth2",
    "OAuthFlow",
    "OAuthFlowAuthorizationCode",
    "OAuthFlowClientCredentials",
    "OAuthFlowImplicit",
    "OAuthFlowPassword",
    "OAuthFlows",
    "OpenIdConnect",
    "SecurityBase",
    "SecurityScheme",
    "SecuritySchemeType",
]


class SecuritySchemeType(Enum):
    """The kinds of security schemes."""

    apiKey = "apiKey"
    http = "http"
    oauth2 = "oauth2"
    openIdConnect = "openIdConnect"


class SecurityBase(BaseModelWithConfig):
    """What all security schemes have in common."""

    type_: SecuritySchemeType = Field(alias="type")
    description: str | None = None


class APIKeyIn(Enum):
    """The part of a request that holds an API key."""

    query = "query"
    header = "header"
    cookie = "cookie"


class APIKey(SecurityBase):
    """A key that the client was given."""

    type_: SecuritySchemeType = Field(default=SecuritySchemeType.apiKey, alias="type")
    in_: APIKeyIn = Field(alias="in")
    name: str


class HTTPBase(SecurityBase):
    """One of the schemes of HTTP's own ``Authorization`` header."""

    type_: SecuritySchemeType = Field(default=SecuritySchemeType.http, alias="type")
    scheme: str


class HTTPBearer(HTTPBase):
    """A token in the ``Authorization`` header."""

    scheme: Literal["bearer"] = "bearer"  # pyright: ignore[reportIncompatibleVariableOverride]
    bearerFormat: str | None = None


class OAuthFlow(BaseModelWithConfig):
    """What the ways to an OAuth2 token have in common."""

    refreshUrl: str | None = None
    scopes: dict[str, str] = Field(default={})


class OAuthFlowImplicit(OAuthFlow):
    """A token handed to the page that asked."""

    authorizationUrl: str


class OAuthFlowPassword(OAuthFlow):
    """A token for a name and a password."""

    tokenUrl: str


class OAuthFlowClientCredentials(OAuthFlow):
    """A token for a program's own name and secret."""

    tokenUrl: str


class OAuthFlowAuthorizationCode(OAuthFlow):
    """A token for a code that the user brings back."""

    authorizationUrl: str
    tokenUrl: str


class OAuthFlows(BaseModelWithConfig):
    """The ways to a token that a scheme supports."""

    implicit: OAuthFlowImplicit | None = None
    password: OAuthFlowPassword | None = None
    clientCredentials: OAuthFlowClientCredentials | None = None
    authorizationCode: OAuthFlowAuthorizationCode | None = None


class OAuth2(SecurityBase):
    """Tokens by OAuth2."""

    type_: SecuritySchemeType = Field(default=SecuritySchemeType.oauth2, alias="type")
    flows: OAuthFlows


class OpenIdConnect(SecurityBase):
    """Tokens by OpenID Connect, discovered at an address."""

    type_: SecuritySchemeType = Field(default=SecuritySchemeType.openIdConnect, alias="type")
    openIdConnectUrl: str


SecurityScheme = APIKey | HTTPBase | OAuth2 | OpenIdConnect | HTTPBearer
