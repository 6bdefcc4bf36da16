"""Where a request is sent that has found nothing here."""

from __future__ import annotations

from starlette.datastructures import URL
from starlette.responses import RedirectResponse
from starlette.types import Scope as AsgiScope

__all__ = ["redirect_to"]


def redirect_to(path: str, asgi_scope: AsgiScope) -> RedirectResponse:
    """A redirect to *path* with the query of the request, whatever bytes are in that."""
    query: bytes = asgi_scope["query_string"]
    if not query.isascii():  # else it would be decoded as UTF-8, which it need not be
        query = b"".join(b"%c" % byte if byte < 0x80 else b"%%%02X" % byte for byte in query)
    return RedirectResponse(str(URL(scope={**asgi_scope, "path": path, "query_string": query})))
