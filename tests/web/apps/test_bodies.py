"""Bodies of JSON as endpoints, dependencies and exception handlers see them."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from tenure.web import App, Body, Depends, Header, Request
from tenure.web.exceptions import RequestValidationError
from tenure.web.responses import JSONResponse
from tests.web.apps.client import Client

JSON = {"content-type": "application/json"}


class Item(BaseModel):
    name: str
    price: float = 1.0


async def send(app, body: bytes, headers=JSON):
    return await Client().request(app, "POST", "/", headers=headers, body=body)


async def test_what_is_no_json_is_refused_before_any_dependency_runs():
    app, calls = App(), []

    async def note():
        calls.append("dependency")

    @app.post("/", dependencies=[Depends(note)])
    async def endpoint(item: Item):
        return item

    answer = await send(app, b'{"name": "a", }')
    assert answer.status == 422
    assert answer.json()["detail"][0]["type"] == "json_invalid"
    assert calls == []
    refused = await send(app, b'{"price": "x"}')
    assert [each["loc"] for each in refused.json()["detail"]] == [
        ["body", "name"],
        ["body", "price"],
    ]
    assert calls == ["dependency"]


async def test_the_error_of_another_parameter_shows_the_body_as_an_object():
    app = App()

    @app.exception_handler(RequestValidationError)
    async def show(request: Request, error: RequestValidationError):
        return JSONResponse([error.body, (await request.body()).decode()])

    @app.post("/")
    async def endpoint(item: Item, token: Annotated[str, Header()]):
        return item

    answer = await send(app, b'{"name": "a", "other": 1}')
    assert answer.json() == [{"name": "a", "other": 1}, '{"name": "a", "other": 1}']


def with_body(path_of_bytes: bool, *dependencies):
    """An application whose only parameter is validated from bytes, or from objects."""
    app = App()
    if path_of_bytes:

        @app.post("/", dependencies=dependencies)
        async def endpoint(item: Item):
            return item
    else:

        @app.post("/", dependencies=dependencies)
        async def embedded(name: Annotated[str, Body(embed=True)]):
            return {"name": name}

    return app


@pytest.mark.parametrize("path_of_bytes", [True, False])
async def test_the_request_has_the_body_that_was_read(path_of_bytes):
    seen: list[Any] = []

    async def read(request: Request):
        chunks = [chunk async for chunk in request.stream()]
        seen.extend([await request.body(), await request.json(), b"".join(chunks)])

    body = b'{"name":"a"}'
    assert (await send(with_body(path_of_bytes, Depends(read)), body)).json()["name"] == "a"
    assert seen == [body, {"name": "a"}, body]


@pytest.mark.parametrize("path_of_bytes", [True, False])
async def test_a_dependency_may_change_the_body_that_it_has_parsed(path_of_bytes):
    async def rename(request: Request):
        (await request.json())["name"] = "changed"

    answer = await send(with_body(path_of_bytes, Depends(rename)), b'{"name": "a"}')
    assert answer.json()["name"] == "changed"


async def test_bytes_of_another_type_are_the_body_itself():
    app = App()

    @app.post("/")
    async def endpoint(data: Annotated[Any, Body()]):
        return repr(data)

    answer = await send(app, b"1", {"content-type": "text/plain"})
    assert answer.json() == "b'1'"
    assert (await send(app, b"1", {})).json() == "b'1'"
    assert (await send(app, b"1")).json() == "1"


async def test_a_body_in_pieces_is_joined():
    app = App()

    @app.post("/")
    async def endpoint(item: Item):
        return item

    pieces = [b'{"na', b"", b'me": "a"', b"}"]
    messages = [{"type": "http.request", "body": each, "more_body": True} for each in pieces]
    messages.append({"type": "http.request"})
    sent = await _answer_to(app, messages)
    assert sent[1]["body"] == b'{"name":"a","price":1.0}'


async def test_a_client_that_leaves_before_its_body_has_come_is_no_failure_of_the_server():
    app = App()
    seen: list[BaseException | None] = []

    @app.exception_handler(400)
    async def note(request: Request, error: Exception):
        seen.append(error.__cause__)
        return JSONResponse({}, status_code=400)

    @app.post("/")
    async def endpoint(item: Item):
        return item

    messages = [
        {"type": "http.request", "body": b"{", "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent = await _answer_to(app, messages)
    assert sent[0]["status"] == 400
    assert isinstance(seen[0], ClientDisconnect)


async def _answer_to(app, messages):
    sent = []

    async def receive():
        return messages.pop(0)

    async def send(message):
        sent.append(message)

    headers = [(b"content-type", b"application/json")]
    asgi_scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": headers,
    }
    await app(asgi_scope, receive, send)
    return sent


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"\xff\xfe", {}),
        (b'{"name": ["\\ud800"]}', JSON),
        (b'{"name": NaN}', JSON),
        (b'{"name": [1e999]}', JSON),
    ],
)
async def test_an_input_that_json_cannot_hold_is_left_out_of_what_is_said_about_it(body, headers):
    app = App()

    @app.post("/")
    async def endpoint(item: Item): ...

    answer = await send(app, body, headers)
    assert (answer.status, answer.error) == (422, None)
    [error] = answer.json()["detail"]
    assert error["loc"][0] == "body"
