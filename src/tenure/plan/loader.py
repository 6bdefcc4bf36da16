"""Source text becomes a function: the only place where code is executed from text."""

from __future__ import annotations

import itertools
import linecache
import pathlib
import weakref
from typing import Any

from tenure.plan.runtime import PlanFunction

__all__ = ["load"]

_numbers = itertools.count(1)


def load(source: str, name: str, origin: str, names: dict[str, Any]) -> PlanFunction:
    """Compile *source* and return the function *name* from it.

    The text is registered with ``linecache`` under a unique, readable file name, so that
    tracebacks and debuggers show its lines, and released together with the function.
    """
    file, _, line = origin.rpartition(":")
    where = f"{pathlib.PurePath(file).name}:{line}" if file else origin
    readable = " ".join(where.split()).encode("ascii", "backslashreplace").decode()
    filename = f"<tenure plan {next(_numbers)} {readable} {name}>"
    code = compile(source, filename, "exec")
    # The text is written by the emitter from validated identifiers; no user text is in it
    # outside comments.
    exec(code, names)  # noqa: S102
    function: PlanFunction = names.pop(name)
    names["itself"] = weakref.ref(function)  # a strong one would keep it alive for ever
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    weakref.finalize(function, linecache.cache.pop, filename, None)
    return function
