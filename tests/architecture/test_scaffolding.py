"""What the project installs, and what tests do about loops and services."""

import asyncio
import re
import socket
import sys
import tomllib

import pytest

from tests import services
from tests.architecture.source import ROOT
from tests.conftest import BACKENDS

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.mark.once
def test_the_engine_depends_on_anyio_alone() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert re.findall(r"^[\w-]+", "\n".join(project["dependencies"]), re.MULTILINE) == ["anyio"]


@pytest.mark.once
@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_is_exact_and_names_no_index(lock) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    requirements = re.split(r"\n(?=[a-z])", re.sub(r"(?m)^ *#.*\n", "", text).strip())
    assert requirements
    for requirement in requirements:
        assert re.match(r"[\w.-]+(\[[\w,]+\])?==[\w.]+( ;.*)? \\\n", requirement), requirement
        assert "--hash=sha256:" in requirement


@pytest.fixture
def silent_port(monkeypatch):
    """A port of 127.0.0.1 where nothing listens, taken to be NATS."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        monkeypatch.setitem(services._PORTS, "nats", bound.getsockname()[1])
        yield


@pytest.mark.usefixtures("silent_port")
def test_a_service_that_does_not_answer_is_skipped_with_the_reason(monkeypatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"nats does not answer on 127\.0\.0\.1:\d+"):
        services.require_service("nats")


@pytest.mark.usefixtures("silent_port")
def test_a_service_that_does_not_answer_is_a_failure_under_ci(monkeypatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="nats does not answer"):
        services.require_service("nats")


async def test_async_tests_run_on_every_loop(request, anyio_backend_name) -> None:
    name = request.node.callspec.id
    if anyio_backend_name == "asyncio":
        loop = asyncio.get_running_loop()
        assert type(loop).__module__.startswith("uvloop" if name == "uvloop" else "asyncio")
        assert (loop.get_task_factory() is not None) == (name == "eager")


@pytest.mark.asyncio_only("it is what the mark is for")
async def test_a_test_for_asyncio_alone_does_not_run_on_trio(anyio_backend_name) -> None:
    assert anyio_backend_name == "asyncio"


def test_no_loop_was_left_out() -> None:
    eager = ["eager"] if sys.version_info >= (3, 12) else []
    assert list(BACKENDS) == ["asyncio", "uvloop", *eager, "trio"]
