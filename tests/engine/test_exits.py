"""Exits: in reverse order, each with what came out of the ones inside it."""

import asyncio
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import anyio
import pytest

from tenure import Container, Depends

events: list[str] = []


@pytest.fixture(autouse=True)
def no_events() -> None:
    events.clear()


class Planned(Exception):  # noqa: N818
    pass


class Resource:
    """Notes its own end, and refuses to be used after it."""

    def __init__(self, name: str, *parents: "Resource") -> None:
        self.name = name
        self.parents = parents
        self.is_open = True
        events.append(f"+{name}")

    def use(self) -> None:
        assert self.is_open, f"{self.name} was used after its end"
        for parent in self.parents:
            parent.use()

    def close(self) -> None:
        self.use()
        self.is_open = False
        events.append(f"-{self.name}")


async def connection() -> AsyncIterator[Resource]:
    resource = Resource("connection")
    try:
        yield resource
    finally:
        await anyio.lowlevel.checkpoint()
        resource.close()


def transaction(connection: Annotated[Resource, Depends(connection)]) -> Iterator[Resource]:
    resource = Resource("transaction", connection)
    try:
        yield resource
    finally:
        resource.close()


async def repository(
    connection: Annotated[Resource, Depends(connection)],
    transaction: Annotated[Resource, Depends(transaction)],
) -> AsyncIterator[Resource]:
    resource = Resource("repository", connection, transaction)
    try:
        yield resource
    finally:
        resource.close()


def lock(repository: Annotated[Resource, Depends(repository)]) -> Iterator[Resource]:
    resource = Resource("lock", repository)
    try:
        yield resource
    finally:
        resource.close()


OPENS = ["+connection", "+transaction", "+repository", "+lock"]
CLOSES = ["-lock", "-repository", "-transaction", "-connection"]


async def use(lock: Annotated[Resource, Depends(lock)], fails: bool) -> str:
    lock.use()
    await anyio.lowlevel.checkpoint()
    events.append("main")
    if fails:
        raise Planned
    return "result"


async def test_exits_run_in_reverse_order_while_their_parents_are_alive(
    container: Container,
) -> None:
    assert await container.call(use, fails=False) == "result"
    assert events == [*OPENS, "main", *CLOSES]


async def test_exits_run_in_reverse_order_after_a_failure(container: Container) -> None:
    with pytest.raises(Planned):
        await container.call(use, fails=True)
    assert events == [*OPENS, "main", *CLOSES]


async def test_exits_run_in_the_task_of_the_call(container: Container) -> None:
    async def opened() -> AsyncIterator[anyio.TaskInfo]:
        task = anyio.get_current_task()
        yield task
        await anyio.lowlevel.checkpoint()
        assert anyio.get_current_task() == task

    async def main(task: Annotated[anyio.TaskInfo, Depends(opened)]) -> bool:
        return anyio.get_current_task() == task

    assert await container.call(main)


def watcher(name: str) -> Callable[..., Any]:
    async def watch() -> AsyncIterator[None]:
        try:
            yield
        except BaseException as error:
            events.append(f"{name}: {error!r}")
            raise
        else:
            events.append(f"{name}: success")

    return watch


def thread_watcher(name: str) -> Callable[..., Any]:
    def watch() -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            events.append(f"{name}: {error!r}")
            raise
        else:
            events.append(f"{name}: success")

    return watch


Outer = Annotated[None, Depends(watcher("outer"))]
Middle = Annotated[None, Depends(thread_watcher("middle"))]
Inner = Annotated[None, Depends(watcher("inner"))]


async def test_the_failure_of_the_root_is_delivered_at_every_yield(container: Container) -> None:
    error = Planned("root")

    async def main(outer: Outer, middle: Middle, inner: Inner) -> None:
        raise error

    with pytest.raises(Planned) as caught:
        await container.call(main)
    assert caught.value is error
    assert error.__cause__ is None
    assert error.__context__ is None
    assert events == [f"{name}: Planned('root')" for name in ("inner", "middle", "outer")]


@pytest.mark.parametrize("kind", ["def", "async def", "generator", "async generator", "class"])
async def test_the_failure_of_a_setup_is_delivered_to_what_is_open(
    kind: str, container: Container
) -> None:
    error = Planned("setup")

    def function() -> None:
        raise error

    async def coroutine() -> None:
        raise error

    def generator() -> Iterator[None]:
        raise error
        yield

    async def async_generator() -> AsyncIterator[None]:
        await anyio.lowlevel.checkpoint()
        raise error
        yield

    class Constructed:
        def __init__(self) -> None:
            raise error

    call = {
        "def": function,
        "async def": coroutine,
        "generator": generator,
        "async generator": async_generator,
        "class": Constructed,
    }[kind]

    async def main(
        outer: Outer, middle: Middle, failing: Annotated[Any, Depends(call)], inner: Inner
    ) -> None:
        events.append("main")

    with pytest.raises(Planned) as caught:
        await container.call(main)
    assert caught.value is error
    assert events == ["middle: Planned('setup')", "outer: Planned('setup')"]


@pytest.mark.parametrize("awaits", [False, True])
@pytest.mark.parametrize("in_thread", [False, True])
async def test_the_failure_of_an_exit_is_delivered_to_the_outer_ones(
    awaits: bool, in_thread: bool, container: Container
) -> None:
    error = Planned("exit")

    async def fails_late() -> AsyncIterator[None]:
        yield
        if awaits:
            await anyio.lowlevel.checkpoint()
        raise error

    def fails_late_in_thread() -> Iterator[None]:
        yield
        raise error

    call = fails_late_in_thread if in_thread else fails_late

    async def main(
        outer: Outer, middle: Middle, failing: Annotated[None, Depends(call)], inner: Inner
    ) -> str:
        return "a result that nobody gets"

    with pytest.raises(Planned) as caught:
        await container.call(main)
    assert caught.value is error
    assert error.__context__ is None
    assert events == ["inner: success", "middle: Planned('exit')", "outer: Planned('exit')"]


@pytest.mark.parametrize("in_thread", [False, True])
async def test_a_replacement_keeps_its_context_and_is_what_the_outer_ones_see(
    in_thread: bool, container: Container
) -> None:
    error = Planned("root")

    async def replaces() -> AsyncIterator[None]:
        try:
            yield
        except Planned:
            await anyio.lowlevel.checkpoint()
            raise LookupError("replacement")  # noqa: B904

    def replaces_in_thread() -> Iterator[None]:
        try:
            yield
        except Planned:
            raise LookupError("replacement")  # noqa: B904

    call = replaces_in_thread if in_thread else replaces

    async def main(
        outer: Outer, middle: Middle, replaces: Annotated[None, Depends(call)], inner: Inner
    ) -> None:
        raise error

    with pytest.raises(LookupError) as caught:
        await container.call(main)
    assert caught.value.__context__ is error
    assert caught.value.__cause__ is None
    assert events == [
        "inner: Planned('root')",
        "middle: LookupError('replacement')",
        "outer: LookupError('replacement')",
    ]


async def test_a_replacement_keeps_the_cause_it_was_given(container: Container) -> None:
    async def translates() -> AsyncIterator[None]:
        try:
            yield
        except Planned as error:
            raise LookupError from error

    async def hides() -> AsyncIterator[None]:
        try:
            yield
        except LookupError:
            raise ValueError from None

    async def main(
        hides: Annotated[None, Depends(hides)], translates: Annotated[None, Depends(translates)]
    ) -> None:
        raise Planned

    with pytest.raises(ValueError) as caught:
        await container.call(main)
    assert caught.value.__suppress_context__
    translated = caught.value.__context__
    assert isinstance(translated, LookupError)
    assert isinstance(translated.__cause__, Planned)


async def test_all_exits_run_when_each_of_them_fails(container: Container) -> None:
    """The last failure comes out, the others are behind it."""

    def failing(name: str, *, in_thread: bool) -> Callable[..., Any]:
        async def generator() -> AsyncIterator[None]:
            try:
                yield
            finally:
                events.append(name)
                raise Planned(name)

        def thread_generator() -> Iterator[None]:
            try:
                yield
            finally:
                events.append(name)
                raise Planned(name)

        return thread_generator if in_thread else generator

    async def main(
        a: Annotated[None, Depends(failing("a", in_thread=False))],
        b: Annotated[None, Depends(failing("b", in_thread=True))],
        c: Annotated[None, Depends(failing("c", in_thread=False))],
    ) -> None: ...

    with pytest.raises(Planned) as caught:
        await container.call(main)
    assert events == ["c", "b", "a"]
    behind: list[str] = []
    error: BaseException | None = caught.value
    while error is not None:
        behind.append(str(error))
        error = error.__context__
    assert behind == ["a", "b", "c"]


async def test_what_has_been_closed_is_not_closed_again(container: Container) -> None:
    """The inner one has ended in success when the outer one fails."""

    async def fails_late() -> AsyncIterator[None]:
        yield
        raise Planned

    async def main(
        outer: Outer, fails: Annotated[None, Depends(fails_late)], middle: Middle, inner: Inner
    ) -> None: ...

    with pytest.raises(Planned):
        await container.call(main)
    assert events == ["inner: success", "middle: success", "outer: Planned()"]


async def test_a_failure_shows_where_it_was_raised_and_not_the_way_through_exits(
    container: Container,
) -> None:
    async def main(outer: Outer, middle: Middle, inner: Inner) -> None:
        raise Planned

    with pytest.raises(Planned) as caught:
        await container.call(main)
    frames = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert frames[-1] == "main"
    assert "watch" not in frames


async def test_a_setup_that_fails_can_clean_up_what_it_began(container: Container) -> None:
    async def half_open() -> AsyncIterator[None]:
        events.append("begin")
        try:
            await anyio.lowlevel.checkpoint()
            raise Planned
            yield
        finally:
            await anyio.lowlevel.checkpoint()
            events.append("clean")

    async def main(outer: Outer, half: Annotated[None, Depends(half_open)]) -> None: ...

    with pytest.raises(Planned):
        await container.call(main)
    assert events == ["begin", "clean", "outer: Planned()"]


async def test_an_exit_may_run_another_unit_of_work(container: Container) -> None:
    async def opened() -> AsyncIterator[None]:
        try:
            yield
        finally:
            events.append(await container.call(use, fails=False))

    async def main(opened: Annotated[None, Depends(opened)]) -> None:
        raise Planned

    with pytest.raises(Planned):
        await container.call(main)
    assert events == [*OPENS, "main", *CLOSES, "result"]


@pytest.mark.asyncio_only("futures are asyncio's")
async def test_exits_may_wait_for_anything_that_can_be_awaited(container: Container) -> None:
    loop = asyncio.get_running_loop()

    async def opened() -> AsyncIterator[None]:
        yield
        await asyncio.sleep(0)
        await asyncio.sleep(0.001)
        future: asyncio.Future[str] = loop.create_future()
        loop.call_soon(future.set_result, "future")
        events.append(await future)
        failing: asyncio.Future[str] = loop.create_future()
        loop.call_soon(failing.set_exception, Planned("future"))
        try:
            await failing
        except Planned as error:
            events.append(str(error))
        events.append(await asyncio.create_task(asyncio.to_thread(lambda: "task")))
        events.append(await asyncio.wait_for(asyncio.to_thread(lambda: "thread"), 10))
        events.extend(await asyncio.gather(*(asyncio.sleep(0, n) for n in "ab")))
        reader = asyncio.Queue[str]()
        loop.call_soon(reader.put_nowait, "queue")
        events.append(await reader.get())

    async def main(opened: Annotated[None, Depends(opened)]) -> str:
        return "result"

    assert await container.call(main) == "result"
    assert events == ["future", "future", "task", "thread", "a", "b", "queue"]
