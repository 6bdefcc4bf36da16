"""What an observer is told, for each kind of dependency and each way it can end."""

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import anyio
import pytest

from tenure import Container, Depends, DidNotYieldError, SwallowedError, YieldedTwiceError
from tenure.observe import Event, Recorder


def get_pool() -> Iterator[str]:
    yield "pool"


Pool = Annotated[str, Depends(get_pool)]


async def get_session(pool: Pool) -> AsyncIterator[str]:
    await anyio.lowlevel.checkpoint()
    yield f"session of {pool}"
    await anyio.lowlevel.checkpoint()


Session = Annotated[str, Depends(get_session)]


def get_number(session: Session) -> int:
    return len(session)


async def get_name(session: Session, pool: Pool) -> str:
    return session + pool


async def everything(
    number: Annotated[int, Depends(get_number)], name: Annotated[str, Depends(get_name)]
) -> None: ...


STORY = [
    "opening get_pool",
    "opened get_pool",
    "opening get_session",
    "opened get_session",
    "opening get_number",
    "opened get_number",
    "reused get_session",
    "reused get_pool",
    "opening get_name",
    "opened get_name",
    "closing get_session",
    "closed get_session",
    "closing get_pool",
    "closed get_pool",
]


async def test_every_kind_of_dependency_in_order(container: Container, recorder: Recorder) -> None:
    with container.observe(recorder):
        await container.call(everything)
    assert recorder.story() == STORY


async def test_an_event_says_what_where_and_for_whom(
    container: Container, recorder: Recorder
) -> None:
    with container.observe(recorder):
        await container.call(everything)
        await container.call(everything)
    opened, *_ = [event for event in recorder.events if event.kind == "opened"]
    assert opened.place.startswith(__file__)
    assert (opened.scope, opened.stays_open, opened.phase) == ("request", True, "opening")
    assert opened.seconds > 0
    assert opened.error is None
    assert opened.unit.name == "everything"
    assert opened.unit.place.startswith(__file__)
    assert len({event.unit for event in recorder.events}) == 2
    [closed] = [e for e in recorder.events if e.kind == "closed" and e.number == opened.number]
    assert (closed.name, closed.unit) == (opened.name, opened.unit)


async def test_the_end_of_a_block_ends_the_observation(
    container: Container, recorder: Recorder
) -> None:
    await container.call(everything)
    observation = container.observe(recorder)
    await container.call(everything)
    observation.stop()
    observation.stop()
    await container.call(everything)
    assert recorder.story() == STORY


async def test_nothing_of_it_is_in_a_plan_that_nobody_observes(
    container: Container, recorder: Recorder
) -> None:
    plain = container.explain(everything)
    assert "observed" not in plain
    with container.observe(recorder):
        assert "observed.calling(" in container.explain(everything)
    assert container.explain(everything) == plain


def fails_to_open() -> Iterator[None]:
    raise LookupError("no pool")
    yield


async def fails_to_open_async() -> AsyncIterator[None]:
    raise LookupError("no pool")
    yield


def fails() -> None:
    raise LookupError("no pool")


async def fails_async() -> None:
    raise LookupError("no pool")


@pytest.mark.parametrize("function", [fails_to_open, fails_to_open_async, fails, fails_async])
async def test_a_failure_to_open(
    container: Container, recorder: Recorder, function: Callable[..., Any]
) -> None:
    async def work(value: Annotated[object, Depends(function)]) -> None: ...

    with container.observe(recorder), pytest.raises(LookupError) as caught:
        await container.call(work)
    assert [event.kind for event in recorder.events] == ["opening", "failed"]
    assert recorder.events[-1].error is caught.value
    assert recorder.events[-1].phase == "opening"


def fails_to_close() -> Iterator[None]:
    yield
    raise LookupError("gone")


async def fails_to_close_async() -> AsyncIterator[None]:
    yield
    raise LookupError("gone")


@pytest.mark.parametrize("function", [fails_to_close, fails_to_close_async])
async def test_a_failure_to_close(
    container: Container, recorder: Recorder, function: Callable[..., Any]
) -> None:
    async def work(pool: Pool, value: Annotated[object, Depends(function)]) -> None: ...

    with container.observe(recorder), pytest.raises(LookupError) as caught:
        await container.call(work)
    failed, closing, closed = recorder.events[-3:]
    assert (failed.kind, failed.phase, failed.error) == ("failed", "closing", caught.value)
    # The one outside of it sees what came out of it.
    assert (closing.kind, closing.error) == ("closing", caught.value)
    assert (closed.kind, closed.error) == ("closed", caught.value)


async def test_what_was_delivered_is_not_a_failure_of_the_dependency(
    container: Container, recorder: Recorder
) -> None:
    async def work(session: Session) -> None:
        raise LookupError

    with container.observe(recorder), pytest.raises(LookupError) as caught:
        await container.call(work)
    assert not recorder.names("failed")
    ends = [event for event in recorder.events if event.kind == "closed"]
    assert [event.error for event in ends] == [caught.value, caught.value]


async def swallows() -> AsyncIterator[None]:
    with contextlib.suppress(LookupError):
        yield


async def nothing() -> AsyncIterator[None]:
    return
    yield


async def twice() -> AsyncIterator[None]:
    yield
    yield


def nothing_plain() -> Iterator[None]:
    return
    yield


def twice_plain() -> Iterator[None]:
    yield
    yield


@pytest.mark.parametrize(
    ("function", "error"),
    [
        (nothing, DidNotYieldError),
        (nothing_plain, DidNotYieldError),
        (twice, YieldedTwiceError),
        (twice_plain, YieldedTwiceError),
    ],
)
async def test_the_protocol_of_yield_broken(
    container: Container, recorder: Recorder, function: Callable[..., Any], error: type[Exception]
) -> None:
    async def work(value: Annotated[object, Depends(function)]) -> None: ...

    with pytest.raises(error) as unobserved:
        await container.call(work)
    with container.observe(recorder), pytest.raises(error) as caught:
        await container.call(work)
    assert str(caught.value) == str(unobserved.value)
    assert recorder.events[-1].kind == "failed"
    told = recorder.events[-1].error
    assert isinstance(told, error)


async def test_one_that_swallows_is_closed(container: Container, recorder: Recorder) -> None:
    async def work(value: Annotated[None, Depends(swallows)]) -> None:
        raise LookupError

    with container.observe(recorder), pytest.raises(SwallowedError):
        await container.call(work)
    assert recorder.story()[-1] == "closed swallows"


async def test_a_cancelled_set_up_has_failed(container: Container, recorder: Recorder) -> None:
    begun = anyio.Event()

    async def waits() -> AsyncIterator[None]:
        begun.set()
        await anyio.sleep_forever()
        yield

    async def work(pool: Pool, value: Annotated[None, Depends(waits)]) -> None: ...

    with container.observe(recorder):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(container.call, work)
            await begun.wait()
            tasks.cancel_scope.cancel()
    assert recorder.story()[-3:] == ["failed waits", "closing get_pool", "closed get_pool"]


async def test_dependencies_opened_at_the_same_time(
    container: Container, recorder: Recorder
) -> None:
    async def left() -> AsyncIterator[str]:
        yield "left"

    async def right() -> AsyncIterator[str]:
        yield "right"

    async def work(
        one: Annotated[str, Depends(left, concurrent=True)],
        other: Annotated[str, Depends(right, concurrent=True)],
    ) -> str:
        return one + other

    with container.observe(recorder):
        assert await container.call(work) == "leftright"
    assert sorted(recorder.names("opened")) == ["left", "right"]
    assert recorder.names("closed") == ["right", "left"]


async def test_scope_app_and_what_uses_it(container: Container, recorder: Recorder) -> None:
    async def work(pool: Annotated[str, Depends(get_pool, scope="app")]) -> None: ...

    with container.observe(recorder):
        async with container:
            await container.call(work)
            await container.call(work)
    assert recorder.story() == [
        "opening get_pool",
        "opened get_pool",
        "reused get_pool",
        "closing get_pool",
        "closed get_pool",
    ]
    assert {event.scope for event in recorder.events} == {"app"}
    assert [event.unit.name for event in recorder.events if event.kind != "reused"] == [
        "application"
    ] * 4


async def test_a_unit_of_work_kept_open_is_one(container: Container, recorder: Recorder) -> None:
    async def work(session: Session, number: Annotated[int, Depends(get_number)]) -> None: ...

    with container.observe(recorder):
        async with container.scope() as scope:
            await scope.call(work)
            await scope.call(work)
    assert recorder.names("opened") == ["get_pool", "get_session", "get_number"]
    assert recorder.names("reused") == ["get_pool", "get_session", "get_number"]
    assert recorder.names("closed") == ["get_session", "get_pool"]
    assert {event.unit.name for event in recorder.events} == {"scope"}
    assert len({event.unit for event in recorder.events}) == 1


async def test_waiting_for_a_thread(container: Container, recorder: Recorder) -> None:
    limiter = anyio.to_thread.current_default_thread_limiter()
    waiting = anyio.Event()

    def tell(event: Event) -> None:
        recorder(event)
        if event.kind == "waiting":
            waiting.set()

    async def work(pool: Pool) -> None: ...

    with container.observe(tell):
        async with anyio.create_task_group() as tasks:
            borrowed = [object() for _ in range(int(limiter.total_tokens))]
            for each in borrowed:
                limiter.acquire_on_behalf_of_nowait(each)
            tasks.start_soon(container.call, work)
            await waiting.wait()
            for each in borrowed:
                limiter.release_on_behalf_of(each)
    assert recorder.story()[:4] == [
        "waiting get_pool",
        "waited get_pool",
        "opening get_pool",
        "opened get_pool",
    ]
    assert recorder.events[1].seconds > 0


async def test_who_gives_up_waiting_for_a_thread_has_failed(
    container: Container, recorder: Recorder
) -> None:
    limiter = anyio.to_thread.current_default_thread_limiter()

    async def work(pool: Pool) -> None: ...

    with container.observe(recorder):
        borrowed = [object() for _ in range(int(limiter.total_tokens))]
        for each in borrowed:
            limiter.acquire_on_behalf_of_nowait(each)
        with anyio.move_on_after(0.01):
            await container.call(work)
        for each in borrowed:
            limiter.release_on_behalf_of(each)
    assert recorder.story() == ["waiting get_pool", "failed get_pool"]
    assert recorder.events[-1].phase == "waiting"


async def test_an_observer_that_fails_disturbs_nobody(
    container: Container, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(event: Event) -> None:
        raise LookupError(event.name)

    with container.observe(broken), container.observe(recorder):
        await container.call(everything)
    assert recorder.story() == STORY
    [record] = caplog.records
    assert record.name == "tenure.observe"
    assert record.exc_info is not None


@pytest.mark.parametrize("kind", ["call", "generator"])
async def test_waiting_for_a_limit(container: Container, recorder: Recorder, kind: str) -> None:
    begun, go_on = anyio.Event(), anyio.Event()

    async def get_seat() -> str:
        begun.set()
        await go_on.wait()
        return "seat"

    async def hold_seat() -> AsyncIterator[str]:
        begun.set()
        await go_on.wait()
        yield "seat"

    function: Callable[..., Any] = get_seat if kind == "call" else hold_seat

    async def work(seat: Annotated[str, Depends(function, max_concurrency=1)]) -> None: ...

    def tell(event: Event) -> None:
        recorder(event)
        if event.kind == "waiting":
            go_on.set()

    with container.observe(tell):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(container.call, work)
            await begun.wait()
            tasks.start_soon(container.call, work)
    kinds = [event.kind for event in recorder.events]
    assert kinds.count("waiting") == kinds.count("waited") == 1
    waiting = recorder.events[kinds.index("waiting")]
    assert waiting.name == recorder.events[0].name
    of_second = [event.kind for event in recorder.events if event.unit == waiting.unit]
    assert of_second[:4] == ["waiting", "waited", "opening", "opened"]
