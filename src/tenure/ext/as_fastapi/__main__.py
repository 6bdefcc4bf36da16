"""``python -m tenure.ext.as_fastapi -m uvicorn main:app``: a program as it is, on Tenure.

Takes ``-m MODULE`` or a file, and what follows as its arguments, as ``python`` itself does.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

from tenure.ext import as_fastapi

__all__: list[str] = []


def _run(arguments: list[str]) -> None:
    if len(arguments) >= 2 and arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        return
    if not arguments or arguments[0].startswith("-"):
        sys.exit("usage: python -m tenure.ext.as_fastapi (-m MODULE | FILE) [ARGUMENTS]")
    sys.argv = arguments
    sys.path[0] = str(Path(arguments[0]).resolve().parent)
    runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    as_fastapi.install()
    _run(sys.argv[1:])
