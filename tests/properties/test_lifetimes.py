"""Random programs: the generated function, the interpreter and the oracle see the same."""

import asyncio
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
from hypothesis import given, note, settings

from tenure import Container
from tests.conftest import BACKENDS
from tests.properties import oracle
from tests.properties.descriptions import Program, programs
from tests.properties.outcomes import Outcome, observe
from tests.properties.programs import World, load, text_of


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


async def compare(program: Program) -> Outcome:
    note(text_of(program))
    namespace = load(program)
    root = namespace[f"node_{program.root}"]

    async def engine(*, interpreted: bool) -> Outcome:
        namespace["world"] = world = World(program)
        container = Container(interpreted=interpreted)
        return await observe(world, lambda: container.call(root))

    namespace["world"] = world = World(program)
    expected = await observe(world, lambda: oracle.run(program, namespace))
    assert await engine(interpreted=False) == expected
    assert await engine(interpreted=True) == expected
    return expected


def everything_opened_was_left_once(outcome: Outcome, program: Program) -> None:
    """Holds of the outcome alone, whatever the oracle says."""
    opened = [
        label
        for label, event, *_ in outcome.events
        if event == "opens"
        and program.callables[int(label.partition("#")[0])].opens
        and program.callables[int(label.partition("#")[0])].setup != "yields nothing"
    ]
    left = [label for label, event, *_ in outcome.events if event == "is left"]
    assert left == opened[::-1]


@given(program=programs())
@settings(max_examples=2 * settings().max_examples)
def test_engine_and_oracle_agree_on_asyncio(runner: asyncio.Runner, program: Program) -> None:
    outcome = runner.run(compare(program))
    everything_opened_was_left_once(outcome, program)


@pytest.mark.parametrize("backend", [name for name in BACKENDS if name != "asyncio"])
@given(program=programs())
@settings(max_examples=settings().max_examples // 4)
def test_engine_and_oracle_agree_on_other_loops(backend: str, program: Program) -> None:
    name, options = BACKENDS[backend]
    outcome: Any = anyio.run(compare, program, backend=name, backend_options=options)
    everything_opened_was_left_once(outcome, program)


@pytest.mark.parametrize("interpreted", [False, True], ids=["compiled", "interpreted"])
@given(program=programs())
@settings(max_examples=settings().max_examples // 2)
def test_one_call_in_an_open_unit_is_one_unit(
    runner: asyncio.Runner, interpreted: bool, program: Program
) -> None:
    """What is of scope "function" is solved last there, so that only the outcome is the same."""

    async def both() -> tuple[Outcome, Outcome]:
        namespace = load(program)
        root = namespace[f"node_{program.root}"]
        container = Container(interpreted=interpreted)

        async def call() -> Any:
            async with container.scope() as scope:
                return await scope.call(root)

        namespace["world"] = world = World(program)
        seen = await observe(world, call)
        namespace["world"] = world = World(program)
        return seen, await observe(world, lambda: oracle.run(program, namespace))

    note(text_of(program))
    seen, expected = runner.run(both())
    everything_opened_was_left_once(seen, program)
    if all(edge.scope != "function" for part in program.callables for edge in part.edges):
        assert seen == expected
