"""The arguments of a call as inputs of the graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tenure.graph.inputs import Input, Reader
from tenure.graph.nodes import InputUse
from tenure.graph.outside import is_foreign_marker, refuse_foreign
from tenure.graph.providers import Parameter, Provider

__all__ = ["Arguments"]


@dataclass(frozen=True, slots=True)
class _Given:
    """A parameter of the called function that the caller passes."""

    name: str
    uses_labels: bool = False


class Arguments:
    """Fills the parameters of the root from the arguments of the call."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def recognise(self, parameter: Parameter, owner: Provider, *, is_root: bool) -> Input | None:
        """The arguments that are passed; others have a default, or only HTTP could fill them."""
        if is_root and parameter.name in self._names:
            return _Given(parameter.name)
        if is_root:
            hint = f"pass it: call({owner.name}, {parameter.name}=...)"
        else:
            hint = (
                f"give {parameter.name} a default beside the annotation, or call another function "
                f"in its place: container.override({{{owner.name}: ...}})"
            )
        refuse_foreign(parameter, owner, hint)
        return None

    def is_marker(self, metadata: Any) -> bool:
        """Markers of other callers count, so that they are seen and refused."""
        return is_foreign_marker(metadata)

    def uses_labels(self, call: Callable[..., Any]) -> bool:
        """Arguments are the same whatever labels are handed down."""
        return False

    def reader(self, uses: Sequence[InputUse]) -> Reader:
        """The function that takes the arguments out of the dictionary they come in."""
        names = tuple(use.name for use in uses)
        return lambda arguments: tuple([arguments[name] for name in names])

    def reject(self, source: Any, faults: Sequence[Any]) -> BaseException:
        """Never called: arguments are passed as they are."""
        return TypeError(f"rejected arguments: {list(faults)}")
