"""The protocol by which values from outside reach a graph.

The engine knows neither HTTP nor command lines. Whoever does passes a *binder* when a graph is
built. The binder says which parameters it fills (``recognise``), and gives for each callable a
function that reads them from the *source* of a unit of work, an object only the binder
understands (``reader``).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Protocol

from tenure.graph.nodes import InputUse
from tenure.graph.providers import Parameter, Provider

__all__ = ["Binder", "DeclarationProblem", "Input", "NoInputs", "Reader"]

Reader = Callable[[Any], tuple[Any, ...]]
"""``read(source)`` answers one value for each input, or raises ``RejectedInputs``."""


class DeclarationProblem(Exception):  # noqa: N818 - collected into a GraphError, never seen alone
    """Raised by ``recognise`` for a parameter that is declared wrongly.

    The builder collects it as one fault of the graph, with the chain that leads to it.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(message)


class Input(Protocol):
    """A value from outside. The engine carries it and looks at nothing but this."""

    @property
    def uses_labels(self) -> bool:
        """Whether the value depends on the labels handed down to its owner."""
        ...


class Binder(Protocol):
    """Whoever fills the parameters that no ``Depends`` fills."""

    def recognise(self, parameter: Parameter, owner: Provider, *, is_root: bool) -> Input | None:
        """The input for *parameter*, or None to leave it to its own default.

        Raises ``DeclarationProblem`` for a parameter that is declared wrongly.
        """
        ...

    def is_marker(self, metadata: Any) -> bool:
        """Whether *metadata* of an ``Annotated`` declares a value of the binder's.

        Of several markers in one annotation the last one counts.
        """
        ...

    def uses_labels(self, call: Callable[..., Any]) -> bool:
        """Whether *call* is to be told apart by the labels handed down to it."""
        ...

    def reader(self, uses: Sequence[InputUse]) -> Reader:
        """The function that reads the inputs of one node, in the order of its signature.

        It is called right before the node is, when everything it depends on has been solved.
        """
        ...

    def reject(self, source: Any, faults: Sequence[Any]) -> BaseException:
        """The exception to raise in place of calling the root, from the readers' faults."""
        ...


class NoInputs:
    """The binder of a graph that takes nothing from outside."""

    def recognise(self, parameter: Parameter, owner: Provider, *, is_root: bool) -> Input | None:
        """Recognise nothing."""
        return None

    def is_marker(self, metadata: Any) -> bool:
        """Know no markers."""
        return False

    def uses_labels(self, call: Callable[..., Any]) -> bool:
        """Tell nothing apart."""
        return False

    def reader(self, uses: Sequence[InputUse]) -> Reader:
        """Read nothing."""
        return lambda _source: ()

    def reject(self, source: Any, faults: Sequence[Any]) -> BaseException:
        """Never called: a reader without inputs rejects nothing."""
        return TypeError(f"unexpected faults: {list(faults)}")


def key_of_labels(labels: Sequence[str]) -> Hashable:
    """What makes two lists of labels the same dependency: order and repetition do not count."""
    return tuple(sorted(set(labels)))
