"""API keys, in the query string, a header or a cookie."""

from __future__ import annotations

from typing import ClassVar

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.status import HTTP_401_UNAUTHORIZED

from tenure.web.bind.security import SecurityBase
from tenure.web.openapi.models import APIKey, APIKeyIn

__all__ = ["APIKeyBase", "APIKeyCookie", "APIKeyHeader", "APIKeyQuery"]


class APIKeyBase(SecurityBase):
    """What API keys have in common, wherever they are sent."""

    model: APIKey

    def __init__(
        self,
        location: APIKeyIn,
        name: str,
        description: str | None,
        scheme_name: str | None,
        auto_error: bool,
    ) -> None:
        self.auto_error = auto_error
        self.model = APIKey.model_validate(
            {"in": location, "name": name, "description": description}
        )
        self.scheme_name: str = scheme_name or type(self).__name__

    def make_not_authenticated_error(self) -> HTTPException:
        """The error for a request without a key; override it to answer otherwise.

        A 401 has to carry a challenge (RFC 9110, section 15.5.2), and no standard has one for
        API keys: the word ``APIKey`` is FastAPI's.
        """
        return HTTPException(
            HTTP_401_UNAUTHORIZED, "Not authenticated", {"WWW-Authenticate": "APIKey"}
        )

    def check_api_key(self, api_key: str | None) -> str | None:
        """The key as it is. An absent or empty one is an error, or None without ``auto_error``."""
        if api_key:
            return api_key
        if self.auto_error:
            raise self.make_not_authenticated_error()
        return None


class _Placed(APIKeyBase):
    """The three places differ in where they look."""

    _location: ClassVar[APIKeyIn]

    def __init__(
        self,
        *,
        name: str,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__(self._location, name, description, scheme_name, auto_error)


class APIKeyQuery(_Placed):
    """An API key in the query string, under *name*.

    As a dependency it gives the key, which is yours to check: compare it with
    ``secrets.compare_digest``, so that the time this takes says nothing about the right one.
    Without a key the client gets 401; with ``auto_error=False`` the dependency gives None.
    """

    _location = APIKeyIn.query

    async def __call__(self, request: HTTPConnection) -> str | None:
        """Read the key from the query string."""
        return self.check_api_key(request.query_params.get(self.model.name))


class APIKeyHeader(_Placed):
    """An API key in the header *name*; otherwise as ``APIKeyQuery``."""

    _location = APIKeyIn.header

    async def __call__(self, request: HTTPConnection) -> str | None:
        """Read the key from its header."""
        return self.check_api_key(request.headers.get(self.model.name))


class APIKeyCookie(_Placed):
    """An API key in the cookie *name*; otherwise as ``APIKeyQuery``."""

    _location = APIKeyIn.cookie

    async def __call__(self, request: HTTPConnection) -> str | None:
        """Read the key from its cookie."""
        return self.check_api_key(request.cookies.get(self.model.name))
