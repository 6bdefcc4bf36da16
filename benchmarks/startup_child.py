"""Declares routes, starts the application, asks each route once; in a process of its own.

``python -m benchmarks.startup_child FRAMEWORK TREES ROUTES`` prints JSON: what each phase took in
seconds of processor time, and the memory of the process grown since the beginning, in bytes.
*TREES* is ``own`` (each route has its own thirty levels of dependencies) or ``shared`` (all routes
have the same).
"""

import asyncio
import gc
import importlib
import json
import sys
from pathlib import Path
from time import process_time
from typing import Any

from benchmarks.asgi import Asked, Call

__all__ = ["LEVELS"]

LEVELS = 30


def main() -> None:
    framework_name, trees, routes = sys.argv[1:]
    framework = importlib.import_module(framework_name)
    endpoints = _endpoints(framework, int(routes), shared=trees == "shared")
    print(json.dumps(asyncio.run(_run(framework, endpoints))))


class _Meter:
    """Time and memory since it was made; measuring itself takes no part in the time."""

    def __init__(self) -> None:
        self._memory = _resident()
        self._seconds = 0.0
        self._since = process_time()

    def read(self) -> dict[str, float]:
        self._seconds += process_time() - self._since
        grown = _resident() - self._memory
        self._since = process_time()
        return {"seconds": self._seconds, "bytes": grown}


def _resident() -> float:
    """The memory that the process holds, pydantic's own included; 0 where it cannot be read."""
    gc.collect()
    statistics = Path("/proc/self/statm")
    return int(statistics.read_text().split()[1]) * 4096.0 if statistics.exists() else 0.0


async def _run(framework: Any, endpoints: list[Any]) -> dict[str, dict[str, float]]:
    meter = _Meter()
    app = framework.FastAPI()
    for number, endpoint in enumerate(endpoints):
        app.get(f"/things/{number}")(endpoint)
    lifespan = _Lifespan(app)
    await lifespan.start()
    started = meter.read()
    for number in range(len(endpoints)):
        asked = Asked("GET", f"/things/{number}")
        call = Call(asked)
        await app(asked.asgi_scope(), call.receive, call.send)
        if call.status != 200 or call.content != {"levels": LEVELS}:
            raise RuntimeError(f"answered {call.status} {call.content}")
    asked_all = meter.read()
    await lifespan.stop()
    return {"started": started, "asked": asked_all}


class _Lifespan:
    """Starts and stops an application as a server does."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._to_app: asyncio.Queue[Any] = asyncio.Queue()
        self._from_app: asyncio.Queue[Any] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        self._task = asyncio.create_task(self._app(scope, self._to_app.get, self._from_app.put))
        await self._tell("startup")

    async def stop(self) -> None:
        await self._tell("shutdown")
        if self._task is not None:
            await self._task

    async def _tell(self, phase: str) -> None:
        await self._to_app.put({"type": f"lifespan.{phase}"})
        answer = await self._from_app.get()
        if answer["type"] != f"lifespan.{phase}.complete":
            raise RuntimeError(f"{answer}")


def _endpoints(framework: Any, routes: int, *, shared: bool) -> list[Any]:
    """One endpoint per route; the functions exist before anything is measured."""
    top = _tree(framework)
    return [_endpoint(framework, top if shared else _tree(framework)) for _ in range(routes)]


def _endpoint(framework: Any, top: Any) -> Any:
    async def read_thing(levels: int = framework.Depends(top)):
        return {"levels": levels}

    return read_thing


def _tree(framework: Any) -> Any:
    """Thirty levels: each depends on the one below it and on one leaf."""

    async def leaf(page: int = 1):
        return page

    below = leaf
    for _ in range(LEVELS):
        below = _level(framework, below, leaf)

    async def top(levels: int = framework.Depends(below)):
        return levels - 1

    return top


def _level(framework: Any, below: Any, leaf: Any) -> Any:
    async def level(under: int = framework.Depends(below), one: int = framework.Depends(leaf)):
        return under + one

    return level


if __name__ == "__main__":
    main()
