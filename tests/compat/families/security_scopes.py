"""OAuth scopes, accumulated from the outside in by `Security(..., scopes=[...])`."""

from typing import Annotated, Any

from ..case import Family, get, socket

SECURITY = Family("security")


def scoped(web: Any, record: Any, name: str = "scopes") -> Any:
    """A dependency that answers with the scopes it is asked for."""

    def scopes(wanted: web.security.SecurityScopes) -> Any:
        record(name)
        return wanted.scopes

    return scopes


@SECURITY.program(
    get("/own", name="own").gives(200, ["a", "b"]),
    get("/plain", name="plain_use_has_none").gives(200, []),
    get("/twice", name="repeated").gives(200, ["a"]),
    get("/through", name="through_plain_depends").gives(200, ["outer"]),
    get("/nested", name="outermost_first").gives(
        200, {"outer": ["outer"], "inner": ["outer", "inner"]}
    ),
    get("/duplicate", name="not_repeated").gives(200, ["x", "y", "z"]),
    get("/route", name="a_route_s_list_is_a_sibling").gives(
        200, [], order="route scopes send:start send:end"
    ),
    get("/endpoint", name="the_endpoint_has_none").gives(200, []),
    get("/string", name="as_text").gives(200, "a b"),
)
def accumulation(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    scopes = scoped(web, record)

    def pass_through(below: Any = web.Depends(scopes)) -> Any:
        return below

    def outer(
        wanted: web.security.SecurityScopes,
        inner: Any = web.Security(scopes, scopes=["inner"]),
    ) -> Any:
        return {"outer": wanted.scopes, "inner": inner}

    def duplicating(below: Any = web.Security(scopes, scopes=["y", "z", "x"])) -> Any:
        return below

    def as_text(wanted: web.security.SecurityScopes) -> Any:
        return wanted.scope_str

    @app.get("/own")
    def own(value: Annotated[Any, web.Security(scopes, scopes=["a", "b"])]) -> Any:
        return value

    @app.get("/plain")
    def plain(value: Annotated[Any, web.Depends(scopes)]) -> Any:
        return value

    @app.get("/twice")
    def twice(value: Annotated[Any, web.Security(scopes, scopes=["a", "a"])]) -> Any:
        return value

    @app.get("/through")
    def through(value: Annotated[Any, web.Security(pass_through, scopes=["outer"])]) -> Any:
        return value

    @app.get("/nested")
    def nested(value: Annotated[Any, web.Security(outer, scopes=["outer"])]) -> Any:
        return value

    @app.get("/duplicate")
    def duplicate(value: Annotated[Any, web.Security(duplicating, scopes=["x", "y"])]) -> Any:
        return value

    @app.get("/route", dependencies=[web.Security(scoped(web, record, "route"), scopes=["route"])])
    def route(value: Annotated[Any, web.Depends(scopes)]) -> Any:
        return value

    @app.get("/endpoint", dependencies=[web.Security(scopes, scopes=["route"])])
    def endpoint(wanted: web.security.SecurityScopes) -> Any:
        return wanted.scopes

    @app.get("/string")
    def string(value: Annotated[Any, web.Security(as_text, scopes=["a", "b"])]) -> Any:
        return value

    return app


@SECURITY.program(
    get("/different", name="different_scopes").gives(
        200, [["a"], ["b"]], order="scopes scopes send:start send:end"
    ),
    get("/reordered", name="same_set").gives(
        200, [["a", "b"], ["a", "b"]], order="scopes send:start send:end"
    ),
    get("/deaf", name="unused_scopes").gives(200, [1, 1, 2]),
    get("/inherited", name="inherited_only").gives(200, [1, 1]),
    get("/below", name="asked_for_below").gives(200, [["a"], ["b"]]),
)
def scopes_in_the_key(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    scopes = scoped(web, record)
    calls: list[int] = []

    def deaf() -> int:
        calls.append(1)
        return len(calls)

    def above(value: int = web.Depends(deaf)) -> int:
        return value

    def beside(value: int = web.Depends(deaf)) -> int:
        return value

    def below(value: Any = web.Depends(scopes)) -> Any:
        return value

    @app.get("/different")
    def different(
        a: Any = web.Security(scopes, scopes=["a"]), b: Any = web.Security(scopes, scopes=["b"])
    ) -> Any:
        return [a, b]

    @app.get("/reordered")
    def reordered(
        a: Any = web.Security(scopes, scopes=["a", "b"]),
        b: Any = web.Security(scopes, scopes=["b", "a"]),
    ) -> Any:
        return [a, b]

    @app.get("/deaf")
    def unused(
        a: int = web.Depends(deaf),
        b: int = web.Security(deaf),
        c: int = web.Security(deaf, scopes=["c"]),
    ) -> Any:
        return [a, b, c]

    @app.get("/inherited")
    def inherited(
        a: int = web.Security(above, scopes=["a"]), b: int = web.Security(beside, scopes=["b"])
    ) -> Any:
        return [a, b]

    @app.get("/below")
    def asked_below(
        a: Any = web.Security(below, scopes=["a"]), b: Any = web.Security(below, scopes=["b"])
    ) -> Any:
        return [a, b]

    return app


@SECURITY.program(
    get("/", name="no_key").gives(
        401, {"detail": "who?"}, headers={"www-authenticate": 'Bearer scope="read write"'}
    ),
    get("/", headers={"x-key": "reader"}, name="too_little").gives(403, {"detail": "not write"}),
    get("/", headers={"x-key": "writer"}, name="enough").gives(
        200, {"user": "writer"}, order="user send:start send:end"
    ),
)
def a_guard_of_one_s_own(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    allowed = {"reader": ["read"], "writer": ["read", "write"]}

    async def key(x_key: Annotated[str | None, web.Header()] = None) -> Any:
        return x_key

    async def user(
        wanted: web.security.SecurityScopes, key: Annotated[str | None, web.Depends(key)]
    ) -> Any:
        challenge = f'Bearer scope="{wanted.scope_str}"'
        if key is None:
            raise web.HTTPException(401, "who?", {"WWW-Authenticate": challenge})
        for scope in wanted.scopes:
            if scope not in allowed[key]:
                raise web.HTTPException(status_code=403, detail=f"not {scope}")
        record("user")
        return key

    router = web.APIRouter(dependencies=[web.Security(user, scopes=["read", "write"])])

    @router.get("/")
    async def read(user: Annotated[str, web.Security(user, scopes=["write", "read"])]) -> Any:
        return {"user": user}

    app.include_router(router)
    return app


@SECURITY.program(
    get("/", name="http").gives(200, ["a"]),
    socket("/ws", name="websocket").gives(content=[("accept",), ("text", "['w']")]),
)
def overrides_and_websockets_get_the_scopes(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    def original() -> Any: ...

    @app.get("/")
    def read(value: Any = web.Security(original, scopes=["a"])) -> Any:
        return value

    @app.websocket("/ws")
    async def talk(
        websocket: web.WebSocket, value: Any = web.Security(original, scopes=["w"])
    ) -> None:
        await websocket.accept()
        await websocket.send_text(str(value))

    app.dependency_overrides[original] = scoped(web, record)
    return app
