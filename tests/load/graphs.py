"""Random graphs with faults, each cancelled somewhere, on every event loop."""

import random
import time
from collections import Counter

import anyio
import hypothesis
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import BACKENDS
from tests.properties.descriptions import Program, programs
from tests.properties.programs import text_of
from tests.properties.test_cancellation import WAYS, Cancelled, check, may_raise


def survive(count: int, seed: int) -> None:
    """Run *count* graphs, and print how many faults were survived."""
    counts: Counter[str] = Counter()
    started = time.monotonic()

    @hypothesis.seed(seed)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @given(
        program=st.one_of(programs(faults=False), programs()),
        way=st.sampled_from(WAYS),
        place=st.integers(0, 10**6),
        times=st.integers(1, 3),
    )
    def survives(program: Program, way: tuple[str, str], place: int, times: int) -> None:
        name, options = BACKENDS[way[0]]
        hypothesis.note(text_of(program))
        anyio.run(_one, program, way, place, times, counts, backend=name, backend_options=options)
        counts["graphs"] += 1
        if counts["graphs"] % 10_000 == 0:
            print(f"  {counts['graphs']} graphs ...", flush=True)

    random.seed(seed)
    survives()
    faults = counts["failures"] + counts["cancellations"]
    print(
        f"graphs: {counts['graphs']} in {time.monotonic() - started:.0f} s, "
        f"{counts['opened']} opened and closed; {faults} faults survived "
        f"({counts['failures']} failures, {counts['cancellations']} cancellations)"
    )


async def _one(
    program: Program, way: tuple[str, str], place: int, times: int, counts: Counter[str]
) -> None:
    untouched = Cancelled(program, 0, 0)
    await untouched.by_scope()
    runs = [untouched]
    if untouched.world.points:
        cancelled = Cancelled(program, 1 + place % untouched.world.points, times)
        is_by_task = way[1] == "task"
        was_noticed = await (cancelled.by_task() if is_by_task else cancelled.by_scope())
        assert was_noticed or may_raise(program)
        counts["cancellations"] += was_noticed
        runs.append(cancelled)
    for run in runs:
        check(program, run.world.events)
        counts["failures"] += len(run.world.raised)
        counts["opened"] += sum(event == "is left" for _, event, *_ in run.world.events)
