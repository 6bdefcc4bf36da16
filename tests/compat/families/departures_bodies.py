"""Departures for bodies that are hostile: what they say cannot be said back."""

import sys
from typing import Any

from ..case import Family, get, post

HOSTILE = Family("departures_bodies")

JSON_TYPE = {"content-type": "application/json"}
NO_STRING = {"type": "string_type", "loc": ["body"], "msg": "Input should be a valid string"}


# Python 3.11 does not parse what is nested too deep to be written.
DEEP = [
    post("/", body=b'{"a":' * 1000 + b"1" + b"}" * 1000, headers=JSON_TYPE, name="too_deep")
    .gives(500, error="RecursionError")
    .but(422, {"detail": [NO_STRING]})
]


@HOSTILE.program(
    post("/", body=b'["\\ud800"]', headers=JSON_TYPE, name="half_a_character")
    .gives(500, error="UnicodeEncodeError")
    .but(422, {"detail": [NO_STRING]}),
    post("/", body=b"NaN", headers=JSON_TYPE, name="nan")
    .gives(500, error="ValueError")
    .but(422, {"detail": [NO_STRING]}),
    post("/bytes", body=b"NaN", headers=JSON_TYPE, name="nan_for_bytes")
    .gives(500, error="ValueError")
    .but(422),
    post("/bytes", body=b"\xff\xfe", name="not_text")
    .gives(500, error="UnicodeDecodeError")
    .but(422),
    *(DEEP if sys.version_info >= (3, 12) else []),
    section="issue 4",
)
def input_that_cannot_be_written(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.post("/")
    async def read(value: str = web.Body()) -> Any:
        return value

    @app.post("/bytes")
    async def read_bytes(value: dict[str, bytes] = web.Body()) -> Any: ...

    return app


@HOSTILE.program(
    post("/plain", body=b'["\\ud800"]', headers=JSON_TYPE, name="plain")
    .gives(500, error="UnicodeEncodeError")
    .but(200, ["\ud800"]),
    post("/model", body=b'["\\ud800"]', headers=JSON_TYPE, name="model")
    .gives(500, error="PydanticSerializationError")
    .but(200, ["\ud800"]),
    section="issue 4",
)
def half_a_character_that_is_sent_back(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.post("/plain", response_model=None)
    @app.post("/model", response_model=list[str])
    async def read(value: Any = web.Body()) -> Any:
        return value

    return app


@HOSTILE.program(
    get("/items?q=\udcd9", name="of_a_path")
    .gives(500, error="UnicodeDecodeError")
    .but(307, headers={"location": "http://test.example/items/?q=%D9"}),
    section="issue 4",
)
def a_redirect_whose_query_is_no_text(web: Any, record: Any) -> Any:
    app = web.FastAPI()

    @app.get("/items/")
    async def read() -> Any: ...

    return app
