"""The name and the place of a callable, as error texts and plans show them."""

from __future__ import annotations

import functools
import inspect
import types
from typing import Any

__all__ = ["name_of", "place_of", "plain_name_of"]


def name_of(call: Any) -> str:
    """The qualified name of *call*, without ``<locals>`` noise: ``Repo.get``, ``get_db``."""
    if isinstance(call, types.FunctionType):  # as most are
        return call.__qualname__.rpartition("<locals>.")[2]
    if isinstance(call, functools.partial):
        return f"partial({name_of(call.func)})"
    if isinstance(call, types.MethodType):
        bound = call.__self__ if isinstance(call.__self__, type) else type(call.__self__)
        return f"{bound.__qualname__}.{call.__name__}".rpartition("<locals>.")[2]
    if typing_origin(call) is not None:
        return str(call).rpartition("<locals>.")[2]
    name = getattr(call, "__qualname__", None)
    if isinstance(name, str):
        return name.rpartition("<locals>.")[2]
    return f"{type(call).__qualname__}".rpartition("<locals>.")[2] + " instance"


def plain_name_of(call: Any) -> str:
    """A short word for *call* that can serve in an identifier."""
    if isinstance(call, types.FunctionType):  # as most are
        return call.__name__ if call.__name__.isidentifier() else "value"
    if isinstance(call, functools.partial):
        return plain_name_of(call.func)
    origin = typing_origin(call)
    name = getattr(origin if origin is not None else call, "__name__", type(call).__name__)
    return name if isinstance(name, str) and name.isidentifier() else "value"


def typing_origin(call: Any) -> Any:
    """``Repo`` for ``Repo[User]``, None for what is not a parametrised generic."""
    if isinstance(call, type) and not isinstance(call, types.GenericAlias):
        return None
    return getattr(call, "__origin__", None)


def place_of(call: Any) -> str:
    """``file:line`` of the definition, or the module where there is no source."""
    target = call
    while isinstance(target, functools.partial):
        target = target.func
    origin = typing_origin(target)
    target = inspect.unwrap(origin if origin is not None else target)
    if isinstance(target, types.MethodType):
        target = target.__func__
    code = getattr(target, "__code__", None)
    if code is None and not isinstance(target, type):
        method = getattr(type(target), "__call__", None)  # noqa: B004 - the method itself
        code = getattr(method, "__code__", None)
    if code is not None:
        return f"{code.co_filename}:{code.co_firstlineno}"
    return _place_of_class(target if isinstance(target, type) else type(target))


def _place_of_class(cls: type) -> str:
    # Reading the source finds the class statement itself; without source, __init__ is near.
    try:
        _, line = inspect.getsourcelines(cls)
        return f"{inspect.getsourcefile(cls)}:{line}"
    except (OSError, TypeError):
        pass
    code = getattr(getattr(cls, "__init__", None), "__code__", None)
    if code is not None:
        return f"{code.co_filename}:{code.co_firstlineno}"
    return f"module {cls.__module__}"
