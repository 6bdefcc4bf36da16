"""Jobs of any queue: one unit of work each, and an application scope as long as the worker."""

import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import anyio
import anyio.lowlevel
import pytest

from tenure import ApplicationError, Container, Depends, GraphError, TenureError
from tenure.ext.jobs import BlockingJobRunner, JobInterruptedError, JobRunner


class World:
    """What is open, and what became of it."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.has_begun = anyio.Event()
        self.begun = threading.Event()

        async def open_pool() -> AsyncIterator[str]:
            self.log.append("pool opened")
            yield "pool"
            self.log.append("pool closed")

        async def open_session(
            pool: Annotated[str, Depends(open_pool, scope="app")],
        ) -> AsyncIterator[str]:
            self.log.append("session opened")
            try:
                yield f"session of {pool}"
            except BaseException as error:
                await anyio.lowlevel.checkpoint()
                self.log.append(f"rolled back: {type(error).__name__}")
                raise
            else:
                self.log.append("committed")

        self.open_session = open_session

        async def post(amount: int, session: Annotated[str, Depends(open_session)]) -> str:
            if amount < 0:
                raise ValueError(amount)
            return f"{amount} in {session}"

        def post_plainly(amount: int, session: Annotated[str, Depends(open_session)]) -> str:
            self.log.append(f"in the main thread: {_is_main_thread()}")
            return f"{amount} in {session}"

        async def wait_for_ever(session: Annotated[str, Depends(open_session)]) -> None:
            self.has_begun.set()
            self.begun.set()
            await anyio.sleep_forever()

        self.post, self.post_plainly, self.wait_for_ever = post, post_plainly, wait_for_ever


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


@pytest.fixture
def world() -> World:
    return World()


async def test_each_job_is_a_unit_of_work_of_an_application_as_long_as_the_worker(
    world: World,
) -> None:
    runner = JobRunner(Container())
    post = runner.inject(world.post)
    assert world.log == []
    await runner.start()
    assert world.log == ["pool opened"]
    assert await post(1) == "1 in session of pool"
    assert await runner.run(world.post, amount=2) == "2 in session of pool"
    await runner.stop()
    assert world.log == [
        "pool opened",
        *["session opened", "committed"] * 2,
        "pool closed",
    ]


async def test_a_failure_has_passed_through_the_dependencies_when_the_queue_sees_it(
    world: World,
) -> None:
    runner = JobRunner(Container())
    await runner.start()
    with pytest.raises(ValueError, match="-1"):
        await runner.inject(world.post)(-1)
    assert world.log[-1] == "rolled back: ValueError"
    await runner.stop()


async def test_a_plain_function_runs_beside_the_loop_on_the_same_application(world: World) -> None:
    runner = JobRunner(Container())
    post = runner.inject(world.post_plainly)
    await runner.start()
    assert await post(amount=3) == "3 in session of pool"
    await runner.stop()
    assert world.log.count("pool opened") == 1
    assert "in the main thread: False" in world.log


async def test_stopping_cancels_what_still_runs_and_closes_it_before_the_application(
    world: World,
) -> None:
    runner = JobRunner(Container())
    outcomes: list[BaseException] = []

    async def work() -> None:
        try:
            await runner.run(world.wait_for_ever)
        except JobInterruptedError as error:
            outcomes.append(error)

    await runner.start()
    async with anyio.create_task_group() as group:
        group.start_soon(work)
        await world.has_begun.wait()
        await runner.stop()
    assert world.log[-2].startswith("rolled back: Cancelled")
    assert world.log[-1] == "pool closed"
    assert "wait_for_ever" in str(outcomes[0])
    assert "tests/ext/test_jobs.py:" in str(outcomes[0]).replace("\\", "/")


async def test_a_job_that_comes_while_the_worker_stops_is_not_begun(world: World) -> None:
    runner = JobRunner(Container())
    await runner.start()
    await runner.stop()
    before = list(world.log)
    with pytest.raises(JobInterruptedError, match="the worker is stopping"):
        await runner.run(world.post, amount=1)
    assert world.log == before


async def test_a_cancellation_of_the_queue_is_not_taken_for_an_interruption(world: World) -> None:
    runner = JobRunner(Container())
    await runner.start()
    with anyio.CancelScope() as time_limit:
        async with anyio.create_task_group() as group:
            group.start_soon(runner.run, world.wait_for_ever)
            await world.has_begun.wait()
            time_limit.cancel()
    assert time_limit.cancelled_caught
    assert world.log[-1].startswith("rolled back: Cancelled")
    await runner.stop()


async def test_the_workers_own_time_limit_ends_the_waiting_and_still_closes_the_application(
    world: World,
) -> None:
    runner = JobRunner(Container())
    is_in_thread, may_go_on = anyio.Event(), threading.Event()

    async def say_so() -> None:
        is_in_thread.set()

    def stuck(session: Annotated[str, Depends(world.open_session)]) -> None:
        anyio.from_thread.run(say_so)
        may_go_on.wait()

    async def work() -> None:
        with pytest.raises((JobInterruptedError, ApplicationError)):
            await runner.run(stuck)

    await runner.start()
    async with anyio.create_task_group() as group:
        group.start_soon(work)
        await is_in_thread.wait()
        with anyio.CancelScope() as time_limit:
            time_limit.cancel()
            await runner.stop()
        assert world.log[-1] == "pool closed"
        may_go_on.set()


async def test_a_failing_start_leaves_nothing_and_stop_after_it_does_nothing() -> None:
    async def open_pool() -> AsyncIterator[None]:
        raise OSError("no database")
        yield

    async def job(pool: Annotated[None, Depends(open_pool, scope="app")]) -> None: ...

    runner = JobRunner(Container())
    runner.inject(job)
    with pytest.raises(OSError, match="no database"):
        await runner.start()
    await runner.stop()


async def test_a_runner_can_be_started_again_but_not_twice(world: World) -> None:
    runner = JobRunner(Container())
    runner.inject(world.post)
    for _ in range(2):
        await runner.start()
        with pytest.raises(TenureError, match="JobRunner of its own"):
            await runner.start()
        assert await runner.run(world.post, amount=1) == "1 in session of pool"
        await runner.stop()
    assert world.log.count("pool opened") == world.log.count("pool closed") == 2


def test_a_job_is_checked_when_it_is_declared() -> None:
    async def unknown(mystery: int) -> int:
        return mystery

    async def job(account: int, mystery: Annotated[int, Depends(unknown)]) -> None: ...

    for runner in (JobRunner(Container()), BlockingJobRunner(Container())):
        with pytest.raises(GraphError, match="mystery"):
            runner.inject(job)


@pytest.fixture
def blocking() -> Iterator[Callable[[Container], BlockingJobRunner]]:
    runners: list[BlockingJobRunner] = []

    def start(container: Container) -> BlockingJobRunner:
        runners.append(BlockingJobRunner(container))
        runners[-1].start()
        return runners[-1]

    yield start
    for runner in runners:
        runner.stop()


def test_a_worker_without_a_loop_runs_jobs_on_one_of_its_own(world: World) -> None:
    runner = BlockingJobRunner(Container())
    post = runner.inject(world.post)
    runner.start()
    results: list[str] = []
    threads = [threading.Thread(target=lambda: results.append(post(5))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with pytest.raises(ValueError, match="-1"):
        post(amount=-1)
    runner.stop()
    assert results == ["5 in session of pool"] * 4
    assert world.log[0] == "pool opened"
    assert world.log[-2:] == ["rolled back: ValueError", "pool closed"]
    assert world.log.count("pool opened") == 1


def test_a_worker_without_a_loop_interrupts_what_runs_when_it_stops(world: World) -> None:
    runner = BlockingJobRunner(Container())
    runner.start()
    outcomes: list[Any] = []

    def work() -> None:
        try:
            runner.run(world.wait_for_ever)
        except TenureError as error:
            outcomes.append(type(error))

    thread = threading.Thread(target=work)
    thread.start()
    world.begun.wait()
    runner.stop()
    thread.join()
    assert outcomes == [JobInterruptedError]
    assert world.log[-1] == "pool closed"


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def waits(thread: int) -> bool:
    frame = sys._current_frames().get(thread)
    while frame is not None and frame.f_code is not threading.Condition.wait.__code__:
        frame = frame.f_back
    return frame is not None


def test_a_time_limit_that_arrives_in_the_waiting_thread_cancels_the_job(
    world: World, blocking: Callable[[Container], BlockingJobRunner]
) -> None:
    class SoftTimeLimitError(Exception): ...

    def interrupt(_signal: int, _frame: object) -> None:
        raise SoftTimeLimitError

    main_thread = threading.main_thread().ident
    assert main_thread is not None

    def send_signal() -> None:
        world.begun.wait()
        while not waits(main_thread):  # it may still be on its way there
            pass
        signal.pthread_kill(main_thread, signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, interrupt)
    sender = threading.Thread(target=send_signal)
    try:
        runner = blocking(Container())
        sender.start()
        with pytest.raises(SoftTimeLimitError):
            runner.run(world.wait_for_ever)
    finally:
        signal.signal(signal.SIGUSR1, before)
        sender.join()
    assert world.log[-1].startswith("rolled back: Cancelled")


def test_a_worker_that_was_not_started_says_what_is_missing(world: World) -> None:
    runner = BlockingJobRunner(Container())
    with pytest.raises(TenureError, match=r"call start\(\) when the worker process starts"):
        runner.run(world.post, amount=1)
    runner.start()
    with pytest.raises(TenureError, match="started already"):
        runner.start()
    runner.stop()
    with pytest.raises(TenureError, match="not any more"):
        runner.run(world.post, amount=1)


def test_a_start_that_fails_ends_the_loop_of_the_worker() -> None:
    def open_pool() -> str:
        raise OSError("no database")

    async def job(pool: Annotated[str, Depends(open_pool, scope="app")]) -> None: ...

    threads = threading.active_count()
    runner = BlockingJobRunner(Container())
    runner.inject(job)
    with pytest.raises(OSError, match="no database"):
        runner.start()
    assert threading.active_count() <= threads + 1  # anyio's idle worker thread may outlive it
    runner.stop()
