"""A route class of the user's: what its handler is around, and what it may do there."""

import gzip

import pytest

from tenure.web import (
    APIRouter,
    App,
    BackgroundTasks,
    Body,
    Depends,
    HTTPException,
    Request,
    Response,
)
from tenure.web.exceptions import RequestValidationError
from tenure.web.responses import PlainTextResponse
from tenure.web.routing import APIRoute
from tests.web.apps.client import Client, get, request

JSON = {"content-type": "application/json"}


class GzippedRequest(Request):
    async def body(self):
        if not hasattr(self, "_body"):
            self._body = gzip.decompress(await super().body())
        return self._body


class GzippedRoute(APIRoute):
    def get_route_handler(self):
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            if request.headers.get("content-encoding") == "gzip":
                request = GzippedRequest(request.scope, request.receive)
            return await inner(request)

        return handle


async def test_a_request_may_be_replaced_before_its_body_is_read():
    app = App()
    app.router.route_class = GzippedRoute

    async def kind(request: Request):
        return type(request).__name__

    @app.post("/")
    async def add(numbers: list[int] = Body(), kind=Depends(kind)):
        return [sum(numbers), kind]

    zipped = {"body": gzip.compress(b"[1, 2]"), "headers": {**JSON, "content-encoding": "gzip"}}
    assert (await request(app, "POST", "/", **zipped)).json() == [3, "GzippedRequest"]
    assert (await request(app, "POST", "/", value=[3])).json() == [3, "Request"]


class CatchingRoute(APIRoute):
    def get_route_handler(self):
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                response = await inner(request)
            except RequestValidationError as error:
                raise HTTPException(422, detail=(await request.body()).decode()) from error
            except ValueError as error:
                return PlainTextResponse(f"caught {error}")
            response.headers["x-handled"] = "yes"
            return response

        return handle


@pytest.fixture
def words():
    return []


@pytest.fixture
def app(words):
    app, router = App(), APIRouter(route_class=CatchingRoute)

    async def resource():
        words.append("+")
        try:
            yield
        except BaseException as error:
            words.append(type(error).__name__)
            raise
        finally:
            words.append("-")

    @router.post("/")
    async def endpoint(
        tasks: BackgroundTasks, number: int = Body(), _=Depends(resource, scope="function")
    ):
        tasks.add_task(words.append, "background")
        if number < 0:
            raise ValueError(number)
        return number

    app.include_router(router)
    return app


async def test_a_response_may_be_changed_and_is_sent_when_the_function_is_closed(app, words):
    answer = await Client(words.append).request(app, "POST", "/", value=3)
    assert (answer.json(), answer.header("x-handled")) == (3, "yes")
    assert words == ["+", "-", "send 200", "send end", "background"]


async def test_an_exception_may_be_caught_before_any_dependency_sees_it(app, words):
    answer = await request(app, "POST", "/", value=-3)
    assert (answer.status, answer.text) == (200, "caught -3")
    assert words == ["+", "-"]


async def test_a_refusal_may_be_replaced(app, words):
    answer = await request(app, "POST", "/", body=b'"x"', headers=JSON)
    assert answer.json() == {"detail": '"x"'}
    assert words == ["+", "HTTPException", "-"]


async def test_a_handler_may_answer_alone():
    class Closed(APIRoute):
        def get_route_handler(self):
            async def handle(request: Request) -> Response:
                return PlainTextResponse("closed")

            return handle

    router = APIRouter(route_class=Closed)
    opened: list[int] = []

    @router.get("/")
    async def endpoint(_=Depends(lambda: opened.append(1))): ...

    app = App()
    app.include_router(router, prefix="/shop")
    assert (await get(app, "/shop/")).text == "closed"
    assert opened == []
