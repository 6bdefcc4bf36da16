"""Where Tenure's time goes: ``python -m benchmarks.profiles [PART OF A NAME]``.

Runs each graph and each request, or those whose name contains the argument, under cProfile by
the processor's clock. It adds about as much to every call as a small function takes, so it says
what is called and how often; what a change brings is for the benchmark to say.
"""

from __future__ import annotations

import asyncio
import cProfile
import pstats
import sys
from collections.abc import Iterator
from time import process_time

from benchmarks import requests
from benchmarks.engines import tenure
from benchmarks.graphs import GRAPHS
from benchmarks.harness import Batch

__all__: list[str] = []

LINES = 25
SECONDS = 0.2


def main() -> None:
    wanted = " ".join(sys.argv[1:])
    asyncio.run(_profile_all(wanted))


async def _profile_all(wanted: str) -> None:
    for name, batch in _works():
        if wanted in name:
            # Each in a task of its own: what it leaves with its task is gone for the next one.
            await asyncio.create_task(_profile(name, batch))


def _works() -> Iterator[tuple[str, Batch]]:
    for name, graph in GRAPHS.items():
        yield f"graph: {name}", tenure.batch_of(graph(requests.forget))
    app = requests.FRAMEWORKS["Tenure"](requests.forget)
    for request in requests.REQUESTS:
        yield f"request: {request.name}", requests.batch_of(app, request.asked)


async def _profile(name: str, batch: Batch) -> None:
    count = await _calibrated(batch)
    profile = cProfile.Profile(process_time)
    profile.enable()
    await batch(count)
    profile.disable()
    statistics = pstats.Stats(profile)
    calls = statistics.total_calls / count
    print(f"\n{name}: {calls:.0f} calls\n{'self us':>9}{'share':>7}{'calls':>7}")
    for function, own, called in _slowest(statistics)[:LINES]:
        share = own / statistics.total_tt
        print(f"{own / count * 1e6:9.2f}{share:7.0%}{called / count:7.1f}  {function}")


async def _calibrated(batch: Batch) -> int:
    """How often the work fits into the time; everything is compiled and warm afterwards."""
    count = 1
    while True:
        began = process_time()
        await batch(count)
        if process_time() - began > SECONDS / 2:
            return count
        count *= 2


def _slowest(statistics: pstats.Stats) -> list[tuple[str, float, int]]:
    """Function, time in itself, times called; the slowest first."""
    rows = []
    for (file, line, name), (_, called, own, _, _) in statistics.stats.items():
        place = "/".join(file.split("/")[-3:])
        rows.append((name if file == "~" else f"{place}:{line} {name}", own, called))
    return sorted(rows, key=lambda row: -row[1])


if __name__ == "__main__":
    main()
