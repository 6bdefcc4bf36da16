"""How a body is received and parsed: content types, broken bodies, what is raised and closed."""

import json
from typing import Annotated, Any

import fastapi
import pytest
from fastapi.encoders import jsonable_encoder
from starlette.datastructures import FormData
from starlette.datastructures import UploadFile as StarletteUploadFile
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import ClientDisconnect, Request

from tenure.web import Body, File, Form, UploadFile
from tenure.web.bind.body import BodyPlan
from tenure.web.bind.fields import field_for
from tenure.web.bind.validation import NOTHING
from tenure.web.exceptions import HTTPException, RequestValidationError

CONTENT_TYPES = (
    None,
    "",
    "application/json",
    "APPLICATION/JSON; charset=utf-8",
    "application/vnd.api+json",
    "application/problem+json; x=y",
    "application/jsonp",
    "application/x-www-form-urlencoded",
    "text/json",
    "text/plain",
    "json",
    "application",
    "application/json/extra",
    "; charset=utf-8",
    "application/ json",
    "multipart/mixed",
)
BODIES = (
    b"",
    b"{}",
    b'{"a": [1, null]}',
    b" 1 ",
    b"null",
    b"NaN",
    b'{"a": 1,}',
    b"{",
    b"[1] x",
    b'"\xff"',
    b"\xff\xfe1\x00",
    b'\xef\xbb\xbf"bom"',
    b'"\\ud800"',
    b"1" * 5000,
    b"[" * 2000,
)

app_of_fastapi: dict[bool, fastapi.FastAPI] = {}
for strict in (True, False):
    app_of_fastapi[strict] = fastapi.FastAPI(strict_content_type=strict)

    @app_of_fastapi[strict].post("/")
    async def show(body: Annotated[Any, fastapi.Body()] = "absent"):
        return repr(body)


PLAN = BodyPlan([field_for("body", Annotated[Any, Body()], "absent")])


def request_of(body: bytes, content_type: str | None, messages: list | None = None) -> Request:
    pending = messages or [{"type": "http.request", "body": body, "more_body": False}]

    async def receive():
        return pending.pop(0)

    return Request(asgi_scope(content_type), receive)


def asgi_scope(content_type: str | None) -> dict[str, Any]:
    headers = [] if content_type is None else [(b"content-type", content_type.encode())]
    return {
        "type": "http",
        "method": "POST",
        "path": "/",
        "raw_path": b"/",
        "root_path": "",
        "query_string": b"",
        "headers": headers,
    }


async def answer_of_fastapi(
    body: bytes, content_type: str | None, *, strict: bool
) -> tuple[int, Any]:
    sent: list[dict[str, Any]] = []

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        sent.append(message)

    await app_of_fastapi[strict](asgi_scope(content_type), receive, send)
    return sent[0]["status"], json.loads(sent[1]["body"])


async def answer_of_tenure(
    body: bytes, content_type: str | None, *, strict: bool
) -> tuple[int, Any]:
    try:
        loaded = await PLAN.load(request_of(body, content_type), strict)
    except RequestValidationError as error:
        return 422, {"detail": jsonable_encoder(error.errors())}
    except HTTPException as error:
        return error.status_code, {"detail": error.detail}
    ((value, errors),) = PLAN.read(loaded)
    assert errors == ()
    return 200, repr(value)


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
@pytest.mark.parametrize("strict", [True, False], ids=["strict", "lenient"])
async def test_a_body_is_parsed_as_by_fastapi(content_type, strict):
    for body in BODIES:
        expected = await answer_of_fastapi(body, content_type, strict=strict)
        assert await answer_of_tenure(body, content_type, strict=strict) == expected, body


async def test_broken_json_names_the_place_and_keeps_the_text():
    with pytest.raises(RequestValidationError) as caught:
        await PLAN.load(
            request_of(b'{"a": }', "application/json"),
            endpoint_context={"path": "POST /", "function": "create"},
        )
    assert caught.value.errors() == [
        {
            "type": "json_invalid",
            "loc": ("body", 6),
            "msg": "JSON decode error",
            "input": {},
            "ctx": {"error": "Expecting value"},
        }
    ]
    assert caught.value.body == '{"a": }'
    assert caught.value.endpoint_path == "POST /"


async def test_a_disconnect_while_the_body_is_received_is_a_bad_request():
    messages = [
        {"type": "http.request", "body": b"{", "more_body": True},
        {"type": "http.disconnect"},
    ]
    with pytest.raises(HTTPException) as caught:
        await PLAN.load(request_of(b"", "application/json", messages))
    assert (caught.value.status_code, caught.value.detail) == (
        400,
        "There was an error parsing the body",
    )
    assert isinstance(caught.value.__cause__, ClientDisconnect)


async def test_an_http_exception_from_below_is_handed_on():
    too_large = StarletteHTTPException(413, "too large")

    async def receive():
        raise too_large

    with pytest.raises(StarletteHTTPException) as caught:
        await PLAN.load(Request(asgi_scope("application/json"), receive))
    assert caught.value is too_large


async def test_without_fields_nothing_is_received():
    async def receive():
        raise AssertionError("asked for the body")

    assert await BodyPlan([]).load(Request(asgi_scope(None), receive)) is NOTHING


async def test_the_requests_own_way_of_parsing_is_used():
    class Reversed(Request):
        async def json(self):
            return list(reversed(await super().json()))

    request = request_of(b"[1, 2]", "application/json")
    assert await PLAN.load(Reversed(request.scope, request.receive)) == [2, 1]


FORM_PLAN = BodyPlan([field_for("name", Annotated[str, Form()]), field_for("file", UploadFile)])
PARTS = (
    b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nAda\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="f.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\nhello\r\n--b--\r\n"
)


async def test_a_form_is_received_and_its_files_are_closed_by_its_owner():
    form = await FORM_PLAN.load(request_of(PARTS, "multipart/form-data; boundary=b"))
    assert FORM_PLAN.is_form
    assert isinstance(form, FormData)
    (name, _), (file, _) = FORM_PLAN.read(form)
    assert (name, file.filename, await file.read()) == ("Ada", "f.txt", b"hello")
    await form.close()
    assert file.file.closed


async def test_a_broken_form_is_a_bad_request():
    request = request_of(PARTS, "multipart/form-data")
    with pytest.raises(HTTPException) as caught:
        await FORM_PLAN.load(request)
    assert (caught.value.status_code, caught.value.detail) == (
        400,
        "There was an error parsing the body",
    )
    # Inside an application the parser answers by itself, and says more.
    request.scope["app"] = object()
    with pytest.raises(StarletteHTTPException) as caught_inside:
        await FORM_PLAN.load(request)
    assert (caught_inside.value.status_code, caught_inside.value.detail) == (
        400,
        "Missing boundary in multipart.",
    )


async def test_files_are_closed_where_reading_one_fails(monkeypatch):
    opened = []

    async def broken(self):
        opened.append(self)
        raise OSError("disk")

    monkeypatch.setattr(StarletteUploadFile, "read", broken)
    plan = BodyPlan([field_for("file", Annotated[bytes, File()])])
    with pytest.raises(HTTPException) as caught:
        await plan.load(request_of(PARTS, "multipart/form-data; boundary=b"))
    assert caught.value.status_code == 400
    assert [each.file.closed for each in opened] == [True]


async def test_another_content_type_is_an_empty_form():
    form = await FORM_PLAN.load(request_of(b"{}", "application/json"))
    errors = [error for _, errors in FORM_PLAN.read(form) for error in errors]
    assert [(each["type"], each["loc"]) for each in errors] == [
        ("missing", ("body", "name")),
        ("missing", ("body", "file")),
    ]
