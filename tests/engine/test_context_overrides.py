"""``container.override``: in one context, nested, undone; a warning if nothing matched."""

import functools
import threading
from collections.abc import AsyncIterator
from typing import Annotated

import anyio
import pytest

from tenure import Container, Depends, GraphError, TenureWarning

events: list[str] = []


@pytest.fixture(autouse=True)
def no_events() -> None:
    events.clear()


async def get_name() -> str:
    return "real"


async def get_db(name: Annotated[str, Depends(get_name)]) -> AsyncIterator[str]:
    yield f"{name} db"


async def main(db: Annotated[str, Depends(get_db)]) -> str:
    return db


async def fake_db(name: Annotated[str, Depends(get_name)]) -> AsyncIterator[str]:
    events.append("fake opens")
    yield f"fake of {name}"
    events.append("fake closes")


async def test_it_holds_in_the_block_and_is_undone(container: Container) -> None:
    assert await container.call(main) == "real db"
    with container.override({get_db: fake_db}):
        assert await container.call(main) == "fake of real"
    assert await container.call(main) == "real db"
    assert events == ["fake opens", "fake closes"]


async def test_it_is_undone_after_an_error(container: Container) -> None:
    with pytest.raises(LookupError), container.override({get_db: fake_db}):
        raise LookupError
    assert await container.call(main) == "real db"


async def test_inner_blocks_add_to_outer_ones(container: Container) -> None:
    with container.override({get_db: fake_db}):
        with container.override({get_name: lambda: "inner"}):
            assert await container.call(main) == "fake of inner"
        with container.override({get_db: lambda: "other"}):
            assert await container.call(main) == "other"
        assert await container.call(main) == "fake of real"


async def test_other_tasks_do_not_see_it(container: Container) -> None:
    entered, done = anyio.Event(), anyio.Event()
    results: list[str] = []

    async def overriding() -> None:
        with container.override({get_db: fake_db}):
            entered.set()
            results.append(await container.call(main))
            await done.wait()

    async def other() -> None:
        await entered.wait()
        results.append(await container.call(main))
        done.set()

    async with anyio.create_task_group() as group:
        group.start_soon(overriding)
        group.start_soon(other)
    assert sorted(results) == ["fake of real", "real db"]


async def test_tasks_that_it_starts_see_it(container: Container) -> None:
    results: list[str] = []

    async def child() -> None:
        results.append(await container.call(main))

    with container.override({get_db: fake_db}):
        async with anyio.create_task_group() as group:
            group.start_soon(child)
    assert results == ["fake of real"]


def test_threads_do_not_see_it_and_runs_do(container: Container) -> None:
    results: list[str] = []
    with container.override({get_db: fake_db}):
        thread = threading.Thread(target=lambda: results.append(container.run(main)))
        thread.start()
        thread.join(10)
        results.append(container.run(main))
    assert results == ["real db", "fake of real"]


async def test_other_containers_do_not_see_it(container: Container) -> None:
    other = Container()
    with container.override({get_db: fake_db}):
        assert await container.call(main) == "fake of real"
        assert await other.call(main) == "real db"


class Checker:
    def __init__(self, word: str) -> None:
        self.word = word

    async def __call__(self) -> str:
        return self.word


CHECKER_A, CHECKER_B = Checker("a"), Checker("b")


async def check(
    a: Annotated[str, Depends(CHECKER_A)],
    b: Annotated[str, Depends(CHECKER_B)],
) -> str:
    return a + b


async def test_a_class_stands_for_its_instances(container: Container) -> None:
    with container.override({Checker: lambda: "x"}):
        assert await container.call(check) == "xx"
        with container.override({CHECKER_B: lambda: "y"}):
            assert await container.call(check) == "xy"
    assert await container.call(check) == "ab"


async def get_part(size: int) -> int:
    return size


async def test_a_function_stands_for_partials_of_it(container: Container) -> None:
    async def uses(part: Annotated[int, Depends(functools.partial(get_part, size=3))]) -> int:
        return part

    with container.override({get_part: lambda: 7}):
        assert await container.call(uses) == 7
    assert await container.call(uses) == 3


async def test_one_that_matched_nothing_warns_at_the_end(container: Container) -> None:
    with pytest.warns(TenureWarning, match=r"The override of get_part \(.*\) matched nothing"):
        with container.override({get_part: lambda: 7}):
            await container.call(main)


async def test_the_same_override_again_is_not_taken_for_unused(container: Container) -> None:
    for _ in range(2):
        with container.override({get_db: fake_db}):
            await container.call(main)


async def test_one_that_an_inner_block_hides_warns(container: Container) -> None:
    with pytest.warns(TenureWarning, match="get_db"), container.override({get_db: fake_db}):
        with container.override({get_db: lambda: "inner"}):
            assert await container.call(main) == "inner"


def test_what_cannot_be_called_is_refused() -> None:
    with pytest.raises(GraphError, match=r"(?s)override of get_db is 'fake'.*lambda: value"):
        with Container().override({get_db: "fake"}):  # type: ignore[dict-item]
            pytest.fail("entered")


async def test_an_application_scoped_one_is_another_instance(container: Container) -> None:
    async def get_pool(name: Annotated[str, Depends(get_name)]) -> AsyncIterator[str]:
        events.append(f"{name} opens")
        yield f"{name} pool"
        events.append(f"{name} closes")

    async def uses(pool: Annotated[str, Depends(get_pool, scope="app")]) -> str:
        return pool

    async with container:
        assert await container.call(uses) == "real pool"
        with container.override({get_name: lambda: "fake"}):
            assert await container.call(uses) == "fake pool"
            assert await container.get(get_pool) == "fake pool"
        assert await container.call(uses) == "real pool"
        with container.override({get_name: lambda: "fake"}):
            with container.override({get_db: fake_db}):  # has nothing to do with the pool
                assert await container.call(main) == "fake of fake"
    assert events[:2] == ["real opens", "fake opens"]
    assert sorted(events[-2:]) == ["fake closes", "real closes"]
