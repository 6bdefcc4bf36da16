"""OAuth2: where tokens come from, how they are sent, and the form that asks for one."""

from __future__ import annotations

from typing import Annotated, Any

from starlette.requests import HTTPConnection
from starlette.status import HTTP_401_UNAUTHORIZED

from tenure.web.bind.security import SecurityBase, SecurityScopes
from tenure.web.elsewhere import offer_names_elsewhere
from tenure.web.exceptions import HTTPException
from tenure.web.openapi.models import OAuth2 as OAuth2Model
from tenure.web.openapi.models import OAuthFlows
from tenure.web.param_functions import Form
from tenure.web.security.utils import get_authorization_scheme_param

__all__ = [
    "OAuth2",
    "OAuth2AuthorizationCodeBearer",
    "OAuth2PasswordBearer",
    "OAuth2PasswordRequestForm",
    "OAuth2PasswordRequestFormStrict",
    "SecurityScopes",
]

_SECRET: dict[str, Any] = {"format": "password"}


class OAuth2PasswordRequestForm:
    """The form by which a client asks for a token with a name and a password.

    Declare a parameter ``Annotated[OAuth2PasswordRequestForm, Depends()]``. ``scopes`` has the
    words of the form's field ``scope``. RFC 6749, section 4.3.2 requires ``grant_type`` to be
    ``password``; here it may be missing, ``OAuth2PasswordRequestFormStrict`` insists on it.
    """

    def __init__(
        self,
        *,
        grant_type: Annotated[str | None, Form(pattern="^password$")] = None,
        username: Annotated[str, Form()],
        password: Annotated[str, Form(json_schema_extra=_SECRET)],
        scope: Annotated[str, Form()] = "",
        client_id: Annotated[str | None, Form()] = None,
        client_secret: Annotated[str | None, Form(json_schema_extra=_SECRET)] = None,
    ) -> None:
        self.grant_type = grant_type
        self.username = username
        self.password = password
        self.scopes: list[str] = scope.split()
        self.client_id = client_id
        self.client_secret = client_secret


class OAuth2PasswordRequestFormStrict(OAuth2PasswordRequestForm):
    """The same form, with ``grant_type`` required as the standard says."""

    def __init__(
        self,
        grant_type: Annotated[str, Form(pattern="^password$")],
        username: Annotated[str, Form()],
        password: Annotated[str, Form()],
        scope: Annotated[str, Form()] = "",
        client_id: Annotated[str | None, Form()] = None,
        client_secret: Annotated[str | None, Form()] = None,
    ) -> None:
        super().__init__(
            grant_type=grant_type,
            username=username,
            password=password,
            scope=scope,
            client_id=client_id,
            client_secret=client_secret,
        )


class OAuth2(SecurityBase):
    """OAuth2 with the *flows* by which a client can get a token.

    As a dependency it gives the ``Authorization`` header as it is. Without one the client gets
    401; with ``auto_error=False`` the dependency gives None.
    """

    model: OAuth2Model

    def __init__(
        self,
        *,
        flows: OAuthFlows | dict[str, dict[str, Any]] | None = None,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        self.model = OAuth2Model.model_validate(
            {"flows": OAuthFlows() if flows is None else flows, "description": description}
        )
        self.scheme_name: str = scheme_name or type(self).__name__
        self.auto_error = auto_error

    def make_not_authenticated_error(self) -> HTTPException:
        """The error for a request without a token; override it to answer otherwise.

        OAuth2 does not say which challenge goes with it; ``Bearer`` is the usual one.
        """
        return HTTPException(
            HTTP_401_UNAUTHORIZED, "Not authenticated", {"WWW-Authenticate": "Bearer"}
        )

    async def __call__(self, request: HTTPConnection) -> str | None:
        """Read the header."""
        authorization = request.headers.get("Authorization")
        if not authorization:
            self._refuse()
        return authorization or None

    def _read_token(self, request: HTTPConnection) -> str | None:
        scheme, token = get_authorization_scheme_param(request.headers.get("Authorization"))
        if scheme.lower() == "bearer":
            return token
        self._refuse()
        return None

    def _refuse(self) -> None:
        if self.auto_error:
            raise self.make_not_authenticated_error()


class OAuth2PasswordBearer(OAuth2):
    """A token that the client gets for a name and a password at *tokenUrl*.

    As a dependency it gives the token, which is yours to verify. *scopes* maps the OAuth scopes
    that a client can ask for to what they mean.
    """

    def __init__(
        self,
        tokenUrl: str,  # noqa: N803 - OpenAPI's name
        scheme_name: str | None = None,
        scopes: dict[str, str] | None = None,
        description: str | None = None,
        auto_error: bool = True,
        refreshUrl: str | None = None,  # noqa: N803 - OpenAPI's name
    ) -> None:
        flow = {"tokenUrl": tokenUrl, "refreshUrl": refreshUrl, "scopes": scopes or {}}
        super().__init__(
            flows={"password": flow},
            scheme_name=scheme_name,
            description=description,
            auto_error=auto_error,
        )

    async def __call__(self, request: HTTPConnection) -> str | None:
        """Read the token."""
        return self._read_token(request)


class OAuth2AuthorizationCodeBearer(OAuth2):
    """A token that the client gets for a code which the user brings from *authorizationUrl*.

    As a dependency it gives the token, which is yours to verify.
    """

    def __init__(
        self,
        authorizationUrl: str,  # noqa: N803 - OpenAPI's name
        tokenUrl: str,  # noqa: N803 - OpenAPI's name
        refreshUrl: str | None = None,  # noqa: N803 - OpenAPI's name
        scheme_name: str | None = None,
        scopes: dict[str, str] | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        flow = {
            "authorizationUrl": authorizationUrl,
            "tokenUrl": tokenUrl,
            "refreshUrl": refreshUrl,
            "scopes": scopes or {},
        }
        super().__init__(
            flows={"authorizationCode": flow},
            scheme_name=scheme_name,
            description=description,
            auto_error=auto_error,
        )

    async def __call__(self, request: HTTPConnection) -> str | None:
        """Read the token."""
        return self._read_token(request)


offer_names_elsewhere(__name__)
