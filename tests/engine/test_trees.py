"""Trees of any size and shape: what is called how often, in which order."""

import functools
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import anyio
import pytest

from tenure import Container, Depends
from tests.engine.support import run

calls: list[str] = []


@pytest.fixture(autouse=True)
def no_calls() -> None:
    calls.clear()


def chain_of(length: int) -> Callable[..., Any]:
    def above(below: Callable[..., Any]) -> Callable[..., Any]:
        async def link(value: int = Depends(below)) -> int:
            return value + 1

        return link

    async def start() -> int:
        return 1

    last: Callable[..., Any] = start
    for _ in range(length - 1):
        last = above(last)
    return last


def test_a_chain_of_three_thousand() -> None:
    assert run(chain_of(3_000)) == 3_000


def test_a_chain_of_a_thousand_generators_is_closed_from_the_end() -> None:
    closed: list[int] = []

    def above(below: Callable[..., Any]) -> Callable[..., Any]:
        async def link(value: int = Depends(below)) -> AsyncIterator[int]:
            try:
                yield value + 1
            finally:
                closed.append(value + 1)

        return link

    async def start() -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            closed.append(1)

    last: Callable[..., Any] = start
    for _ in range(999):
        last = above(last)

    async def main(fails: bool, value: int = Depends(last)) -> int:
        if fails:
            raise LookupError
        return value

    assert run(main, fails=False) == 1_000
    assert closed == list(range(1_000, 0, -1))
    closed.clear()
    with pytest.raises(LookupError):
        run(main, fails=True)
    assert closed == list(range(1_000, 0, -1))


def test_a_fan_of_two_hundred_in_declared_order() -> None:
    def numbered(number: int) -> Callable[..., Any]:
        async def leaf() -> int:
            calls.append(str(number))
            return number

        return leaf

    names = [f"leaf_{number}" for number in range(200)]
    leaves = {name: numbered(number) for number, name in enumerate(names)}
    parameters = ", ".join(f"{name}=Depends({name})" for name in names)
    scope = {**leaves, "Depends": Depends}
    exec(f"async def main({parameters}): return [{', '.join(names)}]", scope)
    assert run(scope["main"]) == list(range(200))
    assert calls == [str(number) for number in range(200)]


def ladder_of(steps: int) -> Callable[..., Any]:
    """Each step has two sides, and each side needs both sides of the step below."""

    def step(left: Callable[..., Any], right: Callable[..., Any]) -> list[Callable[..., Any]]:
        async def one(a: int = Depends(left), b: int = Depends(right)) -> int:
            calls.append("one")
            return a + b

        async def other(a: int = Depends(left), b: int = Depends(right)) -> int:
            calls.append("other")
            return a + b

        return [one, other]

    async def ground() -> int:
        calls.append("ground")
        return 1

    sides: list[Callable[..., Any]] = [ground, ground]
    for _ in range(steps):
        sides = step(*sides)
    return sides[0]


def test_a_ladder_of_diamonds_calls_each_side_once() -> None:
    assert run(ladder_of(200)) == 2**200
    assert calls.count("ground") == 1
    assert len(calls) == 1 + 2 * 199 + 1


def test_a_ladder_of_diamonds_takes_time_in_proportion() -> None:
    """Twice the steps, twice the time; four times as much is let pass, for the noise."""

    def seconds(steps: int) -> float:
        ladder = ladder_of(steps)
        started = time.process_time()
        Container().explain(ladder)
        return time.process_time() - started

    short = min(seconds(100) for _ in range(3))
    long = min(seconds(200) for _ in range(3))
    assert long < 8 * short


async def test_a_shared_dependency_is_called_once_per_unit_of_work(container: Container) -> None:
    def shared() -> object:
        calls.append("shared")
        return object()

    async def left(value: Annotated[object, Depends(shared)]) -> object:
        return value

    async def right(value: Annotated[object, Depends(shared)]) -> object:
        return value

    async def main(
        left: object = Depends(left), right: object = Depends(right), own: object = Depends(shared)
    ) -> object:
        assert left is right is own
        return own

    first = await container.call(main)
    second = await container.call(main)
    assert first is not second
    assert calls == ["shared", "shared"]


@pytest.mark.parametrize("value", [None, False, 0, "", [], NotImplemented], ids=repr)
async def test_a_falsy_value_is_shared_like_any_other(value: Any, container: Container) -> None:
    async def falsy() -> Any:
        calls.append("falsy")
        return value

    async def between(falsy: Annotated[Any, Depends(falsy)]) -> Any:
        return falsy

    async def main(falsy: Any = Depends(falsy), between: Any = Depends(between)) -> list[Any]:
        return [falsy, between]

    first, second = await container.call(main)
    assert first is value
    assert second is value
    assert calls == ["falsy"]


@dataclass(frozen=True)
class Reads:
    table: str

    async def __call__(self) -> object:
        calls.append(self.table)
        return object()

    async def method(self) -> object:
        calls.append(f"method of {self.table}")
        return object()


async def test_equal_callables_share(container: Container) -> None:
    async def main(
        a: Annotated[object, Depends(Reads("users"))],
        b: Annotated[object, Depends(Reads("users"))],
        c: Annotated[object, Depends(Reads("orders"))],
    ) -> None:
        assert a is b
        assert a is not c

    await container.call(main)
    assert calls == ["users", "orders"]


async def test_bound_methods_of_one_object_share_and_of_two_do_not(container: Container) -> None:
    users, equal = Reads("users"), Reads("users")

    async def main(
        a: Annotated[object, Depends(users.method)],
        b: Annotated[object, Depends(users.method)],
        c: Annotated[object, Depends(equal.method)],
    ) -> None:
        assert a is b
        assert a is not c

    await container.call(main)
    assert calls == ["method of users"] * 2


async def test_two_partials_do_not_share(container: Container) -> None:
    def make(name: str) -> object:
        calls.append(name)
        return object()

    one = functools.partial(make, "partial")

    async def main(
        a: Annotated[object, Depends(one)],
        b: Annotated[object, Depends(one)],
        c: Annotated[object, Depends(functools.partial(make, "partial"))],
    ) -> None:
        assert a is b
        assert a is not c

    await container.call(main)
    assert calls == ["partial", "partial"]


def counted() -> int:
    calls.append("counted")
    return len(calls)


async def test_use_cache_false_calls_again(container: Container) -> None:
    async def main(
        a: Annotated[int, Depends(counted)],
        b: Annotated[int, Depends(counted, use_cache=False)],
        c: Annotated[int, Depends(counted, use_cache=False)],
        d: Annotated[int, Depends(counted)],
    ) -> list[int]:
        return [a, b, c, d]

    assert await container.call(main) == [1, 2, 3, 1]


async def test_an_uncached_call_fills_an_empty_cache(container: Container) -> None:
    async def main(
        a: Annotated[int, Depends(counted, use_cache=False)],
        b: Annotated[int, Depends(counted, use_cache=False)],
        c: Annotated[int, Depends(counted)],
    ) -> list[int]:
        return [a, b, c]

    assert await container.call(main) == [1, 2, 1]


async def test_two_uncached_generators_are_opened_and_closed_each(container: Container) -> None:
    def opened() -> Iterator[int]:
        number = counted()
        calls.append(f"open {number}")
        yield number
        calls.append(f"close {number}")

    async def main(
        a: Annotated[int, Depends(opened, use_cache=False)],
        b: Annotated[int, Depends(opened, use_cache=False)],
    ) -> list[int]:
        return [a, b]

    first, second = await container.call(main)
    assert [call for call in calls if call != "counted"] == [
        f"open {first}",
        f"open {second}",
        f"close {second}",
        f"close {first}",
    ]


async def test_the_uncached_children_of_a_shared_dependency_run_once(container: Container) -> None:
    def shared(number: Annotated[int, Depends(counted, use_cache=False)]) -> int:
        return number

    async def main(
        a: Annotated[int, Depends(shared)], b: Annotated[int, Depends(shared)]
    ) -> list[int]:
        return [a, b]

    assert await container.call(main) == [1, 1]


async def test_the_declared_scope_tells_calls_apart(container: Container) -> None:
    """For a generator, no scope means "request"; for a plain function it is a third one."""

    async def opened() -> AsyncIterator[int]:
        yield counted()

    async def main(
        a: Annotated[int, Depends(counted)],
        b: Annotated[int, Depends(counted, scope="function")],
        c: Annotated[int, Depends(counted, scope="request")],
        d: Annotated[int, Depends(counted, scope="request")],
        e: Annotated[int, Depends(opened)],
        f: Annotated[int, Depends(opened, scope="request")],
        g: Annotated[int, Depends(opened, scope="function")],
    ) -> list[int]:
        return [a, b, c, d, e, f, g]

    assert await container.call(main) == [1, 2, 3, 3, 4, 4, 5]


async def test_dependencies_run_one_after_the_other_in_declared_order(
    container: Container,
) -> None:
    """Those of a dependency before itself, its parameters from left to right."""

    def named(name: str, **dependencies: Any) -> Callable[..., Any]:
        async def step(**values: Any) -> str:
            calls.append(name)
            return name

        given = ", ".join(f"{each}={each}" for each in dependencies)
        parameters = ", ".join(f"{each}=Depends({each}_)" for each in dependencies)
        scope = {"step": step, "Depends": Depends}
        scope |= {f"{each}_": call for each, call in dependencies.items()}
        exec(f"async def {name}({parameters}): return await step({given})", scope)
        made: Callable[..., Any] = scope[name]  # type: ignore[assignment]
        return made

    a = named("a")
    b = named("b", a=a)
    c = named("c")
    d = named("d", c=c, b=b)
    e = named("e", d=d, a=a)
    await container.call(named("f", e=e, c=c))
    assert calls == ["c", "a", "b", "d", "e", "f"]


async def test_a_root_without_dependencies(container: Container) -> None:
    async def main() -> str:
        return "result"

    assert await container.call(main) == "result"


async def test_one_container_runs_many_units_of_work_at_once(container: Container) -> None:
    """Each has its own values, also when they are interleaved."""

    async def opened() -> AsyncIterator[list[str]]:
        events: list[str] = ["open"]
        await anyio.lowlevel.checkpoint()
        yield events
        await anyio.lowlevel.checkpoint()
        events.append("close")

    async def main(number: int, events: Annotated[list[str], Depends(opened)]) -> list[str]:
        await anyio.lowlevel.checkpoint()
        events.append(f"main {number}")
        return events

    results: dict[int, list[str]] = {}

    async def work(number: int) -> None:
        results[number] = await container.call(main, number=number)

    async with anyio.create_task_group() as group:
        for number in range(20):
            group.start_soon(work, number)
    assert results == {number: ["open", f"main {number}", "close"] for number in range(20)}
