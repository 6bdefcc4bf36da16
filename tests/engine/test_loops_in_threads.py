"""Event loops that ``def`` code runs itself, and those that are left in the middle."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Annotated

import anyio
import pytest

from tenure import Container, Depends


async def test_def_code_may_run_an_event_loop(container: Container) -> None:
    """Also where the loop around it was started by anyio, as in tests."""
    events: list[str] = []

    async def visit(what: str) -> str:
        await anyio.lowlevel.checkpoint()
        events.append(what)
        return what

    def opened() -> Iterator[str]:
        yield anyio.run(visit, "open")
        anyio.run(container.call, closing)

    def closing(what: Annotated[str, Depends(lambda: anyio.run(visit, "close"))]) -> None:
        anyio.run(visit, f"after {what}")

    def main(value: Annotated[str, Depends(opened)]) -> str:
        return anyio.run(visit, f"main, {value}")

    async def then(value: Annotated[str, Depends(main)]) -> str:
        return await visit(f"then {value}")

    assert await container.call(then) == "then main, open"
    assert events == ["open", "main, open", "then main, open", "close", "after close"]


_LEFT_IN_THE_MIDDLE = """
import asyncio
import sys
import threading

from tenure import Container

container = Container()
go_on = threading.Event()


async def main():
    await container.call(threading.current_thread)
    if sys.argv[1] == "busy":
        asyncio.create_task(container.call(go_on.wait))
    asyncio.get_running_loop().call_soon({stop})
    await asyncio.Event().wait()


def interrupt():
    raise KeyboardInterrupt


loop = asyncio.new_event_loop()
{run}
print("the end", flush=True)
threading.Timer(0.05, go_on.set).start()
"""
_STOPPED = {
    "stop": "asyncio.get_running_loop().stop",
    "run": "task = loop.create_task(main())\nloop.run_forever()",
}
_INTERRUPTED = {
    "stop": "interrupt",
    "run": "try:\n    loop.run_until_complete(main())\nexcept KeyboardInterrupt:\n    pass",
}


@pytest.mark.parametrize("threads", ["idle", "busy"])
@pytest.mark.parametrize("how", [_STOPPED, _INTERRUPTED], ids=["stopped", "interrupted"])
def test_the_interpreter_does_not_wait_for_idle_threads(how: dict[str, str], threads: str) -> None:
    """Of a loop whose first task is never over."""
    program = _LEFT_IN_THE_MIDDLE.format(**how)
    done = subprocess.run(
        [sys.executable, "-c", program, threads],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "the end\n", done.stderr
    assert done.returncode == 0
