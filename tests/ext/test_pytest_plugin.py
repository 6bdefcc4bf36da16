"""The pytest plugin, in pytest runs of its own: under anyio's plugin and under pytest-asyncio."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tenure.ext.pytest import client_fixture

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]

APPLICATION = """
from collections.abc import AsyncIterator
from typing import Annotated

from tenure.web import App, Depends, Request

events = []
seen = []


async def get_pool() -> AsyncIterator[str]:
    events.append("pool opens")
    yield "pool"
    events.append("pool closes")


async def get_session(
    pool: Annotated[str, Depends(get_pool, scope="app")],
) -> AsyncIterator[str]:
    events.append("session opens")
    try:
        yield f"session of {pool}"
    except BaseException as error:
        events.append(f"session sees {type(error).__name__}")
        raise
    finally:
        events.append("session closes")


async def get_repository(session: Annotated[str, Depends(get_session)]) -> str:
    return f"repository of {session}"


async def lifespan(app):
    events.append("lifespan starts")
    yield {"word": "state"}
    events.append("lifespan stops")


app = App(lifespan=lifespan)


@app.get("/")
async def read(
    session: Annotated[str, Depends(get_session)], request: Request
) -> list[str]:
    return [session, request.state.word]
"""

CONFTEST = """
import pytest

from application import app, events, seen, fake_session, get_repository, get_session
from tenure.ext.pytest import client_fixture, dependency_fixture

client = client_fixture(app)
faked = client_fixture(app, overrides={get_session: fake_session})
session = dependency_fixture(get_session, container=app.container)
repository = dependency_fixture(get_repository, container=app.container)


@pytest.fixture(autouse=True)
def no_events():
    seen[:] = events
    events.clear()
"""

FAKE = """

async def fake_session() -> str:
    return "fake"
"""

_LOOP = ["-o", "asyncio_default_fixture_loop_scope=function"]

RUNNERS = {
    "anyio": ("@pytest.mark.anyio", ["-p", "no:asyncio"]),
    "asyncio-strict": ("@pytest.mark.asyncio", ["-o", "asyncio_mode=strict", *_LOOP]),
    "asyncio-auto": ("", ["-o", "asyncio_mode=auto", *_LOOP]),
}

PASSING = """
@pytest.fixture(autouse=True)
def closed():
    yield
    assert events.count("session opens") == events.count("session closes")
    assert events.count("pool opens") == events.count("pool closes")
    if "pool closes" in events:
        assert events[-1] == "pool closes"


async def test_a_client_runs_the_lifespan_on_the_loop_of_the_test(client):
    assert (await client.get("/")).json() == ["session of pool", "state"]
    assert events[:2] == ["pool opens", "lifespan starts"]
    assert "lifespan stops" not in events


async def test_overrides_of_a_client(faked):
    assert (await faked.get("/")).json() == ["fake", "state"]


async def test_overrides_in_a_test(client):
    assert (await client.get("/")).json() == ["session of pool", "state"]
    with app.container.override({get_session: fake_session}):
        assert (await client.get("/")).json() == ["fake", "state"]
    assert (await client.get("/")).json() == ["session of pool", "state"]


async def test_dependencies_are_fixtures_of_one_unit_of_work(session, repository, client):
    assert session == "session of pool"
    assert repository == "repository of session of pool"
    assert events.count("session opens") == 1
    assert (await client.get("/")).json() == ["session of pool", "state"]
    assert events.count("pool opens") == 1


def test_without_a_loop(repository):
    assert repository == "repository of session of pool"
    assert events == ["pool opens", "session opens"]


async def test_leaves_nothing(client, session, nothing_left_open):
    await client.get("/")


def test_plain_leaves_nothing(session, nothing_left_open):
    pass
"""

FAILING = """
@pytest.fixture
def anyio_backend():
    return "asyncio"


async def test_fails(session):
    raise LookupError("of the test")


def test_the_dependency_saw_the_failure():
    assert "session sees LookupError" in seen


async def use(session: Annotated[str, Depends(get_session)], event: object) -> None:
    event.set()
    await anyio.sleep_forever()


async def test_leaves(client, nothing_left_open):
    global task
    event = anyio.Event()
    task = asyncio.create_task(app.container.call(use, event=event))
    await event.wait()


@pytest.fixture
def middle(session):
    return session


async def test_indirect(middle):
    pass


def test_plain(client):
    pass
"""


@pytest.fixture(params=list(RUNNERS))
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Run the tests in a text; what pytest printed."""
    mark, options = RUNNERS[request.param]

    def run(tests: str) -> str:
        (tmp_path / "application.py").write_text(APPLICATION + FAKE)
        (tmp_path / "conftest.py").write_text(CONFTEST)
        head = "import anyio, asyncio, pytest\nfrom application import *\n"
        marked = re.sub(r"^(?=async def test_)", f"{mark}\n", tests, flags=re.MULTILINE)
        (tmp_path / "test_it.py").write_text(head + marked)
        command = [sys.executable, "-m", "pytest", "-q", "-W", "error"]
        # By its module, whether or not this environment knows the entry point.
        command += ["-p", "no:tenure", "-p", "tenure.ext.pytest"]
        result = subprocess.run(
            [*command, "-p", "no:cacheprovider", "-p", "no:hypothesispytest", *options],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            capture_output=True,
            text=True,
            check=False,
        )
        return result.stdout + result.stderr

    return run


def test_clients_overrides_and_dependencies(run: Callable[[str], str]) -> None:
    output = run(PASSING)
    last = output.splitlines()[-1]
    assert re.match(r"(7|12) passed in", last), output


def test_failures_and_what_is_left_open(run: Callable[[str], str]) -> None:
    output = run(FAILING)
    assert "2 failed, 1 passed, 2 errors" in output, output
    assert "LookupError: of the test" in output
    left = re.search(r"The test left open:\nE +get_session \((.*)\), opened for use", output)
    assert left is not None, output
    assert "application.py:" in left[1]
    assert "the test itself has to ask for it" in output
    assert "write async def test_plain" in output


def test_overrides_need_an_application_with_a_container() -> None:
    async def app(scope: object, receive: object, send: object) -> None: ...

    with pytest.raises(TypeError, match=r"give it the tenure\.web\.App itself"):
        client_fixture(app, overrides={})
