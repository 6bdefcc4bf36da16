"""What lies between the server and the endpoint: ``python -m benchmarks.frames``.

Prints, for Tenure, Starlette and FastAPI, the Python frames that are on the stack while an
endpoint runs, and how many Python and C functions a request calls in all.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from types import FrameType
from typing import Any

from benchmarks.asgi import Call
from benchmarks.requests import CHAIN, FRAMEWORKS, REFERENCE, forget

__all__: list[str] = []

SHOWN = ("Tenure", REFERENCE, "FastAPI")


def main() -> None:
    for name in SHOWN:
        stack = asyncio.run(_stack(name))
        calls = asyncio.run(_calls(name))
        print(
            f"\n{name}: {len(stack)} frames, {calls['call']} Python and {calls['c_call']} C calls"
        )
        for frame in stack:
            print(f"  {frame}")


async def _stack(name: str) -> list[str]:
    """The frames at the endpoint, the outermost first, without the benchmark's own."""
    seen: list[str] = []

    def note(event: str) -> None:
        if event == "endpoint":
            # This function and the endpoint itself are not between server and endpoint.
            seen.extend(_described(sys._getframe(2)))

    await _ask(FRAMEWORKS[name](note))
    return seen[::-1]


def _described(frame: FrameType | None) -> list[str]:
    described = []
    while frame is not None and frame.f_code is not _ask.__code__:
        module = frame.f_globals.get("__name__", "a plan of Tenure")
        described.append(f"{module}.{frame.f_code.co_qualname}")
        frame = frame.f_back
    return described


async def _calls(name: str) -> Counter[str]:
    """How often which kind of function is called by one request, once everything is warm."""
    app = FRAMEWORKS[name](forget)
    await _ask(app)
    counted: Counter[str] = Counter()

    def count(_frame: FrameType, event: str, _argument: Any) -> None:
        counted[event] += 1

    sys.setprofile(count)
    try:
        await _ask(app)
    finally:
        sys.setprofile(None)
    return counted


async def _ask(app: Any) -> None:
    call = Call(CHAIN.asked)
    await app(CHAIN.asked.asgi_scope(), call.receive, call.send)


if __name__ == "__main__":
    main()
