"""Middleware around routes: what it sees of answers and of exceptions, and what it may change."""

import pytest
from pydantic import BaseModel
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware

from tenure.web import App, HTTPException, Request
from tenure.web.responses import PlainTextResponse
from tests.web.apps.client import Client, get


class Item(BaseModel):
    name: str


class Watching:
    """Plain middleware that notes what passes and marks each response."""

    def __init__(self, app, seen):
        self.app = app
        self.seen = seen

    async def __call__(self, asgi_scope, receive, send):
        async def marking(message):
            self.seen.append(message["type"])
            if message["type"] == "http.response.start":
                message["headers"].append((b"x-seen", b"yes"))
            await send(message)

        try:
            await self.app(asgi_scope, receive, marking)
        except Exception as error:
            self.seen.append(type(error).__name__)
            raise


def make_app(seen):
    app = App(middleware=[Middleware(Watching, seen=seen)])

    @app.get("/items/{name}")
    async def show(name: str):
        if name == "missing":
            raise HTTPException(404, "no such item")
        if name == "broken":
            raise KeyError(name)
        return {"name": name}

    @app.post("/items")
    async def add(item: Item) -> Item:
        return item

    return app


async def test_middleware_sees_and_changes_the_messages_of_one_request_only():
    seen: list[str] = []
    app = make_app(seen)
    for _ in range(2):
        answer = await get(app, "/items/a")
        assert answer.json() == {"name": "a"}
        assert answer.header("x-seen") == "yes"
        assert answer.header("content-length") == "12"
        assert answer.header("content-type") == "application/json"
    assert seen == ["http.response.start", "http.response.body"] * 2


async def test_an_exception_with_a_handler_is_answered_inside_of_middleware():
    seen: list[str] = []
    answer = await get(make_app(seen), "/items/missing")
    assert (answer.status, answer.header("x-seen"), answer.error) == (404, "yes", None)
    assert seen == ["http.response.start", "http.response.body"]


@pytest.mark.parametrize("path", ["/items/broken", "/elsewhere"])
async def test_a_failure_passes_through_middleware_and_is_answered_outside_of_it(path):
    seen: list[str] = []
    app = make_app(seen)

    @app.exception_handler(Exception)
    async def tell(request: Request, error: Exception):
        return PlainTextResponse("sorry", status_code=500)

    @app.route("/elsewhere")
    async def fail(request: Request):
        raise KeyError(path)

    answer = await get(app, path)
    assert (answer.status, answer.text, answer.header("x-seen")) == (500, "sorry", None)
    assert isinstance(answer.error, KeyError)
    assert seen == ["KeyError"]


async def test_the_first_middleware_is_the_outermost():
    app, order = App(), []

    def noting(word):
        async def dispatch(request, call_next):
            order.append(word)
            return await call_next(request)

        return dispatch

    for word in ("inner", "outer"):
        app.add_middleware(BaseHTTPMiddleware, dispatch=noting(word))
    app.get("/")(lambda: "done")
    assert (await get(app, "/")).json() == "done"
    assert order == ["outer", "inner"]


async def test_a_body_over_the_limit_is_refused():
    app = make_app([])
    app.max_body_size = 20
    client = Client()
    assert (await client.request(app, "POST", "/items", value={"name": "a"})).status == 200
    answer = await client.request(app, "POST", "/items", value={"name": "a" * 20})
    assert answer.status == 413
