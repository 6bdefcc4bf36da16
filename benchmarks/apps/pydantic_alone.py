"""Nothing but pydantic: the least that a request with models can cost, whoever serves it."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from benchmarks.apps.shared import Note, Order, Receipt, receipt_for

__all__ = ["make_app"]


def make_app(_note: Note) -> Any:
    """An ASGI application for ``POST /orders`` that looks at neither path nor headers."""
    validate = TypeAdapter(Order).validator.validate_json
    write = TypeAdapter(Receipt).serializer.to_json

    async def app(_asgi_scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        body = write(receipt_for(validate(message["body"])), by_alias=True)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    return app
