"""The schemes of HTTP's ``Authorization`` header: basic, bearer, digest."""

from __future__ import annotations

from base64 import b64decode

from pydantic import BaseModel
from starlette.requests import HTTPConnection
from starlette.status import HTTP_401_UNAUTHORIZED

from tenure.web.bind.security import SecurityBase
from tenure.web.exceptions import HTTPException
from tenure.web.openapi.models import HTTPBase as HTTPBaseModel
from tenure.web.openapi.models import HTTPBearer as HTTPBearerModel
from tenure.web.security.utils import get_authorization_scheme_param

__all__ = [
    "HTTPAuthorizationCredentials",
    "HTTPBase",
    "HTTPBasic",
    "HTTPBasicCredentials",
    "HTTPBearer",
    "HTTPDigest",
]


class HTTPBasicCredentials(BaseModel):
    """The name and password that ``HTTPBasic`` has read.

    Compare both with ``secrets.compare_digest``, as UTF-8 bytes, and both always: neither the
    time taken nor the answer may tell which of the two was wrong.
    """

    username: str
    password: str


class HTTPAuthorizationCredentials(BaseModel):
    """The two parts of an ``Authorization`` header: ``Bearer abc``."""

    scheme: str
    """As the client wrote it; schemes do not distinguish case."""
    credentials: str


class HTTPBase(SecurityBase):
    """Any scheme of the ``Authorization`` header, named by *scheme*.

    As a dependency it gives ``HTTPAuthorizationCredentials``. A header that lacks one of the
    two parts is answered by 401; with ``auto_error=False`` the dependency gives None.
    """

    model: HTTPBaseModel

    def __init__(
        self,
        *,
        scheme: str,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        self.model = HTTPBaseModel(scheme=scheme, description=description)
        self.scheme_name: str = scheme_name or type(self).__name__
        self.auto_error = auto_error

    def make_authenticate_headers(self) -> dict[str, str]:
        """The challenge that goes with a 401."""
        return {"WWW-Authenticate": self.model.scheme.title()}

    def make_not_authenticated_error(self) -> HTTPException:
        """The error for a request without credentials; override it to answer otherwise."""
        return HTTPException(
            HTTP_401_UNAUTHORIZED, "Not authenticated", self.make_authenticate_headers()
        )

    async def __call__(self, request: HTTPConnection) -> HTTPAuthorizationCredentials | None:
        """Read the header's two parts."""
        return self._read(request, None)

    def _read(
        self, request: HTTPConnection, required: str | None
    ) -> HTTPAuthorizationCredentials | None:
        """The two parts of the header, where both are there and the scheme is the *required*."""
        header = request.headers.get("Authorization")
        scheme, credentials = get_authorization_scheme_param(header)
        if scheme and credentials and required in (None, scheme.lower()):
            return HTTPAuthorizationCredentials(scheme=scheme, credentials=credentials)
        self._refuse()
        return None

    def _refuse(self) -> None:
        if self.auto_error:
            raise self.make_not_authenticated_error()


class HTTPBasic(HTTPBase):
    """A name and a password (RFC 7617); as a dependency it gives ``HTTPBasicCredentials``.

    *realm* is what the browser shows when it asks for them. Credentials that cannot be read are
    answered by 401 even without ``auto_error``: the client did mean to log in.
    """

    def __init__(
        self,
        *,
        scheme_name: str | None = None,
        realm: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__(
            scheme="basic",
            scheme_name=scheme_name,
            description=description,
            auto_error=auto_error,
        )
        self.realm = realm

    def make_authenticate_headers(self) -> dict[str, str]:
        """The challenge, with the realm where there is one."""
        challenge = f'Basic realm="{self.realm}"' if self.realm else "Basic"
        return {"WWW-Authenticate": challenge}

    async def __call__(  # type: ignore[override] # another class of credentials, as in FastAPI
        self, request: HTTPConnection
    ) -> HTTPBasicCredentials | None:
        """Read the name and the password."""
        header = request.headers.get("Authorization")
        scheme, encoded = get_authorization_scheme_param(header)
        if scheme.lower() != "basic":
            self._refuse()
            return None
        try:
            text = b64decode(encoded).decode("ascii")
        except ValueError as error:  # binascii's and unicode's errors are of this kind
            raise self.make_not_authenticated_error() from error
        username, colon, password = text.partition(":")
        if not colon:
            raise self.make_not_authenticated_error()
        return HTTPBasicCredentials(username=username, password=password)


class HTTPBearer(HTTPBase):
    """A token (RFC 6750); as a dependency it gives ``HTTPAuthorizationCredentials``.

    The token is yours to verify. *bearerFormat* is a hint for the document, such as ``"JWT"``.
    """

    def __init__(
        self,
        *,
        bearerFormat: str | None = None,  # noqa: N803 - OpenAPI's name
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        self.model = HTTPBearerModel(bearerFormat=bearerFormat, description=description)
        self.scheme_name: str = scheme_name or type(self).__name__
        self.auto_error = auto_error

    async def __call__(self, request: HTTPConnection) -> HTTPAuthorizationCredentials | None:
        """Read the token."""
        return self._read(request, "bearer")


class HTTPDigest(HTTPBase):
    """Digest authentication (RFC 7616): the header is read, the digest is yours to verify."""

    def __init__(
        self,
        *,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__(
            scheme="digest",
            scheme_name=scheme_name,
            description=description,
            auto_error=auto_error,
        )

    async def __call__(self, request: HTTPConnection) -> HTTPAuthorizationCredentials | None:
        """Read the digest."""
        return self._read(request, "digest")
