"""What dependencies say they return, against what their parameters are annotated with.

Only what is wrong for certain: a value that fits one annotation can never fit the other.
"""

from __future__ import annotations

import collections.abc
import inspect
import types
import typing
from collections.abc import Iterator
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin

from tenure.ext.cli.check.findings import Finding, split_place
from tenure.ext.cli.check.uses import Use, chain_to, uses_of, worded
from tenure.graph.annotations import resolve, split_annotated
from tenure.graph.nodes import Graph, Node
from tenure.graph.providers import EMPTY

__all__ = ["contradictions"]

_ITERABLES: Final = (collections.abc.Iterable, collections.abc.AsyncIterable)
_ITERATORS: Final = (collections.abc.Iterator, collections.abc.AsyncIterator)
_TOWER: Final = {int: (float, complex), float: (complex,)}
"""What type checkers take for a number, although it is no subclass."""


def contradictions(graph: Graph, route: str) -> Iterator[Finding]:
    """Every parameter whose dependency cannot return what it is annotated with."""
    looked_at: set[Node] = set()
    for use in uses_of(graph):
        returned = _return_annotation(use.node)
        if returned is EMPTY:
            continue
        if use.node.provider.kind.opens:
            if not _may_iterate(returned):
                if use.node not in looked_at:
                    yield _no_iterator(graph, use.node, returned, route)
                looked_at.add(use.node)
                continue
            returned = _item_of(returned)
        if use.parameter is None or returned is EMPTY:
            continue
        if use.parameter.missing or use.parameter.annotation is EMPTY:
            continue
        if _never_fits(returned, use.parameter.annotation):
            yield _contradiction(graph, use, returned, route)


def _return_annotation(node: Node) -> Any:
    """What the callable says it returns; ``EMPTY`` where it says nothing that can be judged."""
    call = node.call
    if isinstance(call, type) or get_origin(call) is not None:
        return call
    try:
        declared = inspect.signature(call).return_annotation
    except (TypeError, ValueError):
        return EMPTY
    if declared is EMPTY:
        return EMPTY
    function: Any = call
    while hasattr(function, "func"):  # a partial
        function = function.func
    if not inspect.isroutine(function):
        function = getattr(type(function), "__call__", function)  # noqa: B004 - the method
    resolution = resolve(declared, inspect.unwrap(function))
    return EMPTY if resolution.missing or resolution.problem else resolution.annotation


def _may_iterate(returned: Any) -> bool:
    """Whether a function that yields may be annotated to return this."""
    inner, _ = split_annotated(returned)
    origin = get_origin(inner) or inner
    if origin is None or origin in (Union, types.UnionType):
        return False
    if not isinstance(origin, type) or origin is object:
        return True
    return origin in _ITERABLES or issubclass(origin, _ITERATORS) or _is_manager(origin)


def _item_of(returned: Any) -> Any:
    """What an iterator yields: ``EMPTY`` where it is not said."""
    inner, _ = split_annotated(returned)
    return next(iter(get_args(inner)), EMPTY)


def _is_manager(origin: type) -> bool:
    return hasattr(origin, "__enter__") or hasattr(origin, "__aenter__")


def _never_fits(returned: Any, annotation: Any) -> bool:
    """Whether no value can be of both types, as far as that can be known."""
    values, wanted = _members(returned), _members(annotation)
    if values is None or wanted is None:
        return False
    return not any(_may_be(value, each) for value in values for each in wanted)


def _members(annotation: Any) -> list[type] | None:
    """The classes that a value of the type is one of; None where that is not known."""
    inner, _ = split_annotated(annotation)
    if inner is None or inner is types.NoneType:
        return [types.NoneType]
    if isinstance(inner, typing.NewType):
        return _members(inner.__supertype__)
    if isinstance(inner, TypeVar) or inner is Any or inner is object:
        return None
    origin = get_origin(inner)
    if origin in (Union, types.UnionType):
        members = [_members(each) for each in get_args(inner)]
        if any(each is None for each in members):
            return None
        return [each for some in members for each in some or ()]
    if origin is Literal:
        return [type(each) for each in get_args(inner)]
    cls = origin or inner
    if not isinstance(cls, type) or getattr(cls, "_is_protocol", False):
        return None
    if typing.is_typeddict(cls):
        return [dict]
    return [cls]


def _may_be(value: type, wanted: type) -> bool:
    """Whether a value of one class can be taken for one of the other."""
    if wanted in _TOWER.get(value, ()):
        return True
    try:
        return issubclass(value, wanted) or issubclass(wanted, value)
    except TypeError:
        return True


def _contradiction(graph: Graph, use: Use, returned: Any, route: str) -> Finding:
    provider = use.node.provider
    assert use.parameter is not None
    annotation, _ = split_annotated(use.parameter.annotation)
    verb = "yields" if provider.kind.opens else "returns"
    if isinstance(use.node.call, type):
        verb = "makes"
    file, line = split_place(use.user.provider.place)
    return Finding(
        rule="contradiction",
        level="error",
        message=(
            f"{worded(use).capitalize()} is annotated with {_named(annotation)}, but "
            f"{provider.name} ({provider.place}) {verb} {_named(returned)}."
        ),
        hint=f"annotate it with {_named(returned)}, or depend on something else",
        chain=chain_to(graph, use.node),
        file=file,
        line=line,
        routes=(route,),
    )


def _no_iterator(graph: Graph, node: Node, returned: Any, route: str) -> Finding:
    provider = node.provider
    file, line = split_place(provider.place)
    word = "AsyncIterator" if provider.kind.value.startswith("async") else "Iterator"
    return Finding(
        rule="yield-annotation",
        level="warning",
        message=f"{provider.name} yields, but is annotated to return {_named(returned)}.",
        hint=f"write -> {word}[{_named(returned)}]",
        chain=chain_to(graph, node),
        file=file,
        line=line,
        routes=(route,),
    )


def _named(annotation: Any) -> str:
    inner, _ = split_annotated(annotation)
    if inner is types.NoneType:
        return "None"
    if isinstance(inner, type) and get_origin(inner) is None:
        return inner.__qualname__.rpartition("<locals>.")[2]
    return str(inner).replace("typing.", "").replace("collections.abc.", "")
