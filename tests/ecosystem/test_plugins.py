"""Plug-ins from the package index that are written for FastAPI, used on Tenure for real.

Each program runs in two processes, on FastAPI and through the import hook on Tenure, and the
answers have to be the same. What is asserted besides is that they are what the plug-in is for.
"""

import json
import re
import subprocess
import sys
from typing import Any

import pytest

from tenure.ext.cli.trial.records import Answer

from .conftest import PROGRAMS, Try, sent

pytestmark = pytest.mark.once


def body(answer: Answer) -> Any:
    return json.loads(answer.body)


def header(answer: Answer, name: str) -> str | None:
    return dict(answer.headers).get(name)


def test_fastapi_pagination(try_program: Try) -> None:
    first, second, offset, small, by_hand, search, bad, later, document = try_program(
        "paginated.py",
        [
            sent("GET", "/things/"),
            sent("GET", "/things/?page=3&size=20"),
            sent("GET", "/things/inner/offset?limit=2&offset=40"),
            sent("GET", "/small"),
            sent("GET", "/by_hand?size=1"),
            sent("POST", "/search?size=2", ["item 1", "item 2"]),
            sent("GET", "/things/?size=0"),
            sent("GET", "/later?size=1"),
            sent("GET", "/openapi.json"),
        ],
    )
    assert body(first)["total"] == 45
    assert len(body(first)["items"]) == 45
    assert [item["number"] for item in body(second)["items"]] == [40, 41, 42, 43, 44]
    assert [item["number"] for item in body(offset)["items"]] == [40, 41]
    assert len(body(small)["items"]) == 3
    assert body(by_hand) == 1
    assert len(body(search)["items"]) == 2
    assert bad.status == 422
    assert body(later)["total"] == 45
    parameters = body(document)["paths"]["/things/"]["get"]["parameters"]
    assert [each["name"] for each in parameters] == ["page", "size"]


def test_fastapi_users_with_sqlalchemy() -> None:
    program = str(PROGRAMS / "with_users.py")
    (on_fastapi, *expected), (on_tenure, *steps) = (
        json.loads(subprocess.check_output([sys.executable, *how, program], text=True))
        for how in ((), ("-m", "tenure.ext.as_fastapi"))
    )
    assert on_fastapi == "fastapi.applications"
    assert on_tenure == "tenure.web.applications"
    assert _without_chance(steps) == _without_chance(expected)
    statuses = [status for _, status, _ in steps]
    assert statuses == [
        *(201, 400, 422, 400, 200),  # registered, then logged in
        *(401, 200, 200, 200, 403, 200, 200),  # what a user may see
        *(202, 200, 400, 202, 200),  # verified, and another password
        *(204, 401, 204, 200, 204, 401),  # logged out, and again by cookie
        200,
    ]


def _without_chance(steps: list[Any]) -> list[Any]:
    """Without what is made up at random: ids of users and tokens."""
    text = re.sub(r'"(id|access_token)": "[^"]+"', r'"\1": "..."', json.dumps(steps))
    return json.loads(text)


def test_sqladmin(try_program: Try) -> None:
    answers = try_program(
        "administered.py",
        [
            sent("GET", "/health"),
            sent("GET", "/admin/"),
            sent("GET", "/admin/author/list?search=Ur"),
            sent("GET", "/admin/book/details/1"),
            sent("GET", "/admin/author/export/csv"),
            sent(
                "POST",
                "/admin/author/create",
                "name=Octavia",
                content_type="application/x-www-form-urlencoded",
            ),
            sent("GET", "/admin/author/details/2"),
            sent("DELETE", "/admin/book/delete?pks=1"),
            sent("GET", "/admin/book/details/1"),
            sent("GET", "/admin/report"),
            sent("GET", "/admin/statics/css/main.css"),
            sent("GET", "/admin/author/nowhere"),
        ],
        ignored=["last-modified"],
    )
    health, home, listed, book, export, created, author, _, gone, report, *_ = answers
    assert body(health) == "well"
    assert b"Library" in home.body
    assert b"Ursula" in listed.body
    assert b"The Dispossessed" in book.body
    assert export.body.splitlines()[1].startswith(b"1,Ursula")
    assert created.status == 302
    assert b"Octavia" in author.body
    assert gone.status == 404
    assert header(report, "location") == "/health"


def test_strawberry_graphql(try_program: Try) -> None:
    me, log, broken, renamed, bad, page, none, after, two, document = try_program(
        "graphed.py",
        [
            sent("POST", "/graphql", {"query": "{ me }"}, x_user="ann"),
            sent("POST", "/graphql", {"query": "{ events }"}),
            sent("POST", "/graphql", {"query": "{ me broken }"}),
            sent("POST", "/graphql", {"query": 'mutation { rename(name: "new") }'}),
            sent("POST", "/graphql", {"query": "{ nothing }"}),
            sent("GET", "/graphql", accept="text/html"),
            sent("GET", "/graphql"),
            sent("GET", "/after"),
            sent("GET", "/graphql/two?query=%7Bevents%7D"),
            sent("GET", "/openapi.json"),
        ],
    )
    assert body(me) == {"data": {"me": "ann"}}
    assert header(me, "x-greeted") == "ann"
    assert body(log)["data"]["events"] == ["opened", "closed", "opened"]
    assert body(broken)["errors"][0]["message"] == "on purpose"
    assert renamed.status == 202
    assert "errors" in body(bad)
    assert b"<html" in page.body
    assert none.status in (400, 404)
    assert "renamed to new" in body(after)
    assert two.status == 200
    assert "/graphql/two" in body(document)["paths"]


def test_prometheus_fastapi_instrumentator(try_program: Try) -> None:
    *_, exposed = try_program(
        "measured.py",
        [
            sent("GET", "/plain/1"),
            sent("GET", "/plain/2"),
            sent("GET", "/v1/things/a/"),
            sent("GET", "/v1/things/a/parts/b"),
            sent("GET", "/mounted/inside/1"),
            sent("GET", "/nowhere"),
            sent("GET", "/openapi.json"),
            sent("GET", "/metrics"),
        ],
    )
    lines = exposed.body.decode().splitlines()
    counted = {
        line.partition('handler="')[2].partition('"')[0]: line.rpartition(" ")[2]
        for line in lines
        if line.startswith("http_requests_total{")
    }
    assert counted["/plain/{number}"] == "2.0"
    assert counted["/v1/things/{thing}/"] == "1.0"
    assert counted["/v1/things/{thing}/parts/{part}"] == "1.0"
    assert counted["/mounted/inside/{number}"] == "1.0"


def test_slowapi(try_program: Try) -> None:
    paths = ["/decorated"] * 3 + ["/threaded/1"] * 2 + ["/by_default"] * 4 + ["/exempt"] * 4
    answers = try_program(
        "limited.py",
        [
            *(sent("GET", path) for path in [*paths, "/shared/a", "/shared/b"]),
            sent("GET", "/decorated", x_user="another"),
        ],
    )
    assert [each.status for each in answers] == [
        *(200, 200, 429),
        *(200, 429),
        *(200, 200, 200, 429),
        *(200, 200, 200, 200),
        *(200, 429),
        200,
    ]
    assert "Rate limit exceeded" in body(answers[2])["error"]
