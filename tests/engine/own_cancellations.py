"""The ways in which exit code cancels itself, each a coroutine function that ends well."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Annotated, Any

import anyio
import pytest

from tenure import Container, Depends

native = pytest.mark.asyncio_only("asyncio's own timeouts and task groups")


async def asyncio_timeout() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.005):
            await asyncio.Event().wait()


@asynccontextmanager
async def limit(seconds: float) -> AsyncIterator[None]:
    """As programs wrap a timeout to log it, or to choose its length."""
    async with asyncio.timeout(seconds):
        yield


async def asyncio_timeout_in_a_context_manager() -> None:
    with pytest.raises(TimeoutError):
        async with limit(0.005):
            await asyncio.Event().wait()


async def asyncio_timeout_in_an_exit_stack() -> None:
    with pytest.raises(TimeoutError):
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(asyncio.timeout(0.005))
            await asyncio.Event().wait()


class Client:
    """As clients wrap a request, so that it can be awaited and entered."""

    def __await__(self) -> Generator[Any, None, None]:
        return self.request().__await__()

    async def request(self) -> None:
        async with asyncio.timeout(0.005):
            await asyncio.Event().wait()

    async def pages(self) -> AsyncIterator[int]:
        async with asyncio.timeout(0.005):
            await asyncio.Event().wait()
            yield 1

    async def __aenter__(self) -> None:
        self.timeout = asyncio.timeout(0.005)
        await self.timeout.__aenter__()

    async def __aexit__(self, *error: Any) -> None:  # noqa: PYI036
        await self.timeout.__aexit__(*error)


async def asyncio_timeout_in_an_awaitable_object() -> None:
    with pytest.raises(TimeoutError):
        await Client()


async def asyncio_timeout_in_an_async_iterator() -> None:
    with pytest.raises(TimeoutError):
        async for _ in Client().pages():
            pytest.fail("did not wait")


async def asyncio_timeout_in_a_class() -> None:
    with pytest.raises(TimeoutError):
        async with Client():
            await asyncio.Event().wait()


async def asyncio_task_that_cancels_itself_later() -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().call_later(0.005, task.cancel)
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        task.uncancel()


async def asyncio_task_that_a_child_cancels() -> None:
    task = asyncio.current_task()
    assert task is not None

    async def child() -> None:
        await asyncio.sleep(0)
        task.cancel()

    cancels = asyncio.ensure_future(child())
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        task.uncancel()
    await cancels


async def asyncio_timeout_after_a_unit_of_work() -> None:
    """Whose own exits have run meanwhile, with and without a suspension."""
    await after_units_of_work(in_threads=False)


async def asyncio_timeout_after_a_unit_of_work_in_threads() -> None:
    await after_units_of_work(in_threads=True)


async def after_units_of_work(*, in_threads: bool) -> None:

    async def inner() -> AsyncIterator[None]:
        yield

    async def suspends() -> AsyncIterator[None]:
        yield
        await asyncio.sleep(0)

    def function() -> None: ...

    def generator() -> Iterator[None]:
        yield

    async def direct(inner: Annotated[None, Depends(inner)]) -> None: ...

    async def suspended(suspends: Annotated[None, Depends(suspends)]) -> None: ...

    async def fails(inner: Annotated[None, Depends(inner)]) -> None:
        raise LookupError

    async def fails_caught() -> None:
        with pytest.raises(LookupError):
            await Container().call(fails)

    async def uses_function(function: Annotated[None, Depends(function)]) -> None: ...

    async def uses_generator(generator: Annotated[None, Depends(generator)]) -> None: ...

    on_loop: list[Any] = [direct, suspended, fails_caught]
    mains: list[Any] = [uses_function, uses_generator] if in_threads else on_loop
    for main in mains:
        await Container().call(main)
        await asyncio_timeout()


async def asyncio_timeout_that_is_not_reached() -> None:
    async with asyncio.timeout(10):
        await asyncio.sleep(0.001)


async def asyncio_wait_for() -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), 0.005)


async def asyncio_task_group() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.sleep(0.001))
        group.create_task(asyncio.sleep(0))


async def asyncio_task_group_with_a_failing_child() -> None:
    async def fails() -> None:
        await asyncio.sleep(0)
        raise LookupError

    with pytest.raises(ExceptionGroup):
        async with asyncio.TaskGroup() as group:
            group.create_task(fails())
            group.create_task(asyncio.sleep(10))
            await asyncio.sleep(10)


async def asyncio_task_cancelled() -> None:
    task = asyncio.ensure_future(asyncio.sleep(10))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def anyio_move_on_after() -> None:
    with anyio.move_on_after(0.005) as scope:
        await anyio.sleep_forever()
    assert scope.cancelled_caught


async def anyio_fail_after() -> None:
    with pytest.raises(TimeoutError), anyio.fail_after(0.005):
        await anyio.sleep_forever()


async def anyio_scope_cancelled_by_itself() -> None:
    with anyio.CancelScope() as scope:
        scope.cancel()
        await anyio.lowlevel.checkpoint()
        pytest.fail("was not cancelled")


async def anyio_scope_cancelled_by_a_child() -> None:
    async def child() -> None:
        await anyio.lowlevel.checkpoint()
        group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(child)
        await anyio.sleep_forever()


async def anyio_task_group() -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.sleep, 0.001)
        group.start_soon(anyio.lowlevel.checkpoint)


async def anyio_task_group_with_a_failing_child() -> None:
    async def fails() -> None:
        await anyio.lowlevel.checkpoint()
        raise LookupError

    with pytest.raises(ExceptionGroup):
        async with anyio.create_task_group() as group:
            group.start_soon(fails)
            group.start_soon(anyio.sleep_forever)
            await anyio.sleep_forever()


async def nested_timeouts() -> None:
    with anyio.CancelScope() as outer:
        with anyio.move_on_after(0.005) as inner:
            await anyio.sleep_forever()
        assert inner.cancelled_caught
        assert not outer.cancel_called
        outer.deadline = anyio.current_time() + 0.005
        await anyio.sleep_forever()
    assert outer.cancelled_caught


ON_ALL = [
    anyio_move_on_after,
    anyio_fail_after,
    anyio_scope_cancelled_by_itself,
    anyio_scope_cancelled_by_a_child,
    anyio_task_group,
    anyio_task_group_with_a_failing_child,
    nested_timeouts,
]


ON_ASYNCIO: list[Any] = [
    pytest.param(asyncio_timeout, marks=native),
    pytest.param(asyncio_timeout_in_a_context_manager, marks=native),
    pytest.param(asyncio_timeout_in_an_exit_stack, marks=native),
    pytest.param(asyncio_timeout_in_an_awaitable_object, marks=native),
    pytest.param(asyncio_timeout_in_an_async_iterator, marks=native),
    pytest.param(asyncio_timeout_in_a_class, marks=native),
    pytest.param(asyncio_timeout_after_a_unit_of_work, marks=native),
    pytest.param(asyncio_timeout_after_a_unit_of_work_in_threads, marks=native),
    pytest.param(asyncio_task_that_cancels_itself_later, marks=native),
    pytest.param(asyncio_task_that_a_child_cancels, marks=native),
    pytest.param(asyncio_timeout_that_is_not_reached, marks=native),
    pytest.param(asyncio_wait_for, marks=native),
    pytest.param(asyncio_task_group, marks=native),
    pytest.param(asyncio_task_group_with_a_failing_child, marks=native),
    pytest.param(asyncio_task_cancelled, marks=native),
]
USES = [*ON_ALL, *ON_ASYNCIO]
Use = Callable[[], Awaitable[None]]
