"""What a trip to a worker thread costs: ``python -m benchmarks.hops``.

Prints the time of one trip there and back by the clock on the wall and by the processor's, and
the ratio to anyio's own, all interleaved. Each way calls the same function, which does nothing.
"""

from __future__ import annotations

import asyncio
from typing import Any

from anyio.to_thread import run_sync

from benchmarks.harness import Contender, Effort, compare, repeat
from tenure import Container

__all__: list[str] = []

EFFORT = Effort(rounds=41, slice_seconds=0.012)
REFERENCE = "anyio.to_thread.run_sync"


def main() -> None:
    measured = asyncio.run(compare(_contenders(), EFFORT))
    print(f"{'':36}{'processor':>14}{'ratio':>8}{'wall':>14}{'ratio':>8}")
    for name, processor in measured.processor.series.items():
        columns = [
            f"{each.amount * 1e6:11.1f} us{each.ratio:8.2f}"
            for each in (processor, measured.wall[name])
        ]
        print(f"{name:36}{''.join(columns)}")


def _contenders() -> list[Contender]:
    container = Container()

    def work() -> None:
        """Nothing: what remains is the trip."""

    async def by_executor() -> Any:
        return await asyncio.get_running_loop().run_in_executor(None, work)

    return [
        Contender(REFERENCE, repeat(lambda: run_sync(work))),
        Contender("loop.run_in_executor", repeat(by_executor)),
        Contender("a unit of work of Tenure", repeat(lambda: container.call(work))),
    ]


if __name__ == "__main__":
    main()
