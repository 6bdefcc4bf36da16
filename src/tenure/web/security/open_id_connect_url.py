"""OpenID Connect."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.status import HTTP_401_UNAUTHORIZED

from tenure.web.bind.security import SecurityBase
from tenure.web.openapi.models import OpenIdConnect as OpenIdConnectModel

__all__ = ["OpenIdConnect"]


class OpenIdConnect(SecurityBase):
    """A token by OpenID Connect, discovered at *openIdConnectUrl*.

    As a dependency it gives the ``Authorization`` header as it is. The address is for the
    document: nothing is fetched, and the token is yours to verify.
    """

    model: OpenIdConnectModel

    def __init__(
        self,
        *,
        openIdConnectUrl: str,  # noqa: N803 - OpenAPI's name
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        self.model = OpenIdConnectModel(openIdConnectUrl=openIdConnectUrl, description=description)
        self.scheme_name: str = scheme_name or type(self).__name__
        self.auto_error = auto_error

    def make_not_authenticated_error(self) -> HTTPException:
        """The error for a request without the header; override it to answer otherwise."""
        return HTTPException(
            HTTP_401_UNAUTHORIZED, "Not authenticated", {"WWW-Authenticate": "Bearer"}
        )

    async def __call__(self, request: HTTPConnection) -> str | None:
        """Read the header."""
        authorization = request.headers.get("Authorization")
        if not authorization:
            if self.auto_error:
                raise self.make_not_authenticated_error()
            return None
        return authorization
