"""What ``tenure try`` says: as text, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from tenure.ext.cli.trial.comparing import Comparison, Difference
from tenure.ext.cli.trial.records import Answer

__all__ = ["as_json", "as_text"]

_LONGEST_TITLE = 60


def as_text(comparisons: Sequence[Comparison]) -> str:
    """A line for each request, below it what differs, and the sum."""
    return "\n".join(_lines(comparisons)) + "\n"


def _lines(comparisons: Sequence[Comparison]) -> Iterator[str]:
    titles = [_short(each.request.title) for each in comparisons]
    width = max(map(len, titles), default=0)
    for title, each in zip(titles, comparisons, strict=True):
        mark = "✗" if each.differences else "✓"
        status = each.fastapi.status if each.fastapi.status is not None else "none"
        yield (
            f"{mark} {title:<{width}}  {status}  "
            f"fastapi {_time(each.fastapi)}  tenure {_time(each.tenure)}"
        )
        for difference in each.differences:
            yield f"    {_told(difference)}"
        for difference in each.unstable:
            yield f"    not counted, FastAPI's own answers differ: {difference.what}"
    yield _sum(comparisons)


def _told(difference: Difference) -> str:
    return f"{difference.what}: fastapi {difference.fastapi}, tenure {difference.tenure}"


def _time(answer: Answer) -> str:
    return f"{answer.milliseconds:8.2f} ms"


def _short(title: str) -> str:
    return title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1] + "…"


def _sum(comparisons: Sequence[Comparison]) -> str:
    count = len(comparisons)
    differing = sum(bool(each.differences) for each in comparisons)
    requests = f"{count} request{'s' if count != 1 else ''}"
    if not differing:
        return f"{requests}: all answers are the same"
    return f"{requests}: {differing} answer{'s differ' if differing > 1 else ' differs'}"


def as_json(comparisons: Sequence[Comparison]) -> str:
    """One object: the requests with both answers, and whether all are the same."""
    document = {
        "same": not any(each.differences for each in comparisons),
        "requests": [
            {
                "method": each.request.method,
                "path": each.request.path,
                "fastapi": _answer(each.fastapi),
                "tenure": _answer(each.tenure),
                "differences": [_difference(one) for one in each.differences],
                "unstable": [_difference(one) for one in each.unstable],
            }
            for each in comparisons
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _answer(answer: Answer) -> dict[str, Any]:
    return {"status": answer.status, "milliseconds": answer.milliseconds}


def _difference(difference: Difference) -> dict[str, str]:
    return {
        "what": difference.what,
        "fastapi": difference.fastapi,
        "tenure": difference.tenure,
    }
