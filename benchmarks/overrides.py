"""What an override costs the requests that it changes, and those that it does not."""

import asyncio
from collections.abc import Callable
from typing import Any

import fastapi

from benchmarks.asgi import Asked, Call
from benchmarks.harness import Contender, Effort, compare
from benchmarks.requests import batch_of
from benchmarks.results import LeftOut, Work
from tenure import web

__all__ = ["ELSEWHERE", "IN_PLACE", "NAME", "WITHOUT", "measure_overrides"]

NAME = "chain of 3 with an override"
WITHOUT = "Tenure, once more"
"""The same as the reference, among the others: what those are compared with."""
IN_PLACE = "Tenure, overridden"
ELSEWHERE = "Tenure, another overridden"

FRAMEWORKS = {"Tenure": web, "FastAPI": fastapi}
ASKED = Asked("GET", "/who", {"x-token": "secret"})


def measure_overrides(effort: Effort) -> list[Work]:
    """The same application without an override, with one that holds, with one that does not."""
    return [asyncio.run(_measure(effort))]


async def _measure(effort: Effort) -> Work:
    contenders: list[Contender] = []
    left_out: list[tuple[str, str]] = []
    for framework, module in FRAMEWORKS.items():
        for situation, prepare in _SITUATIONS.items():
            name = f"{framework}, {situation}"
            if name == "FastAPI, once more":
                continue
            try:
                app = prepare(module)
                await asyncio.create_task(
                    _check(app, "bob" if situation == "overridden" else "ada")
                )
                contenders.append(Contender(name, batch_of(app, ASKED)))
            except LeftOut as error:
                left_out.append((name, str(error)))
    measured = await compare(contenders, effort)
    return Work.of("overrides", NAME, measured, left_out)


async def _find_ada():
    return "ada"


async def _find_bob():
    return "bob"


async def _something_else():
    return None


def _without(framework: Any) -> Any:
    """The override stands for what the endpoint's dependency depends on."""
    app = framework.FastAPI()

    async def open_session(x_token: str = framework.Header(), name=framework.Depends(_find_ada)):
        yield name if x_token else None

    async def find_user(session=framework.Depends(open_session)):
        return session

    @app.get("/who")
    async def who(user=framework.Depends(find_user)):
        return {"name": user}

    @app.get("/other")
    async def other(found=framework.Depends(_something_else)):
        return {"found": found}

    return app


def _overridden(framework: Any) -> Any:
    app = _without(framework)
    app.dependency_overrides[_find_ada] = _find_bob
    return app


def _another(framework: Any) -> Any:
    app = _without(framework)
    app.dependency_overrides[_something_else] = _find_bob
    return app


_SITUATIONS: dict[str, Callable[[Any], Any]] = {
    "no override": _without,
    "once more": _without,
    "overridden": _overridden,
    "another overridden": _another,
}


async def _check(app: Any, expected: str) -> None:
    call = Call(ASKED)
    await app(ASKED.asgi_scope(), call.receive, call.send)
    if call.status != 200 or call.content != {"name": expected}:
        raise LeftOut(f"answered {call.status} {call.content}")
