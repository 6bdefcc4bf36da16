"""Requests that a coverage-guided fuzzer makes: what is read from them is never a failure.

The fuzzer (Atheris, on libFuzzer) takes over the process and ends it, so it has one of its own:
``python -m tests.load.fuzz FOLDER SECONDS SEED``. It watches which branches of the reading code a
request takes, and keeps and changes those that take new ones.
"""

import asyncio
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.load import quiet

ROOT = Path(__file__).parents[2]
WATCHED = ("tenure", "starlette", "python_multipart")
_METHODS = ("POST", "GET", "PUT")


def fuzz(seconds: float, seed: int) -> bool:
    """Fuzz for so many seconds, and print what was covered; whether nothing was found."""
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tests.load.fuzz", folder, str(int(seconds)), str(seed)],
            env=os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src")))},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    if done.returncode:
        print(done.stdout[-10_000:])
        print(f"fuzz: a request was found that fails, seed {seed}")
        return False
    runs = re.findall(r"^Done (\d+) runs", done.stdout, re.MULTILINE)
    branches = re.findall(r"\bcov: (\d+)", done.stdout)
    print(
        f"fuzz: {runs[-1]} requests in {seconds:.0f} s, seed {seed}, {branches[0]} branches taken "
        f"at first and {branches[-1]} at last, none answered with a failure"
    )
    return True


def _main(folder: str, seconds: str, seed: str) -> None:
    quiet()
    import atheris

    with atheris.instrument_imports(include=list(WATCHED), enable_loader_override=False):
        from tests.properties import hostile

    app, counter = hostile.application()
    runner = asyncio.Runner()

    def one(data: bytes) -> None:
        request = _request(atheris.FuzzedDataProvider(data), hostile)
        try:
            runner.run(hostile.answers_well(app, counter, request))
        except BaseException as error:
            print(f"{type(error).__name__}: {error}\n{request!r}", flush=True)
            raise

    words = Path(folder, "words")
    words.write_text("".join(_word(value) for value in (*hostile.NASTY, *hostile.TYPES) if value))
    (corpus := Path(folder, "corpus")).mkdir()
    options = [f"-max_total_time={seconds}", f"-seed={seed}", f"-dict={words}", "-max_len=4096"]
    options += ["-timeout=60", "-rss_limit_mb=4096", f"-artifact_prefix={folder}/"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], one)
    atheris.Fuzz()


def _word(value: bytes) -> str:
    """An entry of libFuzzer's dictionary; it takes no longer ones."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in value[:60]) + '"\n'


def _request(data: Any, hostile: Any) -> Any:
    """What the fuzzer's bytes stand for: where it goes is picked, what it holds is theirs."""
    path = hostile.PATHS[data.ConsumeIntInRange(0, len(hostile.PATHS) - 1)]
    if path in ("/path/", "/files/"):
        path += data.ConsumeUnicodeNoSurrogates(60)
    names = [hostile.NAMES[data.ConsumeIntInRange(0, len(hostile.NAMES) - 1)] for _ in range(2)]
    query = b"&".join(name.encode() + b"=" + data.ConsumeBytes(30) for name in names)
    if data.ConsumeBool():
        query = data.ConsumeBytes(60)
    headers = [(b"content-type", hostile.TYPES[data.ConsumeIntInRange(0, len(hostile.TYPES) - 1)])]
    for _ in range(data.ConsumeIntInRange(0, 2)):
        name = hostile.HEADER_NAMES[data.ConsumeIntInRange(0, len(hostile.HEADER_NAMES) - 1)]
        headers.append((name, data.ConsumeBytes(40)))
    method = _METHODS[data.ConsumeIntInRange(0, len(_METHODS) - 1)]
    leaves = data.ConsumeIntInRange(0, 9) == 9
    chunks = [data.ConsumeBytes(200)] if data.ConsumeBool() else []
    chunks.append(data.ConsumeBytes(data.remaining_bytes()))
    return hostile.HostileRequest(method, path, query, tuple(headers), tuple(chunks), leaves)


if __name__ == "__main__":
    _main(*sys.argv[1:])
