"""The site under each server that is installed, in a process of its own."""

import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.servers.wire import Site, free_port

ROOT = Path(__file__).parents[3]
SITE = "tests.web.servers.site:app"
COMMANDS = {
    "uvicorn": "uvicorn --host 127.0.0.1 --port {port} --timeout-graceful-shutdown 5",
    "granian": "granian --interface asgi --host 127.0.0.1 --port {port} --workers-kill-timeout 10",
    "hypercorn": "hypercorn --bind 127.0.0.1:{port} --graceful-timeout 5",
}
INSTALLED = [name for name in COMMANDS if importlib.util.find_spec(name)]


@pytest.fixture(scope="module", params=INSTALLED)
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """One process for all tests of a module; it ends as one that is asked to."""
    port = free_port()
    log = tmp_path_factory.mktemp("site") / "log"
    command = [sys.executable, "-m", *COMMANDS[request.param].format(port=port).split(), SITE]
    places = [str(ROOT), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    with log.open("wb") as file:
        process = subprocess.Popen(
            command,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, places))},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    site = Site(request.param, port, log)
    try:
        site.wait_until_up(process)
        yield site
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) in {0, -signal.SIGTERM}
    finally:
        process.kill()
        process.wait()
