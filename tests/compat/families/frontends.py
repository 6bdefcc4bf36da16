"""Front ends: directories that answer where no route does."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..case import Ask, Family, get, request
from .programs import watching

FRONTENDS = Family("frontends")

_BUILDS = Path(tempfile.gettempdir()) / "tenure-compat-front-ends"
_PAGE = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def _build(name: str, files: Mapping[str, str]) -> Path:
    """A directory with what a front-end tool makes, the same for both frameworks."""
    directory = _BUILDS / name
    for path, text in files.items():
        file = directory / path
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    return directory


def _site() -> Path:
    return _build(
        "site",
        {
            "index.html": "<p>index</p>",
            "assets/app.js": "run()",
            "guide/index.html": "<p>guide</p>",
            "empty/none.txt": "",
        },
    )


def _with_404() -> Path:
    return _build("with_404", {"index.html": "index", "404.html": "lost"})


def _without_index() -> Path:
    return _build("without_index", {"a.txt": "a"})


def _page(target: str, **more: Any) -> Ask:
    return get(target, headers=_PAGE, **more)


@FRONTENDS.program(
    get("/", name="index").gives(200, b"<p>index</p>"),
    get("/assets/app.js", name="file").gives(200, b"run()"),
    request("HEAD", "/assets/app.js", name="head").gives(200, b""),
    get("/guide/", name="index_of_a_directory").gives(200, b"<p>guide</p>"),
    get("/guide", name="directory").gives(307),
    get("/guide?a=1", name="directory_with_query").gives(307),
    get("/empty", name="directory_without_index").gives(404),
    get("/absent", name="absent").gives(404, {"detail": "Not Found"}),
    _page("/absent", name="navigation").gives(200, b"<p>index</p>"),
    get("/absent", name="unwanted", headers={"accept": "text/html;q=0"}).gives(404),
    get("/absent", name="xhtml", headers={"accept": "a/b, Application/XHTML+xml; q=.5"}).gives(200),
    get("/absent", name="odd_quality", headers={"accept": "text/html;q=x"}).gives(200),
    get("/absent", name="anything", headers={"accept": "*/*"}).gives(404),
    request("POST", "/absent", name="post").gives(404),
    request("POST", "/assets/app.js", name="post_to_a_file").gives(405),
    request("DELETE", "/guide", name="delete_a_directory").gives(405),
    get("/../secret", name="outside").gives(404),
    get("/%00", name="nul").gives(404),
    get("/" + "a" * 300, name="too_long").gives(404),
    get("//assets//app.js", name="slashes").gives(200),
    get("/api", name="route").gives(200, {"api": 1}),
    get("/api/", name="slash_first").gives(307),
    request("DELETE", "/api", name="method_of_a_route").gives(405),
    get("/openapi.json", name="openapi").gives(200),
    _page("/deep/link/x.y", name="deep_link").gives(200),
)
def at_the_root(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    app.frontend("/", directory=_site())

    @app.get("/api")
    async def api() -> Any:
        return {"api": 1}

    return app


@FRONTENDS.program(
    _page("/auto/absent", name="auto").gives(404, b"lost"),
    get("/auto/absent", name="auto_for_a_script").gives(404, b"lost"),
    _page("/index/absent", name="index").gives(200, b"index"),
    get("/index/absent", name="index_for_a_script").gives(404, {"detail": "Not Found"}),
    get("/404/absent", name="404").gives(404, b"lost"),
    _page("/none/absent", name="none").gives(404, {"detail": "Not Found"}),
    get("/none/a.txt", name="none_for_a_file").gives(200, b"a"),
    _page("/bare/absent", name="bare").gives(404, {"detail": "Not Found"}),
    _page("/unchecked/absent", name="unchecked").gives(500, error="RuntimeError"),
    _page("/nowhere/absent", name="nowhere").gives(500, error="RuntimeError"),
)
def fallbacks(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    app.frontend("/auto", directory=_with_404())
    app.frontend("/index/", directory=str(_with_404()), fallback="index.html")
    app.frontend("/404", directory=_with_404(), fallback="404.html")
    app.frontend("/none", directory=_without_index(), fallback=None)
    app.frontend("/bare", directory=_without_index())
    app.frontend("/unchecked", directory=_without_index(), fallback="404.html", check_dir=False)
    app.frontend("/nowhere", directory=_BUILDS / "nowhere", check_dir=False)
    return app


@FRONTENDS.program(
    get("/", name="root").gives(200, b"<p>index</p>"),
    get("/admin", name="exact").gives(307),
    get("/admin/", name="below").gives(200, b"index"),
    get("/admin/assets/app.js", name="the_more_specific_wins").gives(404, b"lost"),
    get("/administration", name="not_below").gives(404),
    get("/v1/", name="included").gives(200, b"index"),
    get("/v1/inner/a.txt", name="included_twice").gives(200, b"a"),
    get("/v1", name="included_exactly").gives(307),
    request("POST", "/v1/inner/a.txt", name="method").gives(405),
    get("/mounted/a.txt", name="mounted").gives(200, b"a"),
)
def several(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    app.frontend("/", directory=_site())
    app.frontend("/admin", directory=_with_404())
    inner = web.APIRouter(prefix="/inner")
    inner.frontend("/", directory=_without_index())
    router = web.APIRouter()
    router.include_router(inner)
    router.frontend("/", directory=_with_404())
    app.include_router(router, prefix="/v1")
    mounted = web.FastAPI()
    mounted.frontend("/", directory=_without_index())
    app.mount("/mounted", mounted)
    return app


@FRONTENDS.program(
    get("/a.txt?key=1", name="allowed").gives(
        200,
        b"a",
        headers={"x-key": "1"},
        order="+outer +inner send:start send:end task -inner -outer",
    ),
    get("/a.txt", name="unauthorised").gives(
        401, order="+outer !outer:HTTPException -outer send:start send:end"
    ),
    get("/a.txt?key=x", name="invalid").gives(422),
    get("/absent?key=1", name="absent").gives(
        404,
        order="+outer +inner !inner:HTTPException -inner !outer:HTTPException -outer"
        " send:start send:end",
    ),
    request("POST", "/a.txt", name="other_methods_need_none").gives(
        405, order="send:start send:end"
    ),
)
def behind_dependencies(web: Any, record: Any) -> Any:
    watch = watching(record)

    def key(response: web.Response, tasks: web.BackgroundTasks, key: int = 0) -> None:
        if not key:
            raise web.HTTPException(401)
        response.headers["x-key"] = str(key)
        tasks.add_task(record, "task")

    app = web.FastAPI(dependencies=[web.Depends(watch("outer"))])
    router = web.APIRouter(dependencies=[web.Depends(watch("inner"))])
    router.frontend("/", directory=_without_index())
    app.include_router(router, dependencies=[web.Depends(key)])
    return app


@FRONTENDS.program(get("/a.txt").gives(200, b"a", order="override send:start send:end"))
def overridden_dependencies(web: Any, record: Any) -> Any:
    def guard() -> None:
        raise web.HTTPException(401)

    app = web.FastAPI(dependencies=[web.Depends(guard)])
    app.frontend("/", directory=_without_index())
    app.dependency_overrides[guard] = lambda: record("override")
    return app


def _declared(options: dict[str, Any]) -> Any:
    def build(web: Any, record: Any) -> Any:
        app = web.FastAPI()
        app.frontend(**{"path": "/", "directory": _site(), **options})
        return app

    return build


for _name, _options, _ask in (
    ("missing_directory", {"directory": _BUILDS / "nowhere"}, get().refused("RuntimeError")),
    ("missing_404", {"fallback": "404.html"}, get().refused("RuntimeError")),
    (
        "missing_index",
        {"directory": _BUILDS / "without_index", "fallback": "index.html"},
        get().refused("RuntimeError"),
    ),
    ("unchecked", {"directory": _BUILDS / "nowhere", "check_dir": False}, get("/openapi.json")),
):
    _without_index()
    FRONTENDS.add(_name, _declared(_options), _ask)
