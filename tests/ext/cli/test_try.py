"""`tenure try`: the same requests to a program on both frameworks."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tenure.ext.cli.trial.comparing import compare
from tenure.ext.cli.trial.examples import example_of, requests_of
from tenure.ext.cli.trial.records import Answer

from .conftest import Outcome

pytestmark = pytest.mark.once

PROGRAM = """
import os, time
from fastapi import FastAPI
from pydantic import BaseModel, Field

class Item(BaseModel):
    name: str = Field(min_length=6)
    amount: int = Field(gt=3)

app = FastAPI()

@app.get("/same/{number}")
def same(number: int) -> int:
    return number

@app.post("/items")
def create(item: Item) -> Item:
    return item

@app.get("/clock")
def clock() -> float:
    return time.time()
"""
DIFFERENT = """
@app.get("/different")
def different():
    return {"on": os.environ["TENURE_TRY"]}
"""


def test_a_program_that_answers_the_same(
    write: Callable[..., Path], tenure: Callable[..., Outcome]
) -> None:
    outcome = tenure("try", write(PROGRAM, head=""), "--repeat", 1)
    assert outcome.status == 0, outcome
    assert "not counted, FastAPI's own answers differ: body $" in outcome.out
    found = re.findall(r"POST /items +(\d+)", outcome.out)
    assert found == ["200", "422"]
    assert "GET /same/1" in outcome.out
    assert outcome.out.endswith("5 requests: all answers are the same\n")


def test_differences_of_recorded_requests(
    write: Callable[..., Path], tenure: Callable[..., Outcome], tmp_path: Path
) -> None:
    recorded = tmp_path / "requests.jsonl"
    item = {"name": "a hammer", "amount": 4}
    lines = [{"path": "/different"}, {"method": "POST", "path": "/items", "body": item}]
    recorded.write_text("\n".join(json.dumps(line) for line in lines))
    program = write(PROGRAM + DIFFERENT, head="")
    outcome = tenure("try", program, "--requests", recorded, "--format", "json", "--repeat", 0)
    assert outcome.status == 1, outcome
    told = json.loads(outcome.out)
    assert told["same"] is False
    first, second = told["requests"]
    assert first["differences"] == [
        {"what": "body $.on", "fastapi": '"fastapi"', "tenure": '"tenure"'}
    ]
    assert (second["fastapi"]["status"], second["differences"]) == (200, [])


def test_what_cannot_be_tried(
    write: Callable[..., Path], tenure: Callable[..., Outcome], tmp_path: Path
) -> None:
    recorded = tmp_path / "requests.jsonl"
    recorded.write_text('{"path": "/"}\n{"pfad": "/"}')
    outcome = tenure("try", "main.py", "--requests", recorded)
    assert outcome.status == 2
    assert "requests.jsonl:2: unknown key 'pfad'" in outcome.err
    assert "write NAME:VALUE" in tenure("try", "main.py", "--header", "x").err
    assert "FETCH is no method" in tenure("try", "main.py", "--method", "fetch").err
    outcome = tenure("try", write("raise ValueError('no')", head=""))
    assert outcome.status == 1
    assert "on fastapi: " in outcome.err
    assert "ValueError: no" in outcome.err


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "minLength": 6}, "textxx"),
        ({"type": "string", "format": "date"}, "2026-01-02"),
        ({"type": "integer", "exclusiveMinimum": 3}, 4),
        ({"type": "number", "maximum": 0.25}, 0.25),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 2}, [True, True]),
        ({"anyOf": [{"type": "null"}, {"type": "string"}]}, None),
        ({"enum": ["a", "b"]}, "a"),
        ({"$ref": "#/components/schemas/Node"}, {"name": "text"}),
        ({"allOf": [{"$ref": "#/components/schemas/Node"}]}, {"name": "text"}),
    ],
)
def test_example_values(schema: dict, value: object) -> None:
    properties = {"name": {"type": "string"}, "next": {"$ref": "#/components/schemas/Node"}}
    node = {"type": "object", "properties": properties, "required": ["name"]}
    assert example_of({"components": {"schemas": {"Node": node}}}, schema) == value


def test_requests_of_a_document() -> None:
    number = {"schema": {"type": "integer"}, "required": True}
    form = {"schema": {"properties": {"a": {"type": "string"}}, "required": ["a"]}}
    document = {
        "paths": {
            "/{id}": {
                "get": {
                    "parameters": [
                        {"in": "path", "name": "id", **number},
                        {"in": "query", "name": "q", **number},
                        {"in": "header", "name": "x-h", **number},
                        {"in": "query", "name": "left_out", "schema": {"type": "integer"}},
                    ]
                },
                "post": {"requestBody": {"content": {"application/x-www-form-urlencoded": form}}},
            }
        }
    }
    full, bare = requests_of(document, ["GET"])
    assert (full.title, full.headers) == ("GET /1?q=1", [("x-h", "1")])
    assert (bare.title, bare.headers) == ("GET /1", [])
    (posted,) = requests_of(document, ["POST"])
    assert posted.body == b"a=text"


def test_what_counts_as_a_difference() -> None:
    def answer(body: bytes, **headers: str) -> Answer:
        return Answer(200, list(headers.items()), body, None, True, 1.0)

    assert compare(answer(b"1", date="a"), answer(b"1", date="b")) == ()
    assert compare(answer(b"1", etag="a"), answer(b"1", etag="b"), ["ETag"]) == ()
    (one,) = compare(answer(b"1", x="a"), answer(b"1"))
    assert (one.what, one.fastapi, one.tenure) == ("header x", "a", "none")
    (one,) = compare(answer(b'{"a": [1, {"b": 2}]}'), answer(b'{"a": [1, {"b": "2"}]}'))
    assert (one.what, one.fastapi, one.tenure) == ("body $.a[1].b", "2", '"2"')
    (one,) = compare(answer(b"[1]"), answer(b"[1 ]"))
    assert one.what == "body as it is written"
