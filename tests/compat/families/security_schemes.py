"""Security schemes: what they read, what they refuse, and how they stand together."""

from base64 import b64encode
from typing import Annotated, Any

from ..case import Family, get, post, socket, together
from ..expectation import UNSTATED

SCHEMES = Family("schemes")

FORM = {"content-type": "application/x-www-form-urlencoded"}


def basic(text: str | bytes) -> str:
    """What a client sends for a name and a password."""
    raw = text if isinstance(text, bytes) else text.encode()
    return "Basic " + b64encode(raw).decode()


HEADERS: dict[str, str | None] = {
    "absent": None,
    "empty": "",
    "spaces": "   ",
    "one_word": "Bearer",
    "one_word_and_space": "Bearer ",
    "bearer": "Bearer token",
    "bearer_lower": "bearer token",
    "bearer_upper": "BEARER token",
    "bearer_spaced": "Bearer   a token  ",
    "bearer_tab": "Bearer\ttoken",
    "leading_space": " Bearer token",
    "digest": 'Digest username="a", realm="b"',
    "basic": basic("ann:secret"),
    "basic_lower": basic("ann:secret").lower(),
    "basic_colons": basic("ann:sec:ret"),
    "basic_without_colon": basic("ann"),
    "basic_empty": basic(""),
    "basic_only_colon": basic(":"),
    "basic_utf8": basic("änn:secret"),
    "basic_not_base64": "Basic ?*",
    "basic_padding": "Basic YTpi=",
    "basic_odd": "Basic YTp",
    "basic_nothing": "Basic",
    "other": "Hawk id=1",
}


def schemes_of(web: Any, **more: Any) -> dict[str, Any]:
    """One of each scheme that looks at the `Authorization` header."""
    security = web.security
    flows = {"password": {"tokenUrl": "token", "scopes": {"read": "Read"}}}
    return {
        "basic": security.HTTPBasic(**more),
        "realm": security.HTTPBasic(realm="the house", **more),
        "bearer": security.HTTPBearer(**more),
        "digest": security.HTTPDigest(**more),
        "base": security.http.HTTPBase(scheme="hawk-two", **more),
        "oauth2": security.OAuth2(flows=flows, **more),
        "no_flows": security.OAuth2(**more),
        "password": security.OAuth2PasswordBearer(tokenUrl="token", **more),
        "code": security.OAuth2AuthorizationCodeBearer(
            authorizationUrl="authorize", tokenUrl="token", **more
        ),
        "openid": security.OpenIdConnect(openIdConnectUrl="https://id.example", **more),
    }


def keys_of(web: Any, **more: Any) -> dict[str, Any]:
    """One of each kind of API key."""
    return {
        "query": web.security.APIKeyQuery(name="key", **more),
        "header": web.security.APIKeyHeader(name="X-Key", **more),
        "cookie": web.security.APIKeyCookie(name="key", **more),
    }


def guarded(web: Any, schemes: dict[str, Any]) -> Any:
    """An application with one route and one WebSocket for each scheme."""
    app = web.FastAPI()

    def add(name: str, scheme: Any) -> None:
        @app.get(f"/{name}")
        async def read(credentials: Annotated[Any, web.Depends(scheme)]) -> Any:
            return {"kind": type(credentials).__name__, "is": credentials}

        @app.websocket(f"/{name}")
        async def talk(
            websocket: web.WebSocket, credentials: Annotated[Any, web.Depends(scheme)]
        ) -> None:
            await websocket.accept()
            await websocket.send_text(repr(credentials))
            await websocket.close()

    for name, scheme in schemes.items():
        add(name, scheme)
    return app


def required(web: Any, _record: Any) -> Any:
    return guarded(web, {**schemes_of(web), **keys_of(web)})


def optional(web: Any, _record: Any) -> Any:
    return guarded(web, {**schemes_of(web, auto_error=False), **keys_of(web, auto_error=False)})


def _fill() -> None:
    """One case for each scheme, with every header; the diff of a case names the request."""
    headers_sent = [{} if value is None else {"authorization": value} for value in HEADERS.values()]
    key_asks: dict[str, list[tuple[str, dict[str, str]]]] = {
        "query": [("/query", {}), ("/query?key=", {}), ("/query?key=k&key=l", {})],
        "header": [("/header", {}), ("/header", {"x-key": ""}), ("/header", {"x-key": "k"})],
        "cookie": [("/cookie", {}), ("/cookie", {"cookie": "key=; other=o"}),
                   ("/cookie", {"cookie": "key=k; other=o"})],
    }  # fmt: skip
    names = ("basic", "realm", "bearer", "digest", "base", "oauth2", "no_flows", "password")
    asks = {name: [(f"/{name}", each) for each in headers_sent] for name in (*names, "code")}
    asks |= {"openid": [("/openid", each) for each in headers_sent], **key_asks}
    for build in (required, optional):
        for scheme, sent in asks.items():
            name = f"{build.__name__}_{scheme}"
            http = [get(target, headers=each) for target, each in sent]
            sockets = [socket(target, headers=each) for target, each in sent]
            SCHEMES.add(f"{name}-http", build, together(*http))
            SCHEMES.add(f"{name}-websocket", build, together(*sockets))


_fill()


@SCHEMES.program(
    get("/basic", name="basic").gives(
        401,
        {"detail": "Not authenticated"},
        headers={"www-authenticate": 'Basic realm="the house"'},
    ),
    get("/bearer", name="bearer").gives(401, headers={"www-authenticate": "Bearer"}),
    get("/digest", name="digest").gives(401, headers={"www-authenticate": "Digest"}),
    get("/base", name="base").gives(401, headers={"www-authenticate": "Hawk-Two"}),
    get("/key", name="api_key").gives(401, headers={"www-authenticate": "APIKey"}),
    get("/openid", name="openid").gives(401, headers={"www-authenticate": "Bearer"}),
    get("/basic", headers={"authorization": basic("ann:secret")}, name="credentials").gives(
        200, {"kind": "HTTPBasicCredentials", "is": {"username": "ann", "password": "secret"}}
    ),
    get("/bearer", headers={"authorization": "bearer abc"}, name="token").gives(
        200,
        {
            "kind": "HTTPAuthorizationCredentials",
            "is": {"scheme": "bearer", "credentials": "abc"},
        },
    ),
    get("/key?key=k", name="key").gives(200, {"kind": "str", "is": "k"}),
)
def challenges(web: Any, record: Any) -> Any:
    every = {**schemes_of(web), **keys_of(web)}
    every["basic"], every["key"] = every["realm"], every["query"]
    return guarded(web, every)


FORMS = {
    "whole": (b"grant_type=password&username=a&password=b&scope=x+y&client_id=i&client_secret=s"),
    "short": b"username=a&password=b",
    "other_grant": b"grant_type=refresh&username=a&password=b",
    "empty_grant": b"grant_type=&username=a&password=b",
    "empty": b"",
    "no_password": b"username=a",
    "odd_scope": b"username=a&password=b&scope=++x++x+",
    "twice": b"username=a&username=c&password=b",
}


@SCHEMES.program(
    *(
        post(f"/{path}", body=body, headers=FORM, name=f"{path}_{name}").gives(
            content={
                "grant_type": "password",
                "username": "a",
                "password": "b",
                "scopes": ["x", "y"],
                "client_id": "i",
                "client_secret": "s",
            }
            if name == "whole"
            else UNSTATED
        )
        for path in ("form", "strict")
        for name, body in FORMS.items()
    ),
    post("/form", json={"username": "a", "password": "b"}, name="json"),
)
def the_form_that_asks_for_a_token(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.post("/form")
    async def form(asked: Annotated[web.security.OAuth2PasswordRequestForm, web.Depends()]) -> Any:
        return vars(asked)

    @app.post("/strict")
    def strict(
        asked: Annotated[web.security.OAuth2PasswordRequestFormStrict, web.Depends()],
    ) -> Any:
        return vars(asked)

    return app


@SCHEMES.program(
    get("/", name="none").gives(401, {"detail": "who?"}),
    get("/?key=q", name="query").gives(200, ["q", None, None]),
    get("/?key=q", headers={"authorization": "Bearer b", "cookie": "key=c"}, name="all").gives(
        200, ["q", "c", "b"]
    ),
    get("/both?key=q", name="one_of_two").gives(401, headers={"www-authenticate": "Bearer"}),
    get("/both", headers={"authorization": "Bearer b"}, name="other_of_two").gives(
        401, headers={"www-authenticate": "APIKey"}
    ),
    get("/both?key=q", headers={"authorization": "Bearer b"}, name="two").gives(200),
)
def combined(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    query = web.security.APIKeyQuery(name="key", auto_error=False)
    cookie = web.security.APIKeyCookie(name="key", auto_error=False)
    bearer = web.security.OAuth2PasswordBearer("token", auto_error=False)

    def anyone(
        in_query: Annotated[str | None, web.Security(query)],
        in_cookie: Annotated[str | None, web.Security(cookie)],
        token: Annotated[str | None, web.Security(bearer)],
    ) -> Any:
        if not (in_query or in_cookie or token):
            raise web.HTTPException(401, "who?")
        return [in_query, in_cookie, token]

    @app.get("/")
    def read(user: Annotated[Any, web.Depends(anyone)]) -> Any:
        return user

    strict_bearer = web.security.HTTPBearer()
    strict_key = web.security.APIKeyQuery(name="key")

    @app.get("/both", dependencies=[web.Depends(strict_key), web.Security(strict_bearer)])
    def both() -> Any: ...

    return app


@SCHEMES.program(
    get("/own", name="without").gives(403, {"detail": "no"}),
    get("/own", headers={"authorization": "Bearer b"}, name="with"),
    get("/model", name="a_scheme_of_one_s_own").gives(200, {"read": "x"}),
    get("/class", headers={"authorization": "Bearer b"}, name="its_class").gives(),
)
def subclasses(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    class Forbidding(web.security.HTTPBearer):  # type: ignore[misc]
        def make_not_authenticated_error(self) -> Any:
            return web.HTTPException(403, "no")

    class Own(web.security.base.SecurityBase):  # type: ignore[misc]
        def __init__(self) -> None:
            self.model = web.openapi.models.HTTPBase(scheme="own")
            self.scheme_name = "own"

        async def __call__(self, request: web.requests.Request) -> Any:
            return request.headers.get("x-own", "x")

    @app.get("/own")
    def own(credentials: Annotated[Any, web.Depends(Forbidding())]) -> Any:
        return credentials

    @app.get("/model")
    def model(read: Annotated[Any, web.Security(Own(), scopes=["a"])]) -> Any:
        return {"read": read}

    @app.get("/class")
    def made(scheme: Annotated[Any, web.Depends(web.security.HTTPBearer)]) -> Any:
        return scheme.scheme_name

    return app


@SCHEMES.program(
    get("/", name="once_for_each_set_of_scopes").gives(
        200, [1, 2, 1, 3], order="scheme scheme scheme send:start send:end"
    ),
    get("/below", name="below_plain_dependencies").gives(
        200, [1, 2], order="scheme scheme send:start send:end"
    ),
    get("/hidden", name="behind_a_partial"),
)
def schemes_are_called_once_for_each_set_of_scopes(web: Any, record: Any) -> Any:
    from functools import partial

    app = web.FastAPI()

    def counted() -> Any:
        count = 0

        class Counted(web.security.base.SecurityBase):  # type: ignore[misc]
            scheme_name = "counted"

            async def __call__(self, _more: str = "") -> Any:
                nonlocal count
                count += 1
                record("scheme")
                return count

        return Counted()

    first, second, third = counted(), counted(), counted()

    @app.get("/")
    def read(
        a: Annotated[Any, web.Security(first, scopes=["a"])],
        b: Annotated[Any, web.Security(first, scopes=["b"])],
        again: Annotated[Any, web.Security(first, scopes=["a"])],
        plain: Annotated[Any, web.Depends(first)],
    ) -> Any:
        return [a, b, again, plain]

    def above(value: Annotated[Any, web.Depends(second)]) -> Any:
        return value

    @app.get("/below")
    def below(
        a: Annotated[Any, web.Security(above, scopes=["a"])],
        b: Annotated[Any, web.Security(above, scopes=["b"])],
    ) -> Any:
        return [a, b]

    hidden = partial(third, _more="x")

    def over(value: Annotated[Any, web.Depends(hidden)]) -> Any:
        return value

    @app.get("/hidden")
    def behind(
        a: Annotated[Any, web.Security(over, scopes=["a"])],
        b: Annotated[Any, web.Security(over, scopes=["b"])],
    ) -> Any:
        return [a, b]

    return app


@SCHEMES.program(
    get("/bearer", name="fastapi_s_exception"),
    get("/oauth2", name="of_oauth2"),
    get("/query", name="starlette_s_exception"),
    get("/openid", name="of_openid"),
)
def which_exception_is_raised(web: Any, record: Any) -> Any:
    app = guarded(web, {**schemes_of(web), **keys_of(web)})

    @app.exception_handler(web.HTTPException)
    async def answer(request: web.Request, error: Any) -> Any:
        return web.responses.PlainTextResponse("handled", 418)

    return app


@SCHEMES.program(
    get("/items", headers={"authorization": "Bearer reader"}, name="enough").gives(
        200, {"user": "reader", "scopes": ["me", "items"]}
    ),
    get("/me", headers={"authorization": "Bearer reader"}, name="less").gives(
        200, {"user": "reader", "scopes": ["me"]}
    ),
    get("/admin", headers={"authorization": "Bearer reader"}, name="more").gives(
        403, headers={"www-authenticate": 'Bearer scope="admin me"'}
    ),
    get("/items", name="nobody").gives(401, headers={"www-authenticate": "Bearer"}),
)
def scopes_with_a_scheme(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    bearer = web.security.OAuth2PasswordBearer(
        tokenUrl="token", scopes={"me": "Yourself", "items": "Items"}
    )

    async def user(
        wanted: web.security.SecurityScopes, token: Annotated[str, web.Depends(bearer)]
    ) -> Any:
        if "admin" in wanted.scopes:
            challenge = f'Bearer scope="{wanted.scope_str}"'
            raise web.HTTPException(403, "no", headers={"WWW-Authenticate": challenge})
        return {"user": token, "scopes": wanted.scopes}

    async def active(user: Annotated[Any, web.Security(user, scopes=["me"])]) -> Any:
        return {**user, "scopes": sorted(user["scopes"], reverse=True)}

    @app.get("/me")
    async def me(user: Annotated[Any, web.Depends(active)]) -> Any:
        return user

    @app.get("/items")
    async def items(user: Annotated[Any, web.Security(active, scopes=["items"])]) -> Any:
        return user

    @app.get("/admin")
    async def admin(user: Annotated[Any, web.Security(active, scopes=["admin"])]) -> Any:
        return user

    return app
