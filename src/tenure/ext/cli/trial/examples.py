"""Requests that an OpenAPI document asks for: one with all that is required, one without it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from tenure.ext.cli.trial.records import Request

__all__ = ["example_of", "requests_of"]

Schema = Mapping[str, Any]

_METHODS = ("get", "head", "options", "post", "put", "patch", "delete", "trace")
_DEEPEST = 12
"""How far schemas that contain themselves are followed."""

_FORMATS = {
    "date-time": "2026-01-02T03:04:05Z",
    "date": "2026-01-02",
    "time": "03:04:05Z",
    "duration": "PT1H",
    "uuid": str(uuid.UUID(int=1)),
    "email": "someone@example.com",
    "uri": "https://example.com/",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "binary": "content",
}


def requests_of(document: Schema, methods: Collection[str]) -> list[Request]:
    """The requests for all operations that are answered to one of *methods*, in their order."""
    requests: list[Request] = []
    for path, item in document.get("paths", {}).items():
        for method in _METHODS:
            if method in item and method.upper() in methods:
                operation = {**item[method]}
                shared = item.get("parameters", ())
                operation["parameters"] = [*shared, *operation.get("parameters", ())]
                requests += _Operation(document, path, method.upper(), operation).requests()
    return requests


class _Operation:
    def __init__(self, document: Schema, path: str, method: str, operation: Schema) -> None:
        self._document = document
        self._path = path
        self._method = method
        self._parameters = [resolved(document, each) for each in operation["parameters"]]
        self._body = resolved(document, operation.get("requestBody", {}))

    def requests(self) -> Iterator[Request]:
        """With what is required, and without it where something is."""
        required = [each for each in self._parameters if each.get("required")]
        content_type, body = self._content()
        headers = [("content-type", content_type)] if content_type else []
        yield self._request(required, headers, body)
        in_path = [each for each in required if each["in"] == "path"]
        if len(in_path) < len(required) or self._body.get("required"):
            yield self._request(in_path, [], b"")

    def _request(
        self, parameters: Sequence[Schema], headers: list[tuple[str, str]], body: bytes
    ) -> Request:
        path, query = self._path, list[tuple[str, str]]()
        for parameter in parameters:
            name, values = parameter["name"], self._values(parameter)
            if parameter["in"] == "path":
                path = path.replace("{" + name + "}", quote(values[0], safe=""))
            elif parameter["in"] == "query":
                query += [(name, value) for value in values]
            elif parameter["in"] == "header":
                headers = [*headers, *((name, value) for value in values)]
            else:
                headers = [*headers, ("cookie", f"{name}={values[0]}")]
        return Request(
            self._method, path + (f"?{urlencode(query)}" if query else ""), headers, body
        )

    def _values(self, parameter: Schema) -> list[str]:
        """As texts; several of a list."""
        examples = parameter.get("examples") or {}
        if "example" in parameter:
            value = parameter["example"]
        elif examples:
            value = next(iter(examples.values())).get("value")
        else:
            value = example_of(self._document, parameter.get("schema", {}))
        values = value if isinstance(value, list) else [value]
        return [_as_text(each) for each in values] or [""]

    def _content(self) -> tuple[str, bytes]:
        """The type of the body and the body, nothing where there is none to be sent."""
        kinds = self._body.get("content", {})
        for kind, media in kinds.items():
            schema = media.get("schema", {})
            examples = media.get("examples") or {}
            if "example" in media:
                value = media["example"]
            elif examples:
                value = next(iter(examples.values())).get("value")
            else:
                value = example_of(self._document, schema)
            if kind == "application/x-www-form-urlencoded":
                return kind, urlencode(_pairs(value)).encode()
            if kind == "multipart/form-data":
                return _multipart(value, self._files(schema))
            return kind, json.dumps(value).encode()
        return "", b""

    def _files(self, schema: Schema) -> set[str]:
        properties = resolved(self._document, schema).get("properties", {})
        return {name for name, each in properties.items() if _is_file(each)}


def resolved(document: Schema, schema: Schema) -> Schema:
    """What a ``$ref`` inside of the document stands for."""
    for _ in range(_DEEPEST):
        reference = schema.get("$ref") if schema else None
        if not isinstance(reference, str) or not reference.startswith("#/"):
            break
        found: Any = document
        for part in reference[2:].split("/"):
            found = found.get(part.replace("~1", "/").replace("~0", "~"), {})
        schema = found
    return schema


def example_of(document: Schema, schema: Schema, depth: int = 0) -> Any:
    """A small value that *schema* should accept; patterns are not looked at."""
    schema = resolved(document, schema)
    if not schema or depth > _DEEPEST:
        return None
    for given in (schema.get("examples"), schema.get("enum")):
        if isinstance(given, list) and given:
            return given[0]
    for word in ("example", "const", "default"):
        if word in schema:
            return schema[word]
    for word in ("anyOf", "oneOf"):
        if schema.get(word):
            return example_of(document, schema[word][0], depth + 1)
    if schema.get("allOf"):
        parts = [example_of(document, each, depth + 1) for each in schema["allOf"]]
        if not all(isinstance(each, dict) for each in parts):
            return parts[0]
        return {name: value for each in parts for name, value in each.items()}
    return _of_type(document, schema, depth)


def _of_type(document: Schema, schema: Schema, depth: int) -> Any:
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    if kind == "object" or "properties" in schema:
        return {
            name: example_of(document, each, depth + 1)
            for name, each in schema.get("properties", {}).items()
            if name in schema.get("required", ())
        }
    if kind == "array":
        fixed = schema.get("prefixItems")
        items = fixed or [schema.get("items", {})] * max(1, schema.get("minItems", 1))
        return [example_of(document, each, depth + 1) for each in items]
    if kind in ("integer", "number"):
        return _number(schema, is_whole=kind == "integer")
    return {"boolean": True, "string": _text(schema)}.get(str(kind))


def _number(schema: Schema, *, is_whole: bool) -> float:
    step: float = schema.get("multipleOf") or (1 if is_whole else 0.5)
    least: float
    most: float
    if "minimum" in schema:
        least = schema["minimum"]
        return max(1, least) if step == 1 else least
    if "exclusiveMinimum" in schema:
        least = schema["exclusiveMinimum"]
        return least + step
    most = schema.get("maximum", schema.get("exclusiveMaximum", step + 1) - step)
    return min(step, most)


def _text(schema: Schema) -> str:
    text = _FORMATS.get(schema.get("format", ""), "text")
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength")
    return text.ljust(shortest, "x")[:longest]


def _as_text(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    return json.dumps(value) if isinstance(value, dict) else str(value)


def _pairs(value: Any) -> list[tuple[str, str]]:
    fields = value if isinstance(value, dict) else {}
    return [
        (name, _as_text(each))
        for name, given in fields.items()
        for each in (given if isinstance(given, list) else [given])
    ]


def _is_file(schema: Schema) -> bool:
    items = schema.get("items", {})
    return any(
        "contentMediaType" in each or each.get("format") == "binary" for each in (schema, items)
    )


def _multipart(value: Any, files: Collection[str]) -> tuple[str, bytes]:
    boundary = "tenure-try"
    parts: list[str] = []
    for name, text in _pairs(value):
        file = '; filename="file.txt"\r\nContent-Type: text/plain' if name in files else ""
        head = f'Content-Disposition: form-data; name="{name}"{file}'
        parts.append(f"--{boundary}\r\n{head}\r\n\r\n{text}\r\n")
    return (
        f"multipart/form-data; boundary={boundary}",
        ("".join(parts) + f"--{boundary}--\r\n").encode(),
    )
