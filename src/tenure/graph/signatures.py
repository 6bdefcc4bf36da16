"""The parameters of a callable as its signature declares them."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple, TypeGuard

__all__ = ["EMPTY", "DeclaredParameter", "declared_parameters", "is_plain_function"]

EMPTY: Final = inspect.Parameter.empty
"""Stands for "no default" and "no annotation", as in ``inspect``."""

_ParameterKind = inspect._ParameterKind  # noqa: SLF001 - has no public name

_NO_ANNOTATIONS: Final[dict[str, Any]] = {}


class DeclaredParameter(NamedTuple):
    """One parameter, its annotation as it was written."""

    name: str
    annotation: Any
    default: Any
    kind: inspect._ParameterKind


def is_plain_function(call: object) -> TypeGuard[types.FunctionType]:
    """Whether *call* is a function about which nothing is told but what its code says.

    What is told otherwise (``__wrapped__``, ``__signature__``, the marks of coroutine functions)
    stands in the function's own dictionary.
    """
    return isinstance(call, types.FunctionType) and not call.__dict__


def declared_parameters(call: Callable[..., Any]) -> Sequence[DeclaredParameter]:
    """The parameters of *call*, in order; raises what ``inspect.signature`` raises.

    Plain functions are read without it: it is most of what analysing one would cost.
    """
    if is_plain_function(call):
        return tuple(_of_code(call))
    return [
        DeclaredParameter(each.name, each.annotation, each.default, each.kind)
        for each in inspect.signature(call).parameters.values()
    ]


def _of_code(function: types.FunctionType) -> Iterator[DeclaredParameter]:
    code = function.__code__
    annotations = function.__annotations__ or _NO_ANNOTATIONS
    names = code.co_varnames
    positional, named = code.co_argcount, code.co_argcount + code.co_kwonlyargcount
    defaults = function.__defaults__ or ()
    without = positional - len(defaults)
    for position, name in enumerate(names[:positional]):
        kind = (
            _ParameterKind.POSITIONAL_ONLY
            if position < code.co_posonlyargcount
            else _ParameterKind.POSITIONAL_OR_KEYWORD
        )
        default = defaults[position - without] if position >= without else EMPTY
        yield DeclaredParameter(name, annotations.get(name, EMPTY), default, kind)
    last = named
    if code.co_flags & inspect.CO_VARARGS:
        name, last = names[last], last + 1
        yield DeclaredParameter(
            name, annotations.get(name, EMPTY), EMPTY, _ParameterKind.VAR_POSITIONAL
        )
    given = function.__kwdefaults__ or {}
    for name in names[positional:named]:
        yield DeclaredParameter(
            name,
            annotations.get(name, EMPTY),
            given.get(name, EMPTY),
            _ParameterKind.KEYWORD_ONLY,
        )
    if code.co_flags & inspect.CO_VARKEYWORDS:
        name = names[last]
        yield DeclaredParameter(
            name, annotations.get(name, EMPTY), EMPTY, _ParameterKind.VAR_KEYWORD
        )
