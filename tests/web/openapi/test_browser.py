"""The pages in a real browser that cannot reach the internet."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from pydantic import BaseModel

from tenure.web import App
from tests.web.openapi.browser import Tab, chromium

pytestmark = pytest.mark.once


class Thing(BaseModel):
    name: str
    weight: float


def make_app() -> App:
    app = App(title="Things & more")

    @app.post("/things/{key}", tags=["things"])
    async def put_thing(key: int, thing: Thing) -> dict[str, float | str]:
        """Put a thing somewhere."""
        received.append((key, thing))
        return {"kept": thing.name, "weighs": thing.weight * 2}

    received: list[tuple[int, Thing]] = []
    app.state.received = received
    return app


@contextmanager
def served(app: App) -> Iterator[str]:
    """The address at which *app* is served by a server on a thread of its own."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def test_an_operation_is_seen_and_tried_out(tmp_path):
    app = make_app()
    with served(app) as address, chromium(tmp_path) as browser:
        tab = Tab(browser, f"{address}/docs")
        assert tab.text_of(".info .title").startswith("Things & more")
        assert tab.text_of(".opblock-summary-path").replace("\u200b", "") == "/things/{key}"
        tab.click(".opblock-summary-control")
        assert "Put a thing somewhere" in tab.text_of(".opblock-description")
        tab.click(".try-out__btn")
        tab.text_of(".btn.execute")
        # React keeps the value itself; it hears of a change, and that the field was left.
        tab.evaluate(
            """
            const field = document.querySelector('input[placeholder="key"]');
            const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
            set.call(field, "7");
            field.dispatchEvent(new Event("input", { bubbles: true }));
            field.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
            """
        )
        tab.click(".btn.execute")
        answered = ".live-responses-table tbody "
        assert tab.text_of(answered + ".response-col_status").startswith("200")
        assert '"kept"' in tab.text_of(answered + ".response-col_description")
        ((key, thing),) = app.state.received
        assert (key, thing.name) == (7, "string")


def test_redoc_shows_the_document(tmp_path):
    with served(make_app()) as address, chromium(tmp_path) as browser:
        tab = Tab(browser, f"{address}/redoc")
        assert "Things & more" in tab.text_of("redoc h1")
        assert "Put a thing somewhere" in tab.text_of("redoc .api-content")
