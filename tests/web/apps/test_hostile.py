"""Bodies and headers that mean no good: a 4xx, and nothing is left open."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from tenure.web import App, Body, Cookie, Depends, File, Form, Header, Query, UploadFile
from tests.web.apps.client import request

TYPES = [
    "multipart/form-data",
    "multipart/form-data; boundary=b",
    "multipart/form-data; boundary=b; charset=nope",
    'multipart/form-data; boundary="b',
    "multipart/form-data; boundary=\xff",
    "application/x-www-form-urlencoded; charset=utf-16",
    "application/json; charset=utf-16",
    "application/json",
    "a/b/c;;;=",
    "\x00",
    "",
]

PART = b'--b\r\ncontent-disposition: form-data; name="a"'
BODIES = {
    "nothing": b"",
    "no text": b"\xff\xfe\xfd",
    "half a character": b'{"a": "\\ud800"}',
    "escaped half a character": b"a=%ED%A0%80&a=%ff",
    "an unfinished object": b'{"a": 1',
    "deep": b'{"a":' * 100_000,
    "deep and whole": b"[" * 2000 + b"]" * 2000,
    "a long number": b"9" * 5000,
    "no number": b'{"a": NaN}',
    "many fields": b"a=1&" * 3000,
    "many separators": b"&" * 5000,
    "an unfinished part": PART,
    "a part of no text": PART + b"\r\n\r\n\xff\xfe\r\n--b--",
    "a part with a charset": PART + b"\r\ncontent-type: a/b; charset=nope\r\n\r\n1\r\n--b--",
    "a part named twice": PART + PART[3:] + b"\r\n\r\n1\r\n--b--",
    "a part without a name": b"--b\r\ncontent-disposition: form-data\r\n\r\nx\r\n--b--",
    "a file of no name": PART + b'; filename="\xff"\r\n\r\n1\r\n--b--',
    "a long header": b"--b\r\nX" + b"x" * 70_000,
}


class Filled(BaseModel):
    a: str


class Site:
    """Endpoints for every kind of body, and what was opened for them."""

    def __init__(self) -> None:
        self.opened = self.closed = 0
        self.app = App(dependencies=[Depends(self.resource)])
        self.app.post("/json")(self.take_json)
        self.app.post("/text")(self.take_text)
        self.app.post("/form")(self.take_form)
        self.app.post("/model")(self.take_model)
        self.app.post("/file")(self.take_file)

        @self.app.get("/")
        async def names(
            x: int = Header(),
            accept: list[str] = Header([]),
            c: str = Cookie(""),
            q: list[str] = Query([]),
        ) -> Any:
            return [x, accept, c, q]

    async def resource(self) -> AsyncIterator[None]:
        self.opened += 1
        try:
            yield
        finally:
            self.closed += 1

    async def take_json(self, a: dict[str, int]) -> Any:
        return a

    async def take_text(self, a: str = Body()) -> Any:
        return a

    async def take_form(self, a: str = Form(), b: list[int] = Form([])) -> Any:
        return [a, b]

    async def take_model(self, filled: Annotated[Filled, Form()]) -> Any:
        return filled

    async def take_file(self, a: UploadFile = File(), b: bytes = File(b"")) -> Any:
        return [a.filename, len(b)]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("path", ["/json", "/text", "/form", "/model", "/file"])
async def test_bodies(path: str, body: str) -> None:
    site = Site()
    for content_type in TYPES:
        headers = {"content-type": content_type}
        answer = await request(site.app, "POST", path, headers=headers, body=BODIES[body])
        assert (answer.error, content_type) == (None, content_type)
        assert 200 <= answer.status < 500
    assert site.opened == site.closed


@pytest.mark.parametrize(
    "headers",
    [
        {"x": "\xff"},
        {"x": "9" * 5000},
        {"x": "1", "accept": "\x00"},
        {"x": "1", "cookie": "c=\xff; =; ;;;c"},
        {"x": "1", "cookie": 'c="\\777"'},
        {"x": "1", "cookie": "=" * 5000},
    ],
)
@pytest.mark.parametrize("query", ["", "?q=%ff&q=%ED%A0%80", "?" + "q=1&" * 2000, "?&&=&%"])
async def test_headers_cookies_and_queries(headers: dict[str, str], query: str) -> None:
    site = Site()
    answer = await request(site.app, "GET", "/" + query, headers=headers)
    assert answer.error is None
    assert answer.status in (200, 422)
    assert site.opened == site.closed
