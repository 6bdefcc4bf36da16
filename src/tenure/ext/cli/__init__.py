"""The command ``tenure``: run an application, draw its graph, explain a route, check it all.

Needs Typer and Rich: ``pip install "tenure[standard]"``.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence

__all__ = ["main"]

_NEEDED = ("typer", "rich", "starlette", "pydantic")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command with *arguments*, those of the process by default; ends the process."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        sys.stderr.write(
            f"tenure: {' and '.join(missing)} not installed: "
            'pip install "tenure[standard]" brings what the command needs\n'
        )
        sys.exit(2)
    from tenure.ext.cli.commands import run_command

    sys.exit(run_command(sys.argv[1:] if arguments is None else arguments))
