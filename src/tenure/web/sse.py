"""Server-sent events: what an endpoint yields to a browser's ``EventSource``."""

from __future__ import annotations

from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator
from starlette.responses import StreamingResponse

__all__ = ["KEEPALIVE_COMMENT", "EventSourceResponse", "ServerSentEvent", "format_sse_event"]

KEEPALIVE_COMMENT: Final = b": ping\n\n"
"""What is sent while an endpoint has nothing to say, so that proxies keep the connection."""


class EventSourceResponse(StreamingResponse):
    """Say ``response_class=EventSourceResponse`` to send what an endpoint yields as events.

    What is yielded becomes the data of an event, as JSON; yield a ``ServerSentEvent`` to set
    more than that. While nothing is yielded, a comment every 15 seconds keeps proxies from
    closing the connection.
    """

    media_type = "text/event-stream"


def _one_line(field: str, value: str | None) -> str | None:
    if value is not None and ("\n" in value or "\r" in value):
        msg = f"SSE '{field}' must be a single line"
        raise ValueError(msg)
    return value


def _event_name(value: str | None) -> str | None:
    return _one_line("event", value)


def _event_id(value: str | None) -> str | None:
    if value is not None and "\0" in value:
        raise ValueError("SSE 'id' must not contain null characters")
    return _one_line("id", value)


class ServerSentEvent(BaseModel):
    """One event, field by field; yielded by endpoints that send server-sent events.

    Raises pydantic's ``ValidationError`` for what the format cannot carry.
    """

    data: Any = None
    """Written as JSON, texts too; not together with ``raw_data``."""
    raw_data: str | None = None
    """Written as it is, a line of the format for each of its lines."""
    event: Annotated[str | None, AfterValidator(_event_name)] = None
    """The type that a browser's ``addEventListener`` is given; "message" without it."""
    id: Annotated[str | None, AfterValidator(_event_id)] = None
    """What the browser sends as ``Last-Event-ID`` when it connects again."""
    retry: Annotated[int | None, Field(ge=0)] = None
    """Milliseconds for the browser to wait before it connects again."""
    comment: str | None = None
    """What browsers ignore."""

    @model_validator(mode="after")
    def _has_one_kind_of_data(self) -> Self:
        if self.data is not None and self.raw_data is not None:
            raise ValueError(
                "Cannot set both 'data' and 'raw_data' on the same ServerSentEvent. Use 'data' "
                "for JSON-serialized payloads or 'raw_data' for pre-formatted strings."
            )
        return self


def format_sse_event(
    *,
    data_str: str | None = None,
    event: str | None = None,
    id: str | None = None,
    retry: int | None = None,
    comment: str | None = None,
) -> bytes:
    """One event as bytes, with the empty line that ends it; *data_str* is written as it is."""
    lines: list[str] = []
    if comment is not None:
        lines += [f": {line}" for line in _lines_of(comment)]
    if event is not None:
        lines.append(f"event: {event}")
    if data_str is not None:
        lines += [f"data: {line}" for line in _lines_of(data_str)]
    if id is not None:
        lines.append(f"id: {id}")
    if retry is not None:
        lines.append(f"retry: {retry}")
    return "".join(f"{line}\n" for line in [*lines, ""]).encode()


def _lines_of(text: str) -> list[str]:
    # Only what ends a line of the format: str.splitlines knows more.
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
