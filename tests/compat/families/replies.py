"""Statuses, response classes, injected and returned responses."""

import pathlib
from typing import Annotated, Any

import pydantic

from ..case import Family, get, request, together

REPLIES = Family("replies")

HERE = str(pathlib.Path(__file__).parent / "__init__.py")


@REPLIES.program(
    get("/204", name="no_content").gives(204, b"", headers={"content-length": None}),
    get("/304", name="not_modified").gives(304, b"", headers={"content-length": None}),
    get("/205", name="reset").gives(205),
    get("/201", name="created").gives(201, "made"),
    get("/by-number", name="by_enum").gives(202),
    get("/injected", name="injected").gives(204, b""),
    get("/content", name="content_where_none_may_be"),
)
def statuses(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/204", status_code=204)
    def no_content() -> None: ...

    @app.get("/304", status_code=304)
    def not_modified() -> None: ...

    @app.get("/205", status_code=205)
    def reset() -> None: ...

    @app.get("/201", status_code=201)
    def created() -> str:
        return "made"

    @app.get("/by-number", status_code=web.status.HTTP_202_ACCEPTED)
    def accepted() -> None: ...

    @app.get("/injected")
    def injected(response: web.Response) -> Any:
        response.status_code = 204

    @app.get("/content")
    def content(response: web.Response) -> Any:
        response.status_code = 304
        return {"a": 1}

    return app


@REPLIES.program(
    get("/json").gives(200, {"a": 1}, headers={"content-type": "application/json"}),
    get("/html").gives(200, b"<p>", headers={"content-type": "text/html; charset=utf-8"}),
    get("/plain").gives(200, b"text", headers={"content-type": "text/plain; charset=utf-8"}),
    get("/redirect").gives(302, b"", headers={"location": "/json"}),
    get("/redirect-class").gives(307, b"", headers={"location": "/a%20b"}),
    get("/redirect-status").gives(301, b"", headers={"location": "/c"}),
    get("/raw").gives(200, b"\x00\x01", headers={"content-type": "image/x-none"}),
    get("/own").gives(200, b"<<1>>", headers={"content-type": "text/x-own; charset=utf-8"}),
    get("/model").gives(200, b"<<{'name': 'n'}>>"),
    get("/none").gives(200, b""),
    get("/file").gives(200),
    get("/file-class").gives(200),
    request("HEAD", "/html").gives(405, {"detail": "Method Not Allowed"}),
    get("/pretty").gives(200, b'{\n "a": 1\n}'),
    get("/mediatype").gives(200, headers={"content-type": "application/x-tea"}),
)
def response_classes(web: Any, record: Any) -> Any:
    responses = web.responses
    app = web.FastAPI()

    class Own(responses.Response):  # type: ignore[name-defined,misc]
        media_type = "text/x-own"

        def render(self, content: Any) -> bytes:
            return f"<<{content}>>".encode()

    class Pretty(responses.JSONResponse):  # type: ignore[name-defined,misc]
        def render(self, content: Any) -> bytes:
            import json

            return json.dumps(content, indent=1).encode()

    class Named(pydantic.BaseModel):
        name: str

    @app.get("/json", response_class=responses.JSONResponse)
    def json() -> Any:
        return {"a": 1}

    @app.get("/html", response_class=responses.HTMLResponse)
    def html() -> Any:
        return "<p>"

    @app.get("/plain", response_class=responses.PlainTextResponse)
    def plain() -> Any:
        return "text"

    @app.get("/redirect", response_class=responses.RedirectResponse, status_code=302)
    def redirect() -> str:
        return "/json"

    @app.get("/redirect-class", response_class=responses.RedirectResponse)
    def redirect_class() -> Any:
        return "/a b"

    @app.get("/redirect-status")
    def redirect_status() -> web.responses.RedirectResponse:
        return responses.RedirectResponse("/c", status_code=301)

    @app.get("/raw")
    def raw() -> Any:
        return responses.Response(b"\x00\x01", media_type="image/x-none")

    @app.get("/own", response_class=Own)
    def own() -> Any:
        return 1

    @app.get("/model", response_class=Own)
    def model() -> Named:
        return Named(name="n")

    @app.get("/none", response_class=responses.Response)
    def none() -> Any:
        return None

    @app.get("/file")
    def file() -> Any:
        return responses.FileResponse(HERE, filename="caf\u00e9.py", headers={"x-a": "1"})

    @app.get("/file-class", response_class=responses.FileResponse)
    def file_class() -> Any:
        return HERE

    @app.get("/pretty", response_class=Pretty)
    def pretty() -> Any:
        return {"a": 1}

    @app.get("/mediatype")
    def mediatype() -> Any:
        return responses.JSONResponse(1, media_type="application/x-tea")

    return app


@REPLIES.program(
    get("/app").gives(200, b"app", headers={"content-type": "text/plain; charset=utf-8"}),
    get("/router").gives(200, b"router", headers={"content-type": "text/html; charset=utf-8"}),
    get("/included").gives(200, b"included", headers={"content-type": "text/html; charset=utf-8"}),
    get("/own").gives(200, "own", headers={"content-type": "application/json"}),
)
def default_response_classes(web: Any, record: Any) -> Any:
    responses = web.responses
    app = web.FastAPI(default_response_class=responses.PlainTextResponse)
    router = web.APIRouter(default_response_class=responses.HTMLResponse)
    plain = web.APIRouter()

    @app.get("/app")
    def of_app() -> Any:
        return "app"

    @router.get("/router")
    def of_router() -> Any:
        return "router"

    @plain.get("/included")
    def of_include() -> Any:
        return "included"

    @router.get("/own", response_class=responses.JSONResponse)
    def own() -> Any:
        return "own"

    app.include_router(router)
    app.include_router(plain, default_response_class=responses.HTMLResponse)
    return app


@REPLIES.program(
    get("/injected").gives(
        203, 1, headers={"x-a": "1", "set-cookie": "c=d; HttpOnly; Path=/; SameSite=lax"}
    ),
    get("/returned").gives(200, 1, headers={"x-a": None, "x-b": "2"}),
    get("/delete").gives(200, headers={"x-a": None}),
    get("/many").gives(
        200, headers={"set-cookie": "a=1; Path=/; SameSite=lax, b=2; Path=/; SameSite=lax"}
    ),
    get("/content-type").gives(200),
    get("/length").gives(200),
)
def injected_and_returned_responses(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/injected", status_code=201)
    def injected(response: web.Response) -> Any:
        response.headers["X-A"] = "1"
        response.set_cookie("c", "d", httponly=True)
        response.status_code = 203
        return 1

    @app.get("/returned", status_code=201)
    def returned(response: web.Response) -> Any:
        response.headers["X-A"] = "1"
        return web.responses.JSONResponse(1, headers={"X-B": "2"})

    @app.get("/delete")
    def delete(response: web.Response) -> Any:
        response.headers["x-a"] = "1"
        del response.headers["x-a"]
        response.set_cookie("gone", max_age=0, path="/p", domain="a.example", secure=True)

    @app.get("/many")
    def many(response: web.Response) -> Any:
        response.set_cookie("a", "1")
        response.set_cookie("b", "2")

    @app.get("/content-type")
    def content_type(response: web.Response) -> Any:
        response.headers["content-type"] = "application/x-tea"
        response.headers["vary"] = "a"
        return 1

    @app.get("/length")
    def length(response: web.Response) -> Any:
        response.headers.append("x-n", "1")
        response.headers.append("x-n", "2")

    return app


@REPLIES.program(
    get("/union").gives(200, {"a": 1}),
    get("/annotated-response").gives(200, b"plain"),
    get("/off").gives(200, {"name": "n", "extra": 1}),
    get("/subclass").gives(200, {"name": "n", "password": "hush"}),
    get("/annotated").gives(200, {"name": "n"}),
)
def what_a_return_annotation_means(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    class Named(pydantic.BaseModel):
        name: str

    class Full(Named):
        password: str = "hush"

    @app.get("/union", response_model=None)
    def union() -> dict[str, int] | web.Response:
        return {"a": 1}

    @app.get("/annotated-response")
    def response() -> web.responses.PlainTextResponse:
        return web.responses.PlainTextResponse("plain")

    @app.get("/off", response_model=None)
    def off() -> Named:
        return {"name": "n", "extra": 1}  # type: ignore[return-value]

    @app.get("/subclass")
    def subclass() -> Full:
        return Full(name="n")

    @app.get("/annotated")
    def annotated() -> Annotated[Named, "note"]:
        return Full(name="n")

    return app


@REPLIES.program(
    get("/file", headers={"range": "bytes=0-3"}, name="range").gives(206, b'"""T'),
    get("/file", headers={"range": "bytes=9999999-"}, name="beyond"),
    request("HEAD", "/file", name="head").gives(200, b""),
    get("/absent", name="absent").gives(500, error="RuntimeError"),
)
def files(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/file")
    @app.head("/file")
    def file() -> Any:
        return web.responses.FileResponse(HERE, media_type="text/x-python")

    @app.get("/absent")
    def absent() -> Any:
        return web.responses.FileResponse(HERE + ".absent")

    return app


@REPLIES.program(
    together(get("/"), get("/")).gives(200, [1], order="send:start send:end send:start send:end")
)
def the_same_model_instance_twice(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    kept = [1]

    @app.get("/")
    async def read() -> list[int]:
        return kept

    return app


@REPLIES.program(get("/row").gives(200, {"a": 1}))
def state_of_sqlalchemy(web: Any, record: Any) -> Any:
    """What begins with ``_sa`` is left out, whatever it holds."""
    app = web.FastAPI()

    @app.get("/row")
    def row():
        return {"a": 1, "_sa_instance_state": float("nan")}

    return app
