"""`tenure run` as a process of its own: it serves, and it ends as it is told."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.once

PROGRAM = """
from contextlib import asynccontextmanager
from pathlib import Path
from tenure.web import FastAPI, Request

@asynccontextmanager
async def lifespan(app):
    yield
    Path("closed").touch()

app = FastAPI(lifespan=lifespan)

@app.get("/")
async def read(request: Request) -> str:
    return request.scope["root_path"]
"""


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    places = [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    return subprocess.Popen(
        [sys.executable, "-m", "tenure", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(places)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server on a free port, and that port; it is gone at the end, by force if need be."""
    with start(folder, "run", *arguments, "--port", "0") as process:
        try:
            assert process.stdout is not None
            printed = []
            for line in process.stdout:
                printed.append(line)
                if found := re.search(r"running on http://127\.0\.0\.1:(\d+)", line):
                    yield process, int(found[1])
                    break
            else:
                pytest.fail("".join(printed))
        finally:
            process.kill()


def get(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as response:
        return response.read().decode()


@pytest.mark.parametrize("target", ["main:app", "main", "main.py", None])
def test_it_serves_until_it_is_interrupted(tmp_path: Path, target: str | None) -> None:
    (tmp_path / "main.py").write_text(PROGRAM)
    named = [target] if target is not None else []
    with running(tmp_path, *named, "--root-path", "/shop") as (process, port):
        assert get(port) == '"/shop"'
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    assert (tmp_path / "closed").exists()


def test_a_factory_is_called(tmp_path: Path) -> None:
    factory = PROGRAM.replace("app = FastAPI", "made = FastAPI").replace("@app", "@made")
    (tmp_path / "main.py").write_text(factory + "\ndef build():\n    return made\n")
    with running(tmp_path, "main:build", "--factory") as (process, port):
        assert get(port) == '""'
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def test_an_import_that_fails_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("import nowhere\n")
    with start(tmp_path, "run", "main:app") as process:
        out, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert out == (
        "tenure: main cannot be imported: ModuleNotFoundError: No module named 'nowhere' "
        f"({tmp_path / 'main.py'}:1)\n"
    )


def test_a_faulty_declaration_is_no_traceback(tmp_path: Path) -> None:
    faulty = "\n@app.get('/bad')\nasync def bad(value=Depends(1)): ...\n"
    (tmp_path / "main.py").write_text(
        PROGRAM.replace("import FastAPI", "import Depends, FastAPI") + faulty
    )
    with start(tmp_path, "run", "main:app") as process:
        out, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert out.startswith("tenure: 1 in parameter 'value' of bad (")
    assert "Hint: " in out
    assert "Traceback" not in out
    # A process of its own for the check of the same program.
    with start(tmp_path, "check", "main:app") as process:
        out, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert out.startswith("error uncallable  main.py:17\n")


def test_what_the_start_would_raise_is_no_traceback_either(tmp_path: Path) -> None:
    late = "\n@app.get('/late')\nasync def late(value: 'Nowhere' = Depends()): ...\n"
    (tmp_path / "main.py").write_text(
        PROGRAM.replace("import FastAPI", "import Depends, FastAPI") + late
    )
    with start(tmp_path, "run", "main:app") as process:
        out, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "'Nowhere' is not known" in out
    assert "Traceback" not in out


def test_options_that_exclude_each_other(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(PROGRAM)
    with start(tmp_path, "run", "main:app", "--reload", "--workers", "2") as process:
        out, _ = process.communicate(timeout=20)
    assert (process.returncode, out) == (2, "tenure: --reload and --workers exclude each other\n")
