"""Write the files of exact versions under `requirements/` from pyproject.toml.

Runs in the `lock` environment, which holds the resolver. A version that still satisfies
pyproject.toml is kept; `--upgrade` takes the newest ones instead. The files hold for every
supported Python and platform, and name no package index.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The group of pyproject.toml, and whether it stands beside `tenure[standard]`. The largest comes
# first: the others are then held to the versions it got.
GROUPS = {
    "lint": True,
    "load": True,
    "test": True,
    "example": True,
    "bench": True,
    "lock": False,
}


def main() -> None:
    """Resolve each group anew."""
    for group, with_project in GROUPS.items():
        command = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
        command += ["--generate-hashes", "--no-emit-index-url", "--custom-compile-command"]
        command += ["make lock", "--group", f"pyproject.toml:{group}"]
        if with_project:
            command += ["--extra", "standard", "pyproject.toml"]
        if with_project and group != "lint":
            command += ["--constraints", "requirements/lint.txt"]
        command += ["--output-file", f"requirements/{group}.txt", *sys.argv[1:]]
        print(f"requirements/{group}.txt", flush=True)
        subprocess.run([sys.executable, "-m", *command], check=True, cwd=str(ROOT))


if __name__ == "__main__":
    main()
