"""Commands of Typer and click with dependencies: what they show, how they end."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from typing import Annotated

import click
import pytest
import typer
from click.testing import CliRunner
from click.testing import Result as ClickResult
from typer.testing import CliRunner as TyperRunner
from typer.testing import Result

from tenure import Container, Depends, GraphError

pytestmark = pytest.mark.once

events: list[str] = []


@pytest.fixture(autouse=True)
def no_events() -> None:
    events.clear()


async def get_pool() -> AsyncIterator[str]:
    events.append("pool opened")
    yield "pool"
    events.append("pool closed")


async def get_session(pool: Annotated[str, Depends(get_pool, scope="app")]) -> AsyncIterator[str]:
    try:
        yield f"session of {pool}"
    except BaseException as error:
        events.append(f"rolled back: {type(error).__name__}")
        raise
    else:
        events.append("committed")


Session = Annotated[str, Depends(get_session)]


async def report(month: int, session: Session, verbose: bool = False) -> None:
    """Make a report."""
    typer.echo(f"{month} {session} {verbose}")


def report_in_thread(month: int, session: Session, verbose: bool = False) -> None:
    """Make a report."""
    typer.echo(f"{month} {session} {verbose}")


def run(function: Callable[..., object], *arguments: str) -> Result:
    commands = typer.Typer()
    commands.command()(Container().command(function))
    return TyperRunner().invoke(commands, arguments)


@pytest.mark.parametrize("function", [report, report_in_thread])
def test_a_command_of_typer_has_its_ordinary_parameters(function: Callable[..., object]) -> None:
    result = run(function, "3", "--verbose")
    assert (result.exit_code, result.output) == (0, "3 session of pool True\n")
    assert events == ["pool opened", "committed", "pool closed"]
    shown = run(function, "--help").output
    assert "Make a report." in shown
    assert "--verbose" in shown
    assert "session" not in shown.lower()


def test_what_a_command_raises_reaches_its_dependencies_and_typer() -> None:
    async def ends(session: Session) -> None:
        raise typer.Exit(3)

    async def complains(session: Session) -> None:
        raise typer.BadParameter("no such month")

    assert run(ends).exit_code == 3
    refused = run(complains)
    assert refused.exit_code == 2
    assert "no such month" in refused.output
    assert events == [
        *("pool opened", "rolled back: Exit", "pool closed"),
        *("pool opened", "rolled back: BadParameter", "pool closed"),
    ]


def test_a_command_of_click_has_its_context() -> None:
    @click.command()
    @click.option("--times", type=int, default=1)
    @Container().command
    async def repeat(times: int, session: Session) -> None:
        click.echo(f"{click.get_current_context().info_name} {session}" * times)

    result: ClickResult = CliRunner().invoke(repeat, ["--times", "2"])
    assert result.output == "repeat session of pool" * 2 + "\n"


def test_a_mistake_is_found_where_the_command_is_declared() -> None:
    async def wrong(session: Annotated[str, Depends(lambda unknown: unknown)]) -> None: ...

    with pytest.raises(GraphError, match="unknown"):
        Container().command(wrong)


INTERRUPTED = """
from collections.abc import AsyncIterator
from typing import Annotated
import anyio
import signal
import typer
from tenure import Container, Depends

async def get_session() -> AsyncIterator[str]:
    try:
        yield "session"
    finally:
        await anyio.sleep(0)
        print("closed", flush=True)

commands = typer.Typer()

@commands.command()
@Container().command
async def wait(session: Annotated[str, Depends(get_session)]) -> None:
    print("waiting", flush=True)
    await anyio.sleep_forever()

signal.signal(signal.SIGINT, signal.default_int_handler)
commands()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no signal for one process alone")
def test_ctrl_c_ends_an_async_command_and_its_exits_finish() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=20)
    assert out == "closed\n"
    assert process.returncode in (1, 130)
