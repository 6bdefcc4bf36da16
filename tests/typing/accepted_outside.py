"""Right uses of what is around the engine, for type checkers only: nothing here is run."""

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Annotated, Any, assert_type

from taskiq import InMemoryBroker
from taskiq.decor import AsyncTaskiqDecoratedTask

from tenure import Container, Depends
from tenure.ext.jobs import BlockingJobRunner, JobInterruptedError, JobRunner
from tenure.ext.pytest import client_fixture, dependency_fixture
from tenure.ext.taskiq import TaskiqJobs
from tenure.observe import Event, EventKind, Observation, Open, Recorder, Unit, Watch
from tenure.web import App


async def get_session() -> AsyncIterator[str]:
    yield "session"


Session = Annotated[str, Depends(get_session)]


async def pay(account: int, session: Session) -> float:
    return account * 1.0


def pay_in_thread(account: int, session: Session) -> list[int]:
    return [account]


async def runs_jobs() -> None:
    runner = JobRunner(Container())
    await runner.start()
    assert_type(await runner.run(pay, account=7), float)
    assert_type(await runner.run(pay_in_thread, account=7), list[int])
    assert_type(runner.inject(pay), Callable[..., Coroutine[Any, Any, float]])
    assert_type(await runner.inject(pay_in_thread)(7), list[int])
    try:
        await runner.stop()
    except JobInterruptedError as error:
        as_runtime_error: RuntimeError = error
        print(as_runtime_error)


def runs_jobs_without_a_loop() -> None:
    runner = BlockingJobRunner(Container(), backend="asyncio", backend_options={})
    runner.start()
    assert_type(runner.run(pay, account=7), float)
    assert_type(runner.run(pay_in_thread, account=7), list[int])
    assert_type(runner.inject(pay)(7), float)
    assert_type(runner.inject(pay_in_thread)(7), list[int])
    runner.stop()


broker = InMemoryBroker()
jobs = TaskiqJobs(broker, App().container)


@jobs.task("pay", retry_on_error=True)
async def task(account: int, session: Session) -> float:
    return account * 1.0


@jobs.task()
def plain_task(account: int, session: Session) -> list[int]:
    return [account]


@broker.task
@jobs.inject
async def below(account: int, session: Session) -> float:
    return account * 1.0


async def sends() -> None:
    assert_type(task, AsyncTaskiqDecoratedTask[..., Coroutine[Any, Any, float]])
    sent = await task.kiq(account=7)
    assert_type((await sent.wait_result(timeout=1)).return_value, float)
    assert_type((await (await plain_task.kiq(7)).wait_result()).return_value, list[int])
    assert_type((await (await below.kiq(7)).wait_result()).return_value, float)
    assert_type(await task(account=7), float)


def observes(app: App) -> None:
    recorder, watch = Recorder(), Watch(slow=0.5)

    def print_failures(event: Event) -> None:
        assert_type(event.kind, EventKind)
        assert_type(event.unit, Unit)
        print(event.name, event.place, event.scope, event.seconds * 1000, event.error)

    with app.container.observe(recorder) as observation:
        assert_type(observation, Observation)
        observation.stop()
    app.container.observe(watch)
    app.container.observe(print_failures)
    app.container.observe(recorder.events.append)
    assert_type(recorder.events, list[Event])
    assert_type(recorder.names("opened", "closed") + recorder.story(), list[str])
    assert_type(watch.open() + watch.stuck(), list[Open])


app = App()
client = client_fixture(app, overrides={get_session: lambda: "fake"}, headers={"x": "y"})
of_any_application = client_fixture(app.router.app)
session = dependency_fixture(get_session, container=app.container)
alone = dependency_fixture(get_session)


async def overrides_and_shares() -> None:
    with app.container.override({get_session: lambda: "fake"}):
        assert_type(await app.container.call(pay, account=7), float)
    assert_type(await app.container.get(get_session), str)
    app.dependency_overrides[get_session] = lambda: "fake"
