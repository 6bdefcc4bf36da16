"""Random graphs with faults, each cancelled somewhere, on every event loop.

Graph number N of a seed is the same on every machine, whatever else is run: `--first N --count 1`
runs it again.
"""

import asyncio
import faulthandler
import gc
import multiprocessing
import os
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import anyio

from tenure import Container
from tests.conftest import BACKENDS
from tests.properties import oracle
from tests.properties.cancellers import runs_on_trio
from tests.properties.descriptions import Program, Seeded, make_program
from tests.properties.outcomes import observe
from tests.properties.programs import World, load, text_of
from tests.properties.test_cancellation import WAYS, Cancelled, check, may_raise

BATCH = 100
"""Graphs that share one event loop, one after the other."""
PROGRESS = 10_000
"""Graphs after which a line is printed."""
PATIENCE = 300
"""Seconds after which one batch hangs: it says where every thread is, and ends the run."""

Batch = tuple[int, range]


def survive(count: int, seed: int, first: int = 0) -> bool:
    """Run *count* graphs on all processors, and print how many faults were survived; whether all.

    What fails is printed with its program; the other graphs are run all the same.
    """
    started = time.monotonic()
    counts: Counter[str] = Counter()
    failed: list[str] = []
    batches = list(_batches(seed, range(first, first + count)))
    processes = min(os.cpu_count() or 1, len(batches))
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for done, failures in pool.imap_unordered(run_batch, batches):
            before = counts["graphs"] // PROGRESS
            counts.update(done)
            failed += failures
            print(*failures, sep="\n", end="", flush=True)
            if counts["graphs"] // PROGRESS > before:
                passed = time.monotonic() - started
                print(f"  {counts['graphs']} graphs, {passed:.0f} s ...", flush=True)
    faults = counts["failures"] + counts["cancellations"]
    print(
        f"graphs: {counts['graphs']} in {time.monotonic() - started:.0f} s, seed {seed}, "
        f"{counts['opened']} opened and closed; {faults} faults survived "
        f"({counts['failures']} failures, {counts['cancellations']} cancellations); "
        f"{len(failed)} graphs failed"
    )
    return not failed


def _batches(seed: int, numbers: range) -> Iterator[Batch]:
    start = numbers.start
    while start < numbers.stop:
        end = min(start - start % BATCH + BATCH, numbers.stop)
        yield seed, range(start, end)
        start = end


def run_batch(batch: Batch) -> tuple[Counter[str], list[str]]:
    """Graphs of neighbouring numbers, in one event loop that is left as it was.

    Counts what happened, and describes what failed.
    """
    seed, numbers = batch
    backend, way = WAYS[numbers[0] // BATCH % len(WAYS)]
    name, options = BACKENDS[backend]
    counts: Counter[str] = Counter()
    failed: list[str] = []

    async def run() -> None:
        for number in numbers:
            try:
                await _one(*graph(seed, number), way, counts)
                assert unraisable == [], unraisable
            except (Exception, BaseExceptionGroup) as error:
                failed.append(_description(seed, number, f"{backend}, {way}", error))
            unraisable.clear()
        if not runs_on_trio():
            assert asyncio.all_tasks() == {asyncio.current_task()}

    faulthandler.dump_traceback_later(PATIENCE, exit=True)
    with warnings.catch_warnings(), _unraisable() as unraisable:
        warnings.simplefilter("error")
        anyio.run(run, backend=name, backend_options=options)
        gc.collect()
        if unraisable or gc.garbage:
            failed.append(f"graphs {numbers} of seed {seed}: {unraisable}, {gc.garbage}\n")
    faulthandler.cancel_dump_traceback_later()
    return counts, failed


def _description(seed: int, number: int, where: str, error: BaseException) -> str:
    program, place, times = graph(seed, number)
    return (
        f"graph {number} of seed {seed} ({where}), cancelled {times} times at point {place} "
        f"modulo the number of points:\n{text_of(program)}\n"
        + "".join(traceback.format_exception(error))
    )


@contextmanager
def _unraisable() -> Iterator[list[str]]:
    """What nobody can be told of: warnings of generators that were left open, above all."""
    seen: list[str] = []
    before = sys.unraisablehook
    sys.unraisablehook = lambda what: seen.append(f"{what.object!r}: {what.exc_value!r}")
    try:
        yield seen
    finally:
        sys.unraisablehook = before


def graph(seed: int, number: int) -> tuple[Program, int, int]:
    """A graph, where it is cancelled, and how often."""
    random = Random(f"{seed}/{number}")
    program = make_program(Seeded(random), faults=random.random() < 0.5)
    return program, random.randrange(10**6), random.randint(1, 3)


async def _one(program: Program, place: int, times: int, way: str, counts: Counter[str]) -> None:
    namespace = load(program)
    try:
        for world in await _worlds(program, namespace, way, place, times, counts):
            check(program, world.events)
            counts["failures"] += len(world.raised)
            counts["opened"] += sum(event == "is left" for _, event, *_ in world.events)
    finally:
        namespace.clear()  # else its functions keep each other alive
    counts["graphs"] += 1


async def _worlds(
    program: Program,
    namespace: dict[str, Any],
    way: str,
    place: int,
    times: int,
    counts: Counter[str],
) -> list[World]:
    """Run it untouched, as the oracle says, and then cancelled; what was seen of both."""
    root = namespace[f"node_{program.root}"]
    namespace["world"] = world = World(program)
    expected = await observe(world, lambda: oracle.run(program, namespace))
    namespace["world"] = world = World(program)
    assert await observe(world, lambda: Container().call(root)) == expected
    if not world.points:
        return [world]
    cancelled = Cancelled(program, 1 + place % world.points, times, namespace)
    was_noticed = await (cancelled.by_task() if way == "task" else cancelled.by_scope())
    assert was_noticed or may_raise(program)
    counts["cancellations"] += was_noticed
    return [world, cancelled.world]
