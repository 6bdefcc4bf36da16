"""A callable as the graph sees it: its kind, its parameters, its name and place."""

from __future__ import annotations

import asyncio
import enum
import functools
import inspect
import types
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, NamedTuple

from tenure.graph.annotations import resolve, substitute, type_variables_of
from tenure.graph.markers import Depends
from tenure.graph.signatures import (
    EMPTY,
    DeclaredParameter,
    declared_parameters,
    is_plain_function,
)
from tenure.text.names import name_of, place_of, plain_name_of, typing_origin

__all__ = ["EMPTY", "Kind", "Parameter", "Provider", "provider_of", "takes_positions"]


class Kind(enum.Enum):
    """How a callable is run."""

    FUNCTION = "function"
    """Called in a worker thread; classes too."""
    COROUTINE = "coroutine"
    """Awaited."""
    GENERATOR = "generator"
    """Driven in a worker thread: opened by its first value, closed by its end."""
    ASYNC_GENERATOR = "async generator"
    """Driven on the event loop."""

    opens: bool
    """Whether there is something to close afterwards."""

    def __init__(self, word: str) -> None:
        self.opens = word.endswith("generator")  # asked for very often


class Parameter(NamedTuple):
    """One parameter of a provider, its annotation resolved as far as names are known."""

    name: str
    annotation: Any
    default: Any
    kind: inspect._ParameterKind
    missing: tuple[str, ...] = ()
    """Names in the annotation that are not known (yet)."""
    problem: str = ""
    """Why the annotation could not be evaluated, other than by missing names."""


@dataclass(eq=False, slots=True)
class Provider:
    """All that can be known about a callable before it is called; not the callable itself."""

    kind: Kind
    indirect: bool
    """A wrapper or a context manager function: what the call returns must be looked at."""
    parameters: tuple[Parameter, ...]
    name: str
    place: str
    word: str
    """A short identifier for generated code."""
    problems: tuple[tuple[str, str, str], ...] = field(default=())
    """Faults of the callable itself: (kind, message, hint)."""


_MOST_LAYERS = 100
"""Where following ``__wrapped__`` ends, should somebody have tied it in a knot."""

_providers: weakref.WeakKeyDictionary[Any, Provider] = weakref.WeakKeyDictionary()


def provider_of(call: Callable[..., Any], *, is_new: bool = False) -> Provider:
    """Analyse *call*, or take the analysis that was made before.

    Functions and classes are analysed once per process. A name that could not be resolved is
    tried again each time, since forward references become known later. *is_new*: see ``resolve``.
    """
    if not isinstance(call, types.FunctionType | type) or typing_origin(call) is not None:
        return _analyse(call, is_new=is_new)
    known = _providers.get(call)
    if known is None:
        known = _providers[call] = _analyse(call, is_new=is_new)
    elif any(parameter.missing or parameter.problem for parameter in known.parameters):
        fresh = _analyse(call, is_new=is_new).parameters
        # A local name may have been known only when this was first declared: keep what it was.
        known.parameters = tuple(
            new if old.missing or old.problem else old
            for old, new in zip(known.parameters, fresh, strict=True)
        )
    return known


def takes_positions(call: Callable[..., Any], names: Sequence[str]) -> bool:
    """Whether passing values by position is the same as passing them by these *names*.

    Only for plain functions and methods: a wrapper with the signature of what it wraps may look
    at what it is given by name.
    """
    function = call.__func__ if isinstance(call, types.MethodType) else call
    if type(function) is not types.FunctionType:
        return False
    if "__wrapped__" in function.__dict__ or "__signature__" in function.__dict__:
        return False
    code = function.__code__
    first = 1 if function is not call else 0
    return code.co_varnames[first : code.co_argcount][: len(names)] == tuple(names)


def _analyse(call: Callable[..., Any], *, is_new: bool) -> Provider:
    if is_plain_function(call):
        return _analyse_plain(call, is_new=is_new)
    kind, indirect, problems = _classify(call)
    try:
        parameters = _parameters_of(call, is_new=is_new)
    except (ValueError, TypeError) as error:
        parameters = ()
        problems = (
            *problems,
            (
                "signature",
                f"The signature of {name_of(call)} cannot be read: {error}.",
                "wrap it in a function of your own that names its parameters",
            ),
        )
    return Provider(
        kind=kind,
        indirect=indirect,
        parameters=parameters,
        name=name_of(call),
        place=place_of(call),
        word=plain_name_of(call),
        problems=problems,
    )


def _analyse_plain(function: types.FunctionType, *, is_new: bool) -> Provider:
    """What the long way would find, read off the function's code: most callables are plain."""
    code, declared = function.__code__, declared_parameters(function)
    return Provider(
        kind=_kind_of_flags(code.co_flags),
        indirect=False,
        parameters=tuple([_parameter(each, function, {}, is_new=is_new) for each in declared]),
        name=name_of(function),
        place=f"{code.co_filename}:{code.co_firstlineno}",
        word=plain_name_of(function),
    )


def _kind_of_flags(flags: int) -> Kind:
    if flags & inspect.CO_ASYNC_GENERATOR:
        return Kind.ASYNC_GENERATOR
    if flags & inspect.CO_GENERATOR:
        return Kind.GENERATOR
    return Kind.COROUTINE if flags & inspect.CO_COROUTINE else Kind.FUNCTION


def _classify(call: Any) -> tuple[Kind, bool, tuple[tuple[str, str, str], ...]]:
    bare = _without_partial(call)
    if isinstance(bare, type) or typing_origin(bare) is not None:
        return Kind.FUNCTION, False, ()  # constructing it, whatever its __call__ is
    layers = _layers(bare)
    own, innermost = _kind_of_code(layers[0]), _kind_of_code(layers[-1])
    if isinstance(layers[-1], type) or len(layers) == 1:
        return own, False, ()
    if own is Kind.FUNCTION:
        return innermost, innermost is not Kind.FUNCTION, ()
    if own is Kind.COROUTINE and innermost.opens:
        problem = (
            "wrapper",
            (
                f"{name_of(call)} is an async function, but says by functools.wraps that it is "
                f"the {innermost.value} {name_of(layers[-1])}."
            ),
            "let the wrapper yield as well, or leave out functools.wraps",
        )
        return own, False, (problem,)
    return own, False, ()


def _without_partial(call: Any) -> Any:
    while isinstance(call, functools.partial):
        call = call.func
    return call


def _layers(bare: Any) -> list[Any]:
    """The function behind *bare* and what it wraps, from the outside in."""
    if not inspect.isroutine(bare) and not hasattr(bare, "__wrapped__"):
        bare = _without_partial(getattr(bare, "__call__", bare))  # noqa: B004 - the method itself
    layers: list[Any] = [bare]
    while hasattr(layers[-1], "__wrapped__") and len(layers) < _MOST_LAYERS:
        layers.append(_without_partial(layers[-1].__wrapped__))
    return layers


def _kind_of_code(function: Any) -> Kind:
    if inspect.isasyncgenfunction(function):
        return Kind.ASYNC_GENERATOR
    if inspect.isgeneratorfunction(function):
        return Kind.GENERATOR
    if inspect.iscoroutinefunction(function) or _is_marked(function):
        return Kind.COROUTINE
    return Kind.FUNCTION


def _is_marked(function: Any) -> bool:
    # How mocks and compiled code said it before Python 3.12 had inspect.markcoroutinefunction.
    mark = vars(asyncio.coroutines).get("_is_coroutine")
    return mark is not None and getattr(function, "_is_coroutine", None) is mark


def _parameters_of(call: Callable[..., Any], *, is_new: bool) -> tuple[Parameter, ...]:
    origin = typing_origin(_without_partial(call))
    readable: Any = call if origin is None else _without_alias(call, origin)
    variables = type_variables_of(_without_partial(call))
    owner = _owner_of_annotations(readable)
    return tuple(
        _parameter(parameter, owner, variables, is_new=is_new)
        for parameter in declared_parameters(readable)
        if not (parameter.kind is inspect.Parameter.VAR_KEYWORD and _wrote_its_signature(readable))
    )


def _wrote_its_signature(call: Any) -> bool:
    """Whether a class made up its signature: pydantic's ``**extra`` need not be given."""
    return isinstance(call, type) and any("__signature__" in vars(cls) for cls in call.__mro__)


def _without_alias(call: Any, origin: Any) -> Any:
    if isinstance(call, functools.partial):
        return functools.partial(_without_alias(call.func, origin), *call.args, **call.keywords)
    return origin


def _parameter(
    declared: DeclaredParameter, owner: Any, variables: dict[Any, Any], *, is_new: bool
) -> Parameter:
    if type(declared.annotation) is type and not variables:
        return Parameter(*declared)  # a plain class, or no annotation: nothing to resolve
    resolution = resolve(declared.annotation, owner, is_new=is_new)
    annotation, default = resolution.annotation, declared.default
    if variables:
        annotation = _substitute_marker(substitute(annotation, variables), variables)
        default = _substituted(default, variables)
    return Parameter(
        name=declared.name,
        annotation=annotation,
        default=default,
        kind=declared.kind,
        missing=resolution.missing,
        problem=resolution.problem,
    )


def _substitute_marker(annotation: Any, variables: dict[Any, Any]) -> Any:
    metadata = getattr(annotation, "__metadata__", None)
    if metadata is None:
        return annotation
    changed = tuple(_substituted(each, variables) for each in metadata)
    if changed == metadata:
        return annotation
    return Annotated[annotation.__origin__, *changed]


def _substituted(marker: Any, variables: dict[Any, Any]) -> Any:
    if not isinstance(marker, Depends) or marker.dependency is None:
        return marker
    dependency = substitute(marker.dependency, variables)
    return marker if dependency is marker.dependency else replace(marker, dependency=dependency)


def _owner_of_annotations(call: Any) -> Any:
    """The function or class whose names the annotations of *call* are written in."""
    bare = _without_partial(call)
    if isinstance(bare, type):
        for cls in bare.__mro__:
            for name in ("__init__", "__new__"):
                function = vars(cls).get(name)
                if isinstance(function, types.FunctionType):
                    return inspect.unwrap(function)
        return bare
    if isinstance(bare, types.MethodType):
        return inspect.unwrap(bare.__func__)
    if inspect.isroutine(bare) or hasattr(bare, "__wrapped__"):
        return inspect.unwrap(bare)
    return inspect.unwrap(_without_partial(getattr(bare, "__call__", bare)))  # noqa: B004
