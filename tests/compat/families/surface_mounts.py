"""Applications and folders below others, and routes that are asked by hand."""

import os
import tempfile
import warnings
from functools import cache
from pathlib import Path
from typing import Any

from ..case import Family, get

BELOW = Family("below")

with warnings.catch_warnings():
    # It is deprecated, and says so to the first who imports it.
    warnings.simplefilter("ignore")
    import starlette.middleware.wsgi  # noqa: F401


@BELOW.program(
    get("/here/x").gives(200, ["/x", "/here"]),
    get("/x", name="by_host").gives(200, ["/x", ""]),
    get("/wsgi/x", name="wsgi").gives(200, b"WSGI /x"),
)
def mounts(web: Any, record: Any) -> Any:
    app, inside = web.FastAPI(), web.FastAPI()

    @inside.get("/x")
    def read(request: web.Request) -> Any:
        path = request.scope["path"].removeprefix(request.scope["root_path"])
        return [path, request.scope["root_path"]]

    def wsgi(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [f"WSGI {environ['PATH_INFO']}".encode()]

    app.router.routes.append(web.routing.Mount("/here", app=inside))
    app.mount("/wsgi", web.middleware.wsgi.WSGIMiddleware(wsgi), name="old")
    app.host("test.example", inside, name="host")
    return app


@BELOW.program(
    get("/items/1").gives(200, [["FULL", "read"], ["PARTIAL", "read"], ["NONE"], ["FULL", "talk"]]),
    get("/nothing", name="nothing").gives(404, b"Not Found"),
)
def routes_asked_by_hand(web: Any, record: Any) -> Any:
    router = web.APIRouter()

    async def talk(websocket: web.WebSocket) -> None: ...

    route_of_sockets = web.routing.APIWebSocketRoute("/talk/{number}", talk)

    def ask(route: web.routing.APIRoute, **asked: Any) -> list[str]:
        match, found = route.matches(scope={"type": "http", "method": "GET", **asked})
        return [match.name, *([found["endpoint"].__name__] if found else [])]

    @router.get("/items/{number}")
    def read(number: int) -> Any:
        route = router.routes[0]
        asked = {"type": "websocket", "path": "/talk/1", "path_params": {}}
        match, found = route_of_sockets.matches(scope=asked)
        return [
            ask(route, path="/items/2"),
            ask(route, path="/items/2", method="PUT"),
            ask(route, path="/other"),
            [match.name, found["endpoint"].__name__],
        ]

    # What an application does around its router.
    return web.middleware.asyncexitstack.AsyncExitStackMiddleware(router.app)


@BELOW.program(
    get("/items/1").gives(200, ["/api", "/items/1"], warnings=("FastAPIDeprecationWarning",)),
    get("/api/items/1", name="with_the_prefix").gives(200),
)
def a_root_path(web: Any, record: Any) -> Any:
    app = web.FastAPI(root_path="/api")

    @app.get("/items/{number}")
    def read(number: int, request: web.Request) -> Any:
        return [request.scope["root_path"], request.url.path]

    return app


@cache
def _pages() -> str:
    folder = Path(tempfile.mkdtemp(prefix="pages-"))
    (folder / "index.html").write_text("index", encoding="utf-8")
    os.utime(folder / "index.html", (1_000_000_000, 1_000_000_000))
    return str(folder)


@BELOW.program(
    get("/in/app/anywhere", headers={"accept": "text/html"}, name="fallback").gives(200, b"index"),
    get("/in/none/anywhere", headers={"accept": "text/html"}, name="no_fallback").gives(404),
    get("/in/none/index.html", name="file").gives(200, b"index"),
)
def pages_of_a_router(web: Any, record: Any) -> Any:
    app, router = web.FastAPI(), web.APIRouter()
    router.frontend(path="/app", directory=_pages(), fallback="index.html", check_dir=True)
    router.frontend("/none", directory=_pages(), fallback=None, check_dir=False)
    app.include_router(router, prefix="/in")
    return app
