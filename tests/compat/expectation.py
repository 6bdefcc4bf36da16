"""What a case says about an answer, checked apart from the comparison of the two frameworks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .answer import Answer

UNSTATED: Any = object()


@dataclass(frozen=True)
class Expectation:
    """A partial description of an answer: whatever is not stated is not checked.

    `status`, `content` and `headers` are those of the last connection. `content` is the decoded
    JSON body, or bytes for the body as it is, or for a WebSocket the list of what was sent
    (`("accept",)`, `("text", "hi")`, `("close", 1000, "")`).
    """

    status: int | None = None
    content: Any = UNSTATED
    order: str | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict)
    error: str | None = UNSTATED
    refused: str | None = None
    warnings: tuple[str, ...] = UNSTATED
    complaint: str | None = None
    """Words that the text of a refusal must hold."""

    def faults(self, answer: Answer) -> list[str]:
        """Where the answer is not as stated, one sentence each."""
        if answer.refused != self.refused:
            return [f"refused: {answer.refused} ({answer.complaint}), not {self.refused}"]
        facts: dict[str, tuple[Any, Any]] = {}
        if self.order is not None:
            facts["order"] = (answer.timeline, self.order)
        if self.warnings is not UNSTATED:
            facts["warnings"] = (answer.warnings, self.warnings)
        if answer.exchanges:
            facts.update(self._facts_of_connection(answer))
        if self.complaint is not None and self.complaint not in answer.complaint:
            facts["complaint"] = (answer.complaint, f"... {self.complaint} ...")
        return [
            f"{name}:\n    {found!r}\nnot {stated!r}"
            for name, (found, stated) in facts.items()
            if found != stated
        ]

    def _facts_of_connection(self, answer: Answer) -> dict[str, tuple[Any, Any]]:
        last = answer.exchanges[-1]
        facts: dict[str, tuple[Any, Any]] = {}
        start = next((m for m in last.messages if m["type"].endswith(".start")), {})
        if self.status is not None:
            facts["status"] = (start.get("status"), self.status)
        if self.content is not UNSTATED:
            facts["content"] = (_content(last.messages, self.content), self.content)
        found = [(n.decode(), v.decode()) for n, v in start.get("headers", [])]
        for name, value in self.headers.items():
            values = ", ".join(v for n, v in found if n == name)
            facts[f"header {name}"] = (values or None, value)
        # An error nobody mentioned is a fault of the case itself.
        error = None if self.error is UNSTATED else self.error
        kind = last.error and last.error.partition("(")[0]
        facts["error"] = (last.error if error and "(" in error else kind, error)
        return facts


def _content(messages: list[dict[str, Any]], stated: Any) -> Any:
    if messages and messages[0]["type"] in ("websocket.accept", "websocket.close"):
        return [_frame(message) for message in messages]
    body = b"".join(m["body"] for m in messages if m["type"].endswith(".body"))
    return body if isinstance(stated, bytes) or not body else json.loads(body)


def _frame(message: dict[str, Any]) -> tuple[Any, ...]:
    kind = message["type"].removeprefix("websocket.")
    if kind == "send":
        return ("text", message["text"]) if "text" in message else ("bytes", message["bytes"])
    if kind == "close":
        return ("close", message.get("code"), message.get("reason"))
    return (kind,)
