"""Parameters that only some kinds of caller can fill: a query parameter needs an HTTP request.

The engine knows none of these kinds. A marker says what it needs by an attribute,
``__tenure_needs__ = "an HTTP request"``; a type that is injected by its annotation is named by
``needs_caller``. Where nobody of that kind calls, such a parameter is a fault of the graph
instead of a marker that is passed as if it were a value.
"""

from __future__ import annotations

from typing import Any, Final

from tenure.graph.annotations import split_annotated
from tenure.graph.inputs import DeclarationProblem, Input, NoInputs
from tenure.graph.providers import EMPTY, Parameter, Provider

__all__ = ["OutsideUnits", "is_foreign_marker", "needs_caller", "refuse_foreign"]

_NEEDS: Final = "__tenure_needs__"

_types: dict[type, str] = {}


def needs_caller(cls: type, kind: str) -> None:
    """Say that parameters annotated with *cls* or a subclass are filled by callers of *kind*."""
    _types[cls] = kind


def is_foreign_marker(metadata: Any) -> bool:
    """Whether *metadata* of an ``Annotated``, or a default, needs a certain kind of caller."""
    return _kind_of_marker(metadata) is not None


def refuse_foreign(parameter: Parameter, owner: Provider, hint: str) -> None:
    """Raise ``DeclarationProblem`` if *parameter* can be filled only by a caller of some kind.

    A marker in the annotation does no harm where the parameter has a plain default beside it.
    """
    inner, metadata = split_annotated(parameter.annotation)
    of = f"Parameter {parameter.name!r} of {owner.name} ({owner.place})"
    default = parameter.default
    if (kind := _kind_of_marker(default)) is not None:
        raise DeclarationProblem(
            f"{of} can only be filled by {kind} ({type(default).__name__} is its default value), "
            "and there is none here.",
            f"{hint}; or write Annotated[..., {type(default).__name__}()] = default, so that the "
            "default holds elsewhere",
        )
    if default is not EMPTY:
        return
    found = next((each for each in metadata if is_foreign_marker(each)), None)
    if found is not None:
        word, kind = type(found).__name__, _kind_of_marker(found)
    elif isinstance(inner, type):
        base = next((each for each in inner.__mro__ if each in _types), None)
        word, kind = inner.__name__, _types[base] if base is not None else None
    else:
        return
    if kind is not None:
        raise DeclarationProblem(
            f"{of} can only be filled by {kind} ({word}), and there is none here.", hint
        )


class OutsideUnits(NoInputs):
    """The binder of what is of scope "app": there is no unit of work that could give anything."""

    def recognise(self, parameter: Parameter, owner: Provider, *, is_root: bool) -> Input | None:
        """Nothing; what only a caller could fill is refused."""
        hint = 'what is of scope "app" belongs to no request: take it where the request is served'
        refuse_foreign(parameter, owner, hint)
        return None


def _kind_of_marker(marker: Any) -> str | None:
    kind = getattr(type(marker), _NEEDS, None)
    return kind if isinstance(kind, str) else None
