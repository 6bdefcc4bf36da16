"""One of the two processes of ``tenure try``: loads the program and sends it the requests.

``python -m tenure.ext.cli.trial.worker``, with what to do as JSON on standard input. The answers
are written to a file: the program may print what it likes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import anyio

from tenure.errors import GraphError
from tenure.ext.cli.loading import ImportFailed, UsageProblem, find_target, load
from tenure.ext.cli.trial.calling import LifespanFailed, send_all
from tenure.ext.cli.trial.examples import requests_of
from tenure.ext.cli.trial.records import Request, as_line, request_of

__all__: list[str] = []


def _work(task: dict[str, Any]) -> dict[str, Any]:
    if task["on"] == "tenure":
        from tenure.ext import as_fastapi

        as_fastapi.install()
    app = load(find_target(task["app"]), is_factory=task["is_factory"]).app
    if task["requests"] is None:
        requests = _documented(app, task)
    else:
        requests = [request_of(line) for line in task["requests"]]

    async def send() -> Any:
        return await send_all(app, requests, repeat=task["repeat"], seconds=task["seconds"])

    answers = anyio.run(send)
    return {
        "requests": [as_line(each) for each in requests],
        "answers": [as_line(each) for each in answers],
    }


def _documented(app: Any, task: dict[str, Any]) -> list[Request]:
    if not hasattr(app, "openapi"):
        raise UsageProblem(
            f"{task['app']} is of type {type(app).__name__}, which has no OpenAPI document: "
            "record requests, and name their file with --requests"
        )
    requests = requests_of(app.openapi(), task["methods"])
    if getattr(app, "openapi_url", None) and "GET" in task["methods"]:
        requests.insert(0, Request("GET", app.openapi_url))
    added = [(name, value) for name, value in task["headers"]]
    return [
        Request(each.method, each.path, [*each.headers, *added], each.body) for each in requests
    ]


def _main() -> None:
    task = json.load(sys.stdin)
    try:
        result = _work(task)
    except UsageProblem as problem:
        result = {"problem": str(problem), "status": 2}
    except (ImportFailed, GraphError, LifespanFailed) as failure:
        result = {"problem": str(failure), "status": 1}
    Path(task["results"]).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    _main()
