"""Nothing but two trips to a worker thread: as many as a request of ``def`` steps needs.

One before the response and one after it, for what is closed then. By anyio's own function, which
is how a program without a framework would go there.
"""

from __future__ import annotations

from typing import Any

from anyio.to_thread import run_sync

from benchmarks.apps.shared import Note

__all__ = ["make_app"]


def make_app(note: Note) -> Any:
    """An ASGI application for ``GET /plain-items/7`` that looks at nothing of the request."""

    def before() -> bytes:
        note("open connection")
        note("open session")
        note("endpoint")
        return b'{"item":7,"user":"secret","open":true}'

    def after() -> None:
        note("close session")
        note("close connection")

    async def app(_asgi_scope: Any, _receive: Any, send: Any) -> None:
        body = await run_sync(before)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})
        await run_sync(after)

    return app
