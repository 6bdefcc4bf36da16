"""What security schemes say of themselves."""

from typing import Any

from ..case import Family, get

NAMED = Family("named_schemes")


@NAMED.program(
    get("/").gives(
        200,
        {
            "basic": ["Mine", "About", "basic", {"WWW-Authenticate": "Basic"}],
            "bearer": ["HTTPBearer", None, "bearer", {"WWW-Authenticate": "Bearer"}],
            "digest": ["Digested", "D", "digest", {"WWW-Authenticate": "Digest"}],
            "base": ["Based", "B", "own", {"WWW-Authenticate": "Own"}],
        },
    ),
)
def what_http_schemes_say_of_themselves(web: Any, record: Any) -> Any:
    http = web.security.http
    schemes = {
        "basic": http.HTTPBasic(
            scheme_name="Mine", description="About", realm=None, auto_error=True
        ),
        "bearer": http.HTTPBearer(bearerFormat="JWT", scheme_name=None, description=None),
        "digest": http.HTTPDigest(scheme_name="Digested", description="D", auto_error=False),
        "base": http.HTTPBase(scheme="own", scheme_name="Based", description="B", auto_error=False),
    }
    assert web.security.HTTPBearer(auto_error=False).auto_error is False
    assert schemes["bearer"].model.bearerFormat == "JWT"
    app = web.FastAPI()

    @app.get("/")
    def read() -> Any:
        for scheme in schemes.values():
            error = scheme.make_not_authenticated_error()
            assert (error.status_code, error.detail) == (401, "Not authenticated")
            assert error.headers == scheme.make_authenticate_headers()
        return {
            name: [
                scheme.scheme_name, scheme.model.description, scheme.model.scheme,
                scheme.make_authenticate_headers(),
            ]
            for name, scheme in schemes.items()
        }  # fmt: skip

    return app


@NAMED.program(get("/").gives(200))
def what_other_schemes_say_of_themselves(web: Any, record: Any) -> Any:
    security = web.security
    base = security.api_key.APIKeyBase
    location = web.openapi.models.APIKeyIn.query
    schemes = [
        security.APIKeyQuery(name="q", scheme_name="Q", description="in query"),
        security.APIKeyHeader(name="h", scheme_name="H", description="in header", auto_error=True),
        security.APIKeyCookie(name="c", scheme_name="C", description="in cookie"),
        base(location=location, name="b", description=None, scheme_name=None, auto_error=False),
        security.OAuth2(
            flows={"implicit": {"authorizationUrl": "/a"}},
            scheme_name="O",
            description="OAuth2",
            auto_error=False,
        ),
        security.OAuth2(flows=web.openapi.models.OAuthFlows()),
        security.OAuth2PasswordBearer(
            tokenUrl="/t", scheme_name="P", scopes={"a": "A"}, description="P", refreshUrl="/r"
        ),
        security.OAuth2AuthorizationCodeBearer(
            authorizationUrl="/a", tokenUrl="/t", refreshUrl="/r", scheme_name="A",
            scopes={"a": "A"}, description="code", auto_error=False,
        ),
        security.OpenIdConnect(
            openIdConnectUrl="/i", scheme_name="I", description="id", auto_error=False
        ),
    ]  # fmt: skip
    app = web.FastAPI()

    @app.get("/")
    def read() -> Any:
        assert schemes[0].check_api_key(api_key="k") == "k"
        assert schemes[3].check_api_key("") is None
        form = security.OAuth2PasswordRequestForm(
            grant_type="password", username="u", password="p", scope="a b", client_id="i",
            client_secret="s",
        )  # fmt: skip
        strict = security.OAuth2PasswordRequestFormStrict(
            grant_type="password", username="u", password="p", scope="", client_id=None,
            client_secret=None,
        )  # fmt: skip
        described = [
            [each.scheme_name, each.auto_error, each.model.model_dump(by_alias=True)]
            for each in schemes
        ]
        errors = [each.make_not_authenticated_error() for each in schemes]
        return {
            "schemes": described,
            "errors": [[each.status_code, each.detail, each.headers] for each in errors],
            "forms": [vars(form), vars(strict)],
            "scopes": vars(security.SecurityScopes(scopes=["a", "b"])),
            "credentials": [
                security.HTTPBasicCredentials(username="u", password="p"),
                security.HTTPAuthorizationCredentials(scheme="s", credentials="c"),
            ],
            "headers": [
                security.utils.get_authorization_scheme_param(authorization_header_value=each)
                for each in (None, "", "a", "a b", "a  b c ")
            ],
        }

    return app
