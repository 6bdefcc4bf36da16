"""Exceptions and the default handlers, against FastAPI's."""

import json

import fastapi.exception_handlers
import fastapi.exceptions
import pytest

from tenure.errors import ScopeError, TenureError
from tenure.web import exception_handlers, exceptions
from tenure.web.responses import Response

CONTEXTS = [
    None,
    {},
    {"path": "GET /"},
    {"function": "read", "file": "app.py", "line": 3},
    {"function": "read", "file": "app.py", "line": 3, "path": "GET /"},
]
ERRORS = [[], [{"type": "missing"}], [{"a": 1}, "text"]]
NAMES = ("RequestValidationError", "WebSocketRequestValidationError", "ResponseValidationError")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("context", CONTEXTS, ids=str)
@pytest.mark.parametrize("errors", ERRORS, ids=len)
def test_validation_errors_are_written_as_by_fastapi(name, context, errors):
    theirs = getattr(fastapi.exceptions, name)(errors, endpoint_ctx=context)
    ours = getattr(exceptions, name)(errors, endpoint_ctx=context)
    assert str(ours) == str(theirs)
    assert ours.errors() is errors
    for attribute in ("endpoint_ctx", "endpoint_function", "endpoint_path", "endpoint_line"):
        assert getattr(ours, attribute) == getattr(theirs, attribute)
    assert getattr(ours, "body", "none") == getattr(theirs, "body", "none")


def test_errors_of_the_engine_are_caught_under_fastapis_names():
    assert exceptions.FastAPIError is TenureError
    assert exceptions.DependencyScopeError is ScopeError
    assert issubclass(exceptions.FastAPIError, RuntimeError)
    assert issubclass(exceptions.ParameterDeclarationError, exceptions.FastAPIError)


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.mark.parametrize("status", [400, 404, 204, 304, 199, 500])
@pytest.mark.parametrize("headers", [None, {"X-A": "b"}], ids=["plain", "headers"])
@pytest.mark.parametrize("detail", [None, "text", {"a": [1]}], ids=str)
async def test_http_exceptions_are_answered_as_by_fastapi(status, headers, detail):
    theirs = await fastapi.exception_handlers.http_exception_handler(
        None,  # type: ignore[arg-type]
        fastapi.exceptions.HTTPException(status, detail, headers),
    )
    ours = await exception_handlers.http_exception_handler(
        None,  # type: ignore[arg-type]
        exceptions.HTTPException(status, detail, headers),
    )
    assert seen(ours) == seen(theirs)


async def test_a_validation_error_is_answered_with_422():
    error = exceptions.RequestValidationError(
        [{"type": "value_error", "loc": ("query", "x"), "ctx": {"error": ValueError("no")}}]
    )
    response = await exception_handlers.request_validation_exception_handler(
        None,  # type: ignore[arg-type]
        error,
    )
    assert response.status_code == 422
    assert json.loads(bytes(response.body)) == {
        "detail": [{"type": "value_error", "loc": ["query", "x"], "ctx": {"error": {}}}]
    }


async def test_a_websocket_is_closed_with_1008_and_the_list():
    closed = []

    class Socket:
        async def close(self, code, reason):
            closed.append((code, reason))

    await exception_handlers.websocket_request_validation_exception_handler(
        Socket(),  # type: ignore[arg-type]
        exceptions.WebSocketRequestValidationError([{"loc": ("query", "x")}]),
    )
    assert closed == [(1008, [{"loc": ["query", "x"]}])]


def seen(response: Response):
    return response.status_code, response.raw_headers, bytes(response.body)
