"""Context variables: what a dependency sets is seen by all that comes after it."""

from collections.abc import AsyncIterator, Iterator
from contextvars import Context, ContextVar, copy_context
from typing import Annotated, Any

import anyio
import pytest

from tenure import Container, Depends

variable: ContextVar[str] = ContextVar("variable")
with_default: ContextVar[str] = ContextVar("with_default", default="default")


def now() -> str:
    return variable.get("unset")


class SetByClass:
    def __init__(self) -> None:
        variable.set("set")


def set_by_function() -> None:
    variable.set("set")


def set_by_generator() -> Iterator[None]:
    variable.set("set")
    yield


async def set_by_coroutine() -> None:
    variable.set("set")


async def set_by_async_generator() -> AsyncIterator[None]:
    variable.set("set")
    yield


SETTERS = [
    SetByClass,
    set_by_function,
    set_by_generator,
    set_by_coroutine,
    set_by_async_generator,
]


@pytest.mark.parametrize("setter", SETTERS)
async def test_a_variable_that_a_dependency_sets_is_seen_by_all_after_it(
    setter: Any, container: Container
) -> None:
    seen: dict[str, str] = {}

    def before() -> Iterator[None]:
        seen["setup before"] = now()
        yield
        seen["exit before"] = now()

    async def before_on_loop() -> AsyncIterator[None]:
        yield
        seen["exit before, on the loop"] = now()

    def function() -> None:
        seen["function"] = now()

    async def coroutine() -> None:
        seen["coroutine"] = now()

    def generator() -> Iterator[None]:
        seen["generator"] = now()
        yield
        seen["exit"] = now()

    async def async_generator() -> AsyncIterator[None]:
        seen["async generator"] = now()
        yield
        seen["exit on the loop"] = now()

    async def main(
        before: Annotated[None, Depends(before)],
        before_on_loop: Annotated[None, Depends(before_on_loop)],
        setter: Annotated[Any, Depends(setter)],
        function: Annotated[None, Depends(function)],
        coroutine: Annotated[None, Depends(coroutine)],
        generator: Annotated[None, Depends(generator)],
        async_generator: Annotated[None, Depends(async_generator)],
    ) -> None:
        seen["main"] = now()

    await in_its_own_context(container, main)
    assert seen.pop("setup before") == "unset"
    assert len(seen) == 9
    assert set(seen.values()) == {"set"}


async def in_its_own_context(container: Container, main: Any, **arguments: Any) -> None:
    """As a request or a job has one: what is set there ends with it."""

    async def call() -> None:
        await container.call(main, **arguments)

    async with anyio.create_task_group() as group:
        group.start_soon(call)


@pytest.mark.parametrize("setter", SETTERS)
async def test_a_def_root_sees_it_as_well(setter: Any, container: Container) -> None:
    seen: list[str] = []

    def main(setter: Annotated[Any, Depends(setter)]) -> None:
        seen.append(now())

    await in_its_own_context(container, main)
    assert seen == ["set"]


async def test_what_the_root_sets_is_seen_by_the_exits(container: Container) -> None:
    seen: list[str] = []

    def generator() -> Iterator[None]:
        yield
        seen.append(now())

    async def async_generator() -> AsyncIterator[None]:
        yield
        seen.append(now())

    async def main(
        how: str,
        one: Annotated[None, Depends(generator)],
        other: Annotated[None, Depends(async_generator)],
    ) -> None:
        variable.set(f"by {how}")

    def def_main(
        how: str,
        one: Annotated[None, Depends(generator)],
        other: Annotated[None, Depends(async_generator)],
    ) -> None:
        variable.set(f"by {how}")

    await in_its_own_context(container, main, how="async def")
    await in_its_own_context(container, def_main, how="def")
    assert seen == ["by async def"] * 2 + ["by def"] * 2


def token_in_thread() -> Iterator[None]:
    token = variable.set("thread")
    default_token = with_default.set("thread")
    yield
    with_default.reset(default_token)
    variable.reset(token)


async def token_on_loop() -> AsyncIterator[None]:
    token = variable.set("loop")
    default_token = with_default.set("loop")
    yield
    with_default.reset(default_token)
    variable.reset(token)


@pytest.mark.parametrize("inner", [token_in_thread, token_on_loop])
@pytest.mark.parametrize("outer", [token_in_thread, token_on_loop])
async def test_tokens_can_be_reset_after_the_yield(
    outer: Any, inner: Any, container: Container
) -> None:
    """In whichever order threads and loop alternate, also when another value lay between."""
    names = {token_in_thread: "thread", token_on_loop: "loop"}
    seen: list[tuple[str, str]] = []

    def between() -> Iterator[None]:
        seen.append((now(), with_default.get()))
        yield
        seen.append((now(), with_default.get()))

    async def main(
        outer: Annotated[None, Depends(outer)],
        between: Annotated[None, Depends(between)],
        inner: Annotated[None, Depends(inner, use_cache=False)],
    ) -> None:
        seen.append((now(), with_default.get()))

    async def call() -> None:
        await container.call(main)
        seen.append((now(), with_default.get()))

    async with anyio.create_task_group() as group:
        group.start_soon(call)
    assert seen == [
        (names[outer],) * 2,
        (names[inner],) * 2,
        (names[outer],) * 2,
        ("unset", "default"),
    ]


@pytest.mark.parametrize("in_thread", [False, True])
async def test_tokens_can_be_reset_while_a_failure_passes(
    in_thread: bool, container: Container
) -> None:
    seen: list[str] = []

    def threaded() -> Iterator[None]:
        token = variable.set("set")
        try:
            yield
        finally:
            variable.reset(token)

    async def direct() -> AsyncIterator[None]:
        token = variable.set("set")
        try:
            yield
        finally:
            await anyio.lowlevel.checkpoint()
            variable.reset(token)

    async def main(value: Annotated[None, Depends(threaded if in_thread else direct)]) -> None:
        raise LookupError

    async def call() -> None:
        with pytest.raises(LookupError):
            await container.call(main)
        seen.append(now())

    async with anyio.create_task_group() as group:
        group.start_soon(call)
    assert seen == ["unset"]


async def test_what_the_caller_set_is_seen_everywhere(container: Container) -> None:
    def function() -> str:
        return now()

    def generator() -> Iterator[str]:
        yield now()

    async def coroutine() -> str:
        return now()

    async def main(
        function: Annotated[str, Depends(function)],
        generator: Annotated[str, Depends(generator)],
        coroutine: Annotated[str, Depends(coroutine)],
    ) -> list[str]:
        return [function, generator, coroutine, now()]

    token = variable.set("by the caller")
    try:
        assert await container.call(main) == ["by the caller"] * 4
    finally:
        variable.reset(token)


async def test_calls_at_the_same_time_do_not_see_each_other(container: Container) -> None:
    async def main(name: str, set_it: Annotated[None, Depends(set_by_function)]) -> None:
        variable.set(name)
        await anyio.lowlevel.checkpoint()
        seen[name] = now()

    seen: dict[str, str] = {}
    async with anyio.create_task_group() as group:
        for number in range(5):
            group.start_soon(lambda name: container.call(main, name=name), f"call {number}")
    assert seen == {name: name for name in seen}
    assert len(seen) == 5
    assert now() == "unset"


@pytest.mark.xfail(reason="what a def step sets is carried into the task and stays there")
@pytest.mark.parametrize("setter", [SetByClass, set_by_function, set_by_generator])
async def test_what_a_thread_set_does_not_leak_into_the_next_call(
    setter: Any, container: Container
) -> None:
    """Although both are made by one task."""
    seen: list[str] = []

    async def main(setter: Annotated[Any, Depends(setter)]) -> None: ...

    async def call() -> None:
        await container.call(main)
        seen.append(now())

    async with anyio.create_task_group() as group:
        group.start_soon(call)
    assert seen == ["unset"]


async def test_a_variable_unset_on_the_loop_is_unset_in_later_threads(
    container: Container,
) -> None:
    seen: list[str] = []

    def outer() -> Iterator[None]:
        yield
        seen.append(now())

    async def sets() -> AsyncIterator[None]:
        token = variable.set("set")
        yield
        variable.reset(token)

    def function() -> None:
        seen.append(now())

    async def main(
        outer: Annotated[None, Depends(outer)],
        sets: Annotated[None, Depends(sets)],
        function: Annotated[None, Depends(function)],
    ) -> None: ...

    await in_its_own_context(container, main)
    assert seen == ["set", "unset"]


async def test_an_exit_sees_the_context_of_the_call_not_of_a_thread_pool(
    container: Container,
) -> None:
    """Threads are used again by others; their contexts are not."""
    contexts: list[Context] = []

    def first() -> None:
        variable.set("first")
        contexts.append(copy_context())

    def second() -> Iterator[None]:
        contexts.append(copy_context())
        yield
        contexts.append(copy_context())

    async def sets(value: Annotated[None, Depends(first)]) -> None: ...

    async def reads(value: Annotated[None, Depends(second)]) -> None: ...

    await in_its_own_context(container, sets)
    await in_its_own_context(container, reads)
    assert [context.get(variable) for context in contexts] == ["first", None, None]


@pytest.mark.parametrize("fails", [False, True])
async def test_a_call_leaves_nothing_in_the_context(fails: bool, container: Container) -> None:
    """Neither of its own nor of the dependencies, which set nothing here."""

    async def direct() -> AsyncIterator[None]:
        yield

    def threaded(direct: Annotated[None, Depends(direct)]) -> Iterator[None]:
        yield

    async def suspends(threaded: Annotated[None, Depends(threaded)]) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await anyio.lowlevel.checkpoint()

    async def main(suspends: Annotated[None, Depends(suspends)]) -> None:
        await anyio.lowlevel.checkpoint()
        if fails:
            raise LookupError

    def ours() -> dict[str, Any]:
        return {each.name: value for each, value in copy_context().items() if value is not None}

    before = ours()
    try:
        await container.call(main)
    except LookupError:
        assert fails
    assert ours() == before
