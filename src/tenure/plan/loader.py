"""Source text becomes a function: the only place that makes one from text."""

from __future__ import annotations

import ast
import functools
import itertools
import linecache
import pathlib
import threading
import weakref
from types import CodeType, FunctionType
from typing import Any

from tenure.plan.runtime import PlanFunction
from tenure.plan.shapes import renamed, shape_of, without_columns

__all__ = ["load"]

_numbers = itertools.count(1)

# CPython before 3.12 counts the depth of a syntax tree for all threads together, and raises
# SystemError when another one counts meanwhile (python/cpython#106905). A lock that may be taken
# again: collecting garbage in here can call code that needs a plan.
_parsing = threading.RLock()

_MOST_SHAPES = 256
"""How many shapes of sources stay compiled; the least recently used goes first."""


def load(source: str, name: str, origin: str, names: dict[str, Any]) -> PlanFunction:
    """Compile *source* and return the function *name* from it.

    The text is registered with ``linecache`` under a unique, readable file name, so that
    tracebacks and debuggers show its lines, and released together with the function.
    """
    file, _, line = origin.rpartition(":")
    where = f"{pathlib.PurePath(file).name}:{line}" if file else origin
    readable = " ".join(where.split()).encode("ascii", "backslashreplace").decode()
    filename = f"<tenure plan {next(_numbers)} {readable} {name}>"
    # The text is written by the emitter from validated identifiers; no user text is in it
    # outside comments.
    function: PlanFunction = FunctionType(_code_of(source, filename), names)
    names["itself"] = weakref.ref(function)  # a strong one would keep it alive for ever
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    weakref.finalize(function, linecache.cache.pop, filename, None)
    return function


def _code_of(source: str, filename: str) -> CodeType:
    found = shape_of(source)
    if found is None:
        return _function_in(compile(source, filename, "exec"))
    shape, names = found
    return renamed(_compiled(shape), names, filename)


@functools.lru_cache(_MOST_SHAPES)
def _compiled(shape: str) -> CodeType:
    with _parsing:
        tree = without_columns(ast.parse(shape))
        return _function_in(compile(tree, "<tenure plan>", "exec"))


def _function_in(module: CodeType) -> CodeType:
    return next(each for each in module.co_consts if isinstance(each, CodeType))
