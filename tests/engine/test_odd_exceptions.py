"""Exceptions that Python treats in its own way pass through dependencies as themselves."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import anyio
import pytest

from tenure import Container, Depends

seen: list[BaseException] = []


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    seen.clear()


async def outer() -> AsyncIterator[None]:
    try:
        yield
    except BaseException as error:
        await anyio.lowlevel.checkpoint()
        seen.append(error)
        raise


def middle() -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        seen.append(error)
        raise


async def inner() -> AsyncIterator[None]:
    try:
        yield
    except BaseException as error:
        seen.append(error)
        raise


Outer = Annotated[None, Depends(outer)]
Middle = Annotated[None, Depends(middle)]
Inner = Annotated[None, Depends(inner)]

ODD = [
    StopAsyncIteration("odd"),
    GeneratorExit("odd"),
    KeyboardInterrupt("odd"),
    SystemExit("odd"),
    asyncio.CancelledError("odd"),
    BaseExceptionGroup("odd", [KeyboardInterrupt()]),
    ExceptionGroup("odd", [ValueError()]),
    ExceptionGroup("odd", [ValueError(), ExceptionGroup("nested", [TypeError(), KeyError()])]),
    StopAsyncIteration(),
]


@pytest.mark.parametrize("error", ODD, ids=lambda error: type(error).__name__)
async def test_raised_by_the_root_it_is_delivered_everywhere_and_comes_out(
    error: BaseException, container: Container
) -> None:
    async def main(outer: Outer, middle: Middle, inner: Inner) -> None:
        raise error

    with pytest.raises(BaseException) as caught:
        await container.call(main)
    assert caught.value is error
    assert seen == [error] * 3
    error.__traceback__ = None


@pytest.mark.parametrize("error", ODD, ids=lambda error: type(error).__name__)
async def test_raised_in_a_worker_thread_it_comes_out(
    error: BaseException, container: Container
) -> None:
    def main(outer: Outer, middle: Middle, inner: Inner) -> None:
        raise error

    with pytest.raises(BaseException) as caught:
        await container.call(main)
    assert caught.value is error
    assert seen == [error] * 3
    error.__traceback__ = None


@pytest.mark.parametrize("kind", ["async def", "def"])
async def test_stop_async_iteration_of_a_dependency_is_its_own(
    kind: str, container: Container
) -> None:
    """It is not taken for the end of the generator that would have come next."""
    error = StopAsyncIteration("odd")

    async def coroutine() -> None:
        raise error

    def function() -> None:
        raise error

    call = coroutine if kind == "async def" else function

    async def main(outer: Outer, stops: Annotated[None, Depends(call)], inner: Inner) -> None: ...

    with pytest.raises(StopAsyncIteration) as caught:
        await container.call(main)
    assert caught.value is error
    assert seen == [error]


async def ends_too_early() -> None:
    async def inner_generator() -> AsyncIterator[None]:
        return
        yield

    await anext(inner_generator())


async def test_stop_async_iteration_of_a_root_is_its_own(container: Container) -> None:
    """As `anext()` raises it."""

    async def main(outer: Outer, inner: Inner) -> None:
        await ends_too_early()

    with pytest.raises(StopAsyncIteration):
        await container.call(main)
    assert [type(error) for error in seen] == [StopAsyncIteration] * 2


@pytest.mark.parametrize("kind", ["async def", "def"])
async def test_stop_iteration_becomes_what_python_makes_of_it(
    kind: str, container: Container
) -> None:
    """It cannot leave a coroutine; the error that Python raises instead is what all see."""
    stop = StopIteration("odd")

    async def coroutine(outer: Outer, middle: Middle, inner: Inner) -> None:
        raise stop

    def function(outer: Outer, middle: Middle, inner: Inner) -> None:
        raise stop

    with pytest.raises(RuntimeError) as caught:
        await container.call(coroutine if kind == "async def" else function)
    assert caught.value.__cause__ is stop
    assert seen == [caught.value] * 3


@pytest.mark.parametrize("kind", ["generator", "async generator"])
async def test_stop_iteration_in_an_exit_is_no_silent_end(kind: str, container: Container) -> None:
    def generator() -> Iterator[None]:
        yield
        raise StopIteration  # noqa: PLR1708

    async def async_generator() -> AsyncIterator[None]:
        yield
        raise StopIteration  # noqa: PLR1708

    call = generator if kind == "generator" else async_generator

    async def main(outer: Outer, stops: Annotated[None, Depends(call)]) -> None: ...

    with pytest.raises(RuntimeError) as caught:
        await container.call(main)
    assert isinstance(caught.value.__cause__, StopIteration)
    assert seen == [caught.value]


@pytest.mark.parametrize("kind", ["generator", "async generator"])
async def test_a_runtime_error_that_replaces_a_stop_is_not_taken_for_it(
    kind: str, container: Container
) -> None:
    """Only the error that Python itself makes of a stop stands for it."""
    replacement = RuntimeError("of the user")

    def generator() -> Iterator[None]:
        try:
            yield
        except StopAsyncIteration:
            raise replacement  # noqa: B904

    async def async_generator() -> AsyncIterator[None]:
        try:
            yield
        except StopAsyncIteration:
            raise replacement  # noqa: B904

    call = generator if kind == "generator" else async_generator

    async def main(replaces: Annotated[None, Depends(call)]) -> None:
        raise StopAsyncIteration

    with pytest.raises(RuntimeError) as caught:
        await container.call(main)
    assert caught.value is replacement


async def group_of() -> AsyncIterator[Any]:
    async with anyio.create_task_group() as group:
        yield group


async def other_group_of() -> AsyncIterator[Any]:
    async with anyio.create_task_group() as group:
        yield group


Group = Annotated[Any, Depends(group_of)]


async def test_alone_in_a_task_group_an_exception_comes_out_as_itself(
    container: Container,
) -> None:
    error = LookupError("alone")

    async def main(
        outer: Outer, group: Group, other: Annotated[Any, Depends(other_group_of)]
    ) -> None:
        raise error

    with pytest.raises(LookupError) as caught:
        await container.call(main)
    assert caught.value is error
    assert seen == [error]


async def test_with_others_in_a_task_group_all_come_out(container: Container) -> None:
    async def child() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            raise ValueError("child")

    async def main(outer: Outer, group: Group) -> None:
        group.start_soon(child)
        await anyio.wait_all_tasks_blocked()
        raise LookupError("root")

    with pytest.raises(ExceptionGroup) as caught:
        await container.call(main)
    assert {repr(error) for error in caught.value.exceptions} == {
        "LookupError('root')",
        "ValueError('child')",
    }
    assert seen == [caught.value]


async def test_the_failure_of_a_child_alone_stays_a_group(container: Container) -> None:
    """Nobody has delivered it at the yield, so nothing says that it is the only one meant."""

    async def child() -> None:
        raise ValueError("child")

    async def main(outer: Outer, group: Group) -> None:
        group.start_soon(child)
        await anyio.sleep_forever()

    with pytest.raises(ExceptionGroup) as caught:
        await container.call(main)
    assert [repr(error) for error in caught.value.exceptions] == ["ValueError('child')"]
    assert seen == [caught.value]
