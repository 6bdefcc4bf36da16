"""Jobs of Taskiq with dependencies, on its broker in memory."""

import inspect
from collections.abc import AsyncIterator
from typing import Annotated, Any, get_type_hints

import anyio
import anyio.lowlevel
import pytest
from taskiq import (
    Context,
    InMemoryBroker,
    SimpleRetryMiddleware,
    TaskiqDepends,
    TaskiqEvents,
    TaskiqState,
)

from tenure import Container, Depends, TenureError
from tenure.ext.jobs import JobInterruptedError
from tenure.ext.taskiq import TaskiqJobs

pytestmark = pytest.mark.asyncio_only("Taskiq runs on asyncio")

log: list[str] = []


@pytest.fixture(autouse=True)
def empty_log() -> None:
    log.clear()


async def open_pool() -> AsyncIterator[str]:
    log.append("pool opened")
    yield "pool"
    log.append("pool closed")


async def open_session(
    pool: Annotated[str, Depends(open_pool, scope="app")],
) -> AsyncIterator[str]:
    log.append("session opened")
    try:
        yield "session"
    except BaseException as error:
        await anyio.lowlevel.checkpoint()
        log.append(f"rolled back: {type(error).__name__}")
        raise
    else:
        log.append("committed")


Session = Annotated[str, Depends(open_session)]


def new_jobs(**options: Any) -> tuple[InMemoryBroker, TaskiqJobs]:
    broker = InMemoryBroker(**options)
    return broker, TaskiqJobs(broker, Container())


async def test_a_message_is_one_unit_of_work_in_an_application_of_the_worker() -> None:
    broker, jobs = new_jobs(await_inplace=True)

    @jobs.task("post")
    async def post(account: int, amount: int, session: Session) -> str:
        return f"{amount + 1} to {account} in {session}"

    await broker.startup()
    assert log == ["pool opened"]
    # As text, because Taskiq turns what is sent into what the signature says.
    first = await post.kiq("7", amount="41")
    assert (await first.wait_result()).return_value == "42 to 7 in session"
    await post.kiq(8, 1)
    await broker.shutdown()
    assert log == ["pool opened", *["session opened", "committed"] * 2, "pool closed"]


async def test_a_plain_function_shares_the_pool() -> None:
    broker, jobs = new_jobs(await_inplace=True)

    @broker.task
    @jobs.inject
    def post(amount: int, session: Session) -> str:
        return f"{amount} in {session}"

    await broker.startup()
    result = await (await post.kiq(1)).wait_result()
    await broker.shutdown()
    assert result.return_value == "1 in session"
    assert log.count("pool opened") == 1


async def test_taskiq_sees_its_own_dependencies_and_none_of_ours() -> None:
    broker, jobs = new_jobs(await_inplace=True)

    def tenant() -> str:
        return "tenant"

    @jobs.task()
    async def post(
        amount: int,
        session: Session,
        context: Annotated[Context, TaskiqDepends()],
        owner: str = TaskiqDepends(tenant),
    ) -> list[str]:
        return [str(amount), session, context.message.task_name, owner]

    assert list(inspect.signature(post.original_func).parameters) == ["amount", "context", "owner"]
    assert set(get_type_hints(post.original_func)) == {"amount", "context", "owner", "return"}
    await broker.startup()
    result = await (await post.kiq(1)).wait_result()
    await broker.shutdown()
    assert result.return_value == ["1", "session", post.task_name, "tenant"]


async def test_a_retry_is_a_failure_of_the_unit_of_work_and_then_another_one() -> None:
    broker, jobs = new_jobs(await_inplace=True)
    broker.add_middlewares(SimpleRetryMiddleware())
    attempts: list[str] = []

    @jobs.task(retry_on_error=True, max_retries=3)
    async def post(session: Session) -> str:
        attempts.append(session)
        if len(attempts) == 1:
            raise OSError("the line is down")
        return "done"

    await broker.startup()
    result = await (await post.kiq()).wait_result()
    await broker.shutdown()
    assert result.return_value == "done"
    assert log[1:-1] == [
        "session opened",
        "rolled back: OSError",
        "session opened",
        "committed",
    ]


async def test_a_job_that_asks_to_be_queued_again_is_rolled_back() -> None:
    broker, jobs = new_jobs(await_inplace=True)
    attempts: list[int] = []

    @jobs.task()
    async def post(session: Session, context: Annotated[Context, TaskiqDepends()]) -> None:
        attempts.append(1)
        if len(attempts) == 1:
            await context.requeue()

    await broker.startup()
    await post.kiq()
    await broker.shutdown()
    assert "rolled back: NoResultError" in log
    assert log.count("committed") == 1


async def test_the_time_limit_of_a_task_reaches_it_and_its_exits_are_shielded() -> None:
    broker, jobs = new_jobs(await_inplace=True)

    @jobs.task(timeout=0.01)
    async def post(session: Session) -> None:
        await anyio.sleep_forever()

    await broker.startup()
    result = await (await post.kiq()).wait_result()
    await broker.shutdown()
    assert isinstance(result.error, TimeoutError)
    assert log[-2:] == ["rolled back: CancelledError", "pool closed"]


async def test_a_job_that_the_shutdown_interrupts_is_neither_acknowledged_nor_sent_again() -> None:
    broker, jobs = new_jobs()
    has_begun = anyio.Event()
    begun: list[int] = []

    @jobs.task(retry_on_error=True, max_retries=3)
    async def post(session: Session) -> None:
        begun.append(1)
        has_begun.set()
        await anyio.sleep_forever()

    # Added after the container was connected, and yet not asked before it: this is no failure.
    broker.add_middlewares(SimpleRetryMiddleware())
    await broker.startup()
    task = await post.kiq()
    await has_begun.wait()
    [running] = broker._running_tasks
    await broker.shutdown()
    with pytest.raises(JobInterruptedError):
        await running
    assert not await task.is_ready()
    assert begun == [1]
    assert log[-2:] == ["rolled back: CancelledError", "pool closed"]


async def test_a_process_that_only_sends_opens_nothing() -> None:
    broker, jobs = new_jobs()

    @jobs.task()
    async def post(session: Session) -> None: ...

    for event in (TaskiqEvents.CLIENT_STARTUP, TaskiqEvents.CLIENT_SHUTDOWN):
        for handler in broker.event_handlers[event]:
            handler(TaskiqState())
    assert log == []


def test_a_task_that_is_to_be_injected_is_refused_with_the_right_order() -> None:
    broker, jobs = new_jobs()

    @broker.task
    async def post(session: Session) -> None: ...

    with pytest.raises(TenureError, match=r"write @broker.task above @jobs.inject") as caught:
        jobs.inject(post)
    assert "test_taskiq.py:" in str(caught.value)
    broker.executor.shutdown()
