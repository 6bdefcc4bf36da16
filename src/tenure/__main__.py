"""``python -m tenure`` is the command ``tenure``."""

from __future__ import annotations

from tenure.ext.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
