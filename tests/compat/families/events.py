"""Server-sent events: what endpoints yield, written for a browser's ``EventSource``."""

import datetime as dt
import math
from collections.abc import AsyncIterable, Iterable
from typing import Any

from pydantic import ValidationError

from ..case import Family, get
from .programs import watching
from .yielding import Item, each_of

EVENTS = Family("events")


@EVENTS.program(*each_of("async sync typed plain spelled empty after"))
def server_sent_events(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    events = web.responses.EventSourceResponse
    event = web.sse.ServerSentEvent

    @app.get("/async", response_class=events)
    async def asynchronous() -> Any:
        yield {"n": 1, "x": math.nan}
        yield "text\nof two lines ä"
        yield None

    @app.get("/sync", response_class=events)
    def synchronous() -> Any:
        yield {"n": 1}
        yield Item(name="a")

    @app.get("/typed", response_class=events)
    async def typed() -> AsyncIterable[Item]:
        yield Item(name="a")
        yield {"name": "b", "price": "2"}  # type: ignore[misc]
        yield event(data={"unchecked": 1}, event="other")

    @app.get("/plain", response_class=events)
    def plain() -> Iterable[int]:
        yield 1
        yield "2"  # type: ignore[misc]

    @app.get("/spelled", response_class=events)
    async def spelled() -> AsyncIterable[event]:  # type: ignore[valid-type]
        yield event(data="text")
        yield event(raw_data="first\nsecond\r\nthird\rfourth\n")
        yield event(data=Item(name="a"), event="item", id="7", retry=100)
        yield event(comment="only a\ncomment")
        yield event(id="")
        yield event(data=[math.inf, dt.date(2020, 1, 2)], event="")
        yield event()
        yield event(raw_data="")
        yield {"not": "an event"}

    @app.get("/empty", response_class=events)
    async def empty() -> Any:
        nothing: list[int] = []
        for each in nothing:
            yield each

    @app.get("/after", response_class=events)
    async def after(r: Any = web.Depends(watching(record)("r"))) -> Any:
        yield 1

    return app


@EVENTS.program(get("/").gives(200, b""))
def events_that_cannot_be_written(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    for fields in (
        {"id": "a\0b"},
        {"id": "a\nb"},
        {"event": "a\rb"},
        {"retry": -1},
        {"data": 1, "raw_data": "2"},
    ):
        try:
            web.sse.ServerSentEvent(**fields)
        except ValidationError as error:
            record(error.errors()[0]["msg"].replace(" ", "_"))

    @app.get("/", response_class=web.responses.PlainTextResponse)
    def read() -> Any:
        return ""

    return app


@EVENTS.program(get("/").gives(200, b""))
def the_format_of_events(web: Any, record: Any) -> Any:
    app = web.FastAPI()
    write = web.sse.format_sse_event
    for fields in (
        {},
        {"data_str": "a\nb\r\nc\rd\u2028e\n"},
        {"comment": "a\nb", "event": "e", "data_str": "d", "id": "i", "retry": 0},
        {"data_str": ""},
    ):
        record(write(**fields).hex() or "-")
    record(web.sse.KEEPALIVE_COMMENT.hex())

    @app.get("/", response_class=web.responses.PlainTextResponse)
    def read() -> Any:
        return ""

    return app
