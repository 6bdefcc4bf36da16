"""Responses: Starlette's, that of server-sent events, and two deprecated ones."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from typing_extensions import deprecated

from tenure.errors import DeclarationError
from tenure.web.exceptions import FastAPIDeprecationWarning
from tenure.web.sse import EventSourceResponse

__all__ = [
    "EventSourceResponse",
    "FileResponse",
    "HTMLResponse",
    "JSONResponse",
    "ORJSONResponse",
    "PlainTextResponse",
    "RedirectResponse",
    "Response",
    "StreamingResponse",
    "UJSONResponse",
]


def _required(module: str, response: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise DeclarationError(
            f"{response} needs the package {module!r}; install it, or use JSONResponse"
        ) from error


@deprecated(
    "UJSONResponse is deprecated: declare a return type or response_model instead, which is "
    "written to JSON by pydantic without another package",
    category=FastAPIDeprecationWarning,
    stacklevel=2,
)
class UJSONResponse(JSONResponse):
    """JSON written by the package ``ujson``, which has to be installed."""

    def render(self, content: Any) -> bytes:
        """Write *content* as JSON."""
        text: str = _required("ujson", "UJSONResponse").dumps(content, ensure_ascii=False)
        return text.encode("utf-8")


@deprecated(
    "ORJSONResponse is deprecated: declare a return type or response_model instead, which is "
    "written to JSON by pydantic without another package",
    category=FastAPIDeprecationWarning,
    stacklevel=2,
)
class ORJSONResponse(JSONResponse):
    """JSON written by the package ``orjson``, which has to be installed."""

    def render(self, content: Any) -> bytes:
        """Write *content* as JSON."""
        orjson = _required("orjson", "ORJSONResponse")
        options = orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY
        data: bytes = orjson.dumps(content, option=options)
        return data
