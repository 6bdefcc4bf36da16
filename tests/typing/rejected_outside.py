"""Wrong uses of what is around the engine: each `ignore` is needed, or the checker complains."""

from collections.abc import AsyncIterator
from typing import Annotated

from taskiq import InMemoryBroker

from tenure import Container, Depends
from tenure.ext.jobs import BlockingJobRunner, JobRunner
from tenure.ext.pytest import client_fixture, dependency_fixture
from tenure.ext.taskiq import TaskiqJobs
from tenure.observe import Event, Recorder, Watch
from tenure.web import App


async def get_session() -> AsyncIterator[str]:
    yield "session"


async def pay(account: int, session: Annotated[str, Depends(get_session)]) -> float:
    return account * 1.0


app = App()


async def runs_jobs() -> None:
    JobRunner()  # type: ignore[call-arg]
    JobRunner(app)  # type: ignore[arg-type]
    runner = JobRunner(app.container)
    wrong: str = await runner.run(pay, account=7)  # type: ignore[arg-type]
    await runner.run("pay", account=7)  # type: ignore[call-overload]
    runner.inject(3)  # type: ignore[call-overload]
    also_wrong: str = await runner.inject(pay)(7)  # type: ignore[assignment]
    print(wrong, also_wrong)


def runs_jobs_without_a_loop() -> None:
    runner = BlockingJobRunner(Container(), backend=3)  # type: ignore[arg-type]
    wrong: str = runner.run(pay, account=7)  # type: ignore[assignment]
    also_wrong: str = runner.inject(pay)(7)  # type: ignore[assignment]
    print(wrong, also_wrong)


async def sends() -> None:
    TaskiqJobs(app.container, InMemoryBroker())  # type: ignore[arg-type]
    jobs = TaskiqJobs(InMemoryBroker(), app.container)
    jobs.task("pay")("pay")  # type: ignore[call-overload]
    jobs.task(3)(pay)  # type: ignore[arg-type]
    task = jobs.task("pay")(pay)
    task.kick(account=7)  # type: ignore[attr-defined]
    wrong: str = (await (await task.kiq(7)).wait_result()).return_value  # type: ignore[assignment]
    print(wrong)


def takes_nothing() -> None: ...


def takes_a_word(event: str) -> None: ...


def observes() -> None:
    app.container.observe(takes_nothing)  # type: ignore[arg-type]
    app.container.observe(takes_a_word)  # type: ignore[arg-type]
    app.container.observe(Recorder)  # type: ignore[arg-type]
    Recorder().names("open")  # type: ignore[arg-type]
    Watch("slow")  # type: ignore[arg-type]
    Event("opened")  # type: ignore[call-arg]


client_fixture()  # type: ignore[call-arg]
client_fixture(3)  # type: ignore[arg-type]
client_fixture(app, overrides={get_session: "fake"})  # type: ignore[dict-item]
dependency_fixture("session")  # type: ignore[arg-type]
dependency_fixture(get_session, container=app)  # type: ignore[arg-type]
dependency_fixture(get_session, app.container)  # type: ignore[call-arg]
app.dependency_overrides[get_session] = "fake"  # type: ignore[assignment]
