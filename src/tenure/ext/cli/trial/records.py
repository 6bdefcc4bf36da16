"""What is sent and what comes back, as data that goes from process to process as JSON."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tenure.ext.cli.loading import UsageProblem

__all__ = ["Answer", "Headers", "Request", "answer_of", "as_line", "read_requests", "request_of"]

Headers = Sequence[tuple[str, str]]

_KNOWN = {"method", "path", "headers", "body", "body_base64"}


@dataclass(frozen=True, slots=True)
class Request:
    """One request over HTTP."""

    method: str
    path: str
    """With the query, escaped as it is sent."""
    headers: Headers = ()
    body: bytes = b""

    @property
    def title(self) -> str:
        """``GET /items?limit=3``."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program did with a request."""

    status: int | None
    """None where it did not begin to answer."""
    headers: Headers
    body: bytes
    raised: str | None
    """The class of what came out of the application, as a server would have seen it."""
    is_complete: bool
    """False where it had not ended when the time was over."""
    milliseconds: float
    """How long it took: in the middle, where it was sent several times."""


def request_of(line: Any) -> Request:
    """A request out of JSON; raises ``ValueError`` that says what is wrong with it."""
    if not isinstance(line, Mapping):
        raise ValueError(f"a request is an object, not {line!r}")  # noqa: TRY004 - told, not caught
    unknown = sorted(set(line) - _KNOWN)
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r}; there are {', '.join(sorted(_KNOWN))}")
    path = line.get("path")
    if not isinstance(path, str) or not path.startswith("/"):
        raise ValueError(f'"path" is {path!r}; it is a text that begins with "/"')
    headers = _headers_of(line.get("headers") or {})
    body = line.get("body")
    if "body_base64" in line:
        content = base64.b64decode(line["body_base64"])
    elif body is None or isinstance(body, str):
        content = (body or "").encode()
    else:
        content = json.dumps(body).encode()
        if not any(name.lower() == "content-type" for name, _ in headers):
            headers = [*headers, ("content-type", "application/json")]
    return Request(str(line.get("method", "GET")).upper(), path, headers, content)


def _headers_of(given: Any) -> list[tuple[str, str]]:
    pairs: Iterable[Any] = given.items() if isinstance(given, Mapping) else given
    return [(str(name), str(value)) for name, value in pairs]


def read_requests(file: Path) -> list[Request]:
    """The requests of a file, one JSON object a line; raises ``UsageProblem``."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UsageProblem(f"{file} cannot be read: {error.strerror}") from error
    requests: list[Request] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                requests.append(request_of(json.loads(line)))
            except (ValueError, TypeError) as error:
                raise UsageProblem(f"{file}:{number}: {error}") from error
    return requests


def answer_of(line: Mapping[str, Any]) -> Answer:
    """An answer out of JSON."""
    values = dict(line)
    body = base64.b64decode(values.pop("body_base64"))
    headers = [(name, value) for name, value in values.pop("headers")]
    return Answer(**values, headers=headers, body=body)


def as_line(record: Request | Answer) -> dict[str, Any]:
    """As JSON."""
    values = {name: getattr(record, name) for name in record.__slots__ if name != "body"}
    return {**values, "body_base64": base64.b64encode(record.body).decode()}
