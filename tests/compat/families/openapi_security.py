"""Documents: security schemes and what operations ask of them, byte for byte."""

import functools
from typing import Annotated, Any

from ..case import Family, get

DOCUMENT_SECURITY = Family("openapi_security")

DOCUMENT = get("/openapi.json")


@DOCUMENT_SECURITY.program(DOCUMENT)
def every_kind_of_scheme(web: Any, record: Any) -> Any:
    security = web.security
    flows = web.openapi.models.OAuthFlows
    kinds = {
        "key_in_query": security.APIKeyQuery(name="key"),
        "key_in_header": security.APIKeyHeader(name="X-Key", description="in a header"),
        "key_in_cookie": security.APIKeyCookie(name="key", scheme_name="own", auto_error=False),
        "basic": security.HTTPBasic(realm="here", description="b"),
        "bearer": security.HTTPBearer(bearerFormat="JWT", scheme_name="tokens"),
        "digest": security.HTTPDigest(),
        "base": security.http.HTTPBase(scheme="Other"),
        "password": security.OAuth2PasswordBearer(
            tokenUrl="token", scopes={"a": "to a", "b": ""}, refreshUrl="again"
        ),
        "code": security.OAuth2AuthorizationCodeBearer(
            authorizationUrl="authorize", tokenUrl="token", refreshUrl="r", scopes={"c": "x"}
        ),
        "flows": security.OAuth2(
            flows=flows(
                implicit={"authorizationUrl": "https://example.com", "scopes": {"i": "I"}},
                clientCredentials={"tokenUrl": "/token"},
            ),
            description="several",
        ),
        "flows_as_dict": security.OAuth2(
            flows={"password": {"tokenUrl": "token", "scopes": {"p": "P"}}}, scheme_name="dict"
        ),
        "open_id": security.OpenIdConnect(openIdConnectUrl="/openid"),
    }
    app = web.FastAPI()
    for name, scheme in kinds.items():

        def read(credentials: Any) -> Any: ...

        read.__annotations__["credentials"] = Annotated[Any, web.Depends(scheme)]
        app.get(f"/{name}", name=name)(read)

        def scoped() -> Any: ...

        guard = web.Security(scheme, scopes=["x", "y"])
        app.get(f"/scoped/{name}", name=name, dependencies=[guard])(scoped)
    return app


@DOCUMENT_SECURITY.program(DOCUMENT)
def combined_schemes(web: Any, record: Any) -> Any:
    security = web.security
    key = security.APIKeyHeader(name="key", auto_error=False)
    bearer = security.HTTPBearer(auto_error=False)
    token = security.OAuth2PasswordBearer(tokenUrl="token", scopes={"me": "m", "items": "i"})
    same_name = security.APIKeyQuery(name="other", scheme_name="APIKeyHeader")

    def either(a: Any = web.Depends(key), b: Any = web.Depends(bearer)) -> Any: ...

    def user(scopes: web.security.SecurityScopes, t: Any = web.Depends(token), q: int = 0): ...

    def active(u: Any = web.Security(user, scopes=["me"]), k: Any = web.Depends(key)) -> Any: ...

    app = web.FastAPI(dependencies=[web.Depends(key)])
    router = web.APIRouter(dependencies=[web.Security(user, scopes=["items", "me"])])

    @app.get("/either")
    def either_(e: Any = web.Depends(either)) -> Any: ...

    @app.get("/active")
    def active_(a: Any = web.Security(active, scopes=["items"])) -> Any: ...

    @app.get("/twice")
    def twice(
        a: Any = web.Security(user, scopes=["items"]),
        b: Any = web.Security(user, scopes=["me", "items"]),
        c: Any = web.Security(active, scopes=["more"]),
    ) -> Any: ...

    @app.get("/same-name")
    def same(s: Any = web.Depends(same_name)) -> Any: ...

    @router.get("/routed", dependencies=[web.Depends(bearer)])
    def routed() -> Any: ...

    app.include_router(router, prefix="/r", dependencies=[web.Security(token, scopes=["top"])])
    return app


@DOCUMENT_SECURITY.program(DOCUMENT)
def schemes_behind_other_callables(web: Any, record: Any) -> Any:
    key = web.security.APIKeyHeader(name="key")

    class Own(type(key)):  # type: ignore[misc]
        """A scheme of the program's own."""

        async def __call__(self, request: web.Request, q: int = 3) -> str:
            return "x"

    own = Own(name="own", scheme_name="Mine")
    app = web.FastAPI()

    @app.get("/partial")
    def partial(k: Any = web.Depends(functools.partial(key))) -> Any: ...

    @app.get("/own")
    def own_(k: Any = web.Depends(own), l: Any = web.Depends(own, use_cache=False)) -> Any: ...  # noqa: E741

    @app.get("/overridden")
    def overridden(k: Any = web.Depends(key)) -> Any: ...

    app.dependency_overrides[key] = lambda: "free"
    return app


@DOCUMENT_SECURITY.program(DOCUMENT)
def schemes_of_callbacks_and_webhooks(web: Any, record: Any) -> Any:
    key = web.security.APIKeyHeader(name="key")
    basic = web.security.HTTPBasic()
    calls = web.APIRouter()

    @calls.post("{$url}", dependencies=[web.Depends(key)])
    def call(q: int) -> Any: ...

    app = web.FastAPI()

    @app.get("/a", callbacks=calls.routes)
    def a() -> Any: ...

    @app.webhooks.post("hook", dependencies=[web.Security(basic)])
    def hook() -> Any: ...

    return app


@DOCUMENT_SECURITY.program(DOCUMENT)
def a_form_for_passwords(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    form = web.security.OAuth2PasswordRequestForm
    strict = web.security.OAuth2PasswordRequestFormStrict

    @app.post("/token")
    def token(data: Annotated[form, web.Depends()]) -> Any: ...  # type: ignore[valid-type]

    @app.post("/strict")
    def strict_(data: Annotated[strict, web.Depends()]) -> Any: ...  # type: ignore[valid-type]

    return app
