"""The steps of a plan: plain data, consumed by the emitter and by the interpreter alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tenure.graph.inputs import InputUse
from tenure.graph.nodes import Node
from tenure.graph.providers import Kind

__all__ = ["Call", "Close", "Deliver", "Finish", "Open", "Plan", "Read", "Root", "Step"]


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """Read the inputs of one node from the source into *targets*, right before it is called."""

    uses: tuple[InputUse, ...]
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """Call a dependency that leaves nothing open."""

    node: Node
    target: str
    arguments: tuple[tuple[str, str], ...]
    """Parameter and variable, in the order of the signature."""

    @property
    def in_thread(self) -> bool:
        """Whether it runs in a worker thread."""
        return self.node.provider.kind is Kind.FUNCTION


@dataclass(frozen=True, slots=True, eq=False)
class Open:
    """Run a generator up to its ``yield``; from then on it is open.

    ``name``, ``place`` and ``is_async`` are what errors at run time say about it.
    """

    node: Node
    target: str
    generator: str
    """The variable that holds the generator itself."""
    arguments: tuple[tuple[str, str], ...]

    @property
    def call(self) -> Callable[..., Any]:
        """The generator function."""
        return self.node.call

    @property
    def name(self) -> str:
        """The dependency's name."""
        return self.node.provider.name

    @property
    def place(self) -> str:
        """Where it is defined, ``file:line``."""
        return self.node.provider.place

    @property
    def is_async(self) -> bool:
        """Whether it is driven on the event loop; a plain generator is driven in a thread."""
        return self.node.provider.kind is Kind.ASYNC_GENERATOR

    @property
    def indirect(self) -> bool:
        """Whether the call returns something that only contains the generator."""
        return self.node.provider.indirect


@dataclass(frozen=True, slots=True)
class Root:
    """Call what the unit of work is for."""

    node: Node
    arguments: tuple[tuple[str, str], ...]

    @property
    def in_thread(self) -> bool:
        """Whether it runs in a worker thread."""
        return self.node.provider.kind is Kind.FUNCTION


@dataclass(frozen=True, slots=True)
class Finish:
    """Make the result from what the root returned, with everything still open."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close what was opened in one scope, in reverse order."""

    scope: str
    opened: tuple[Open, ...]
    """In the order of closing."""
    left_open: int
    """How many remain open afterwards."""


@dataclass(frozen=True, slots=True)
class Deliver:
    """Hand the result to whoever asked for it; the scope "request" is still open."""


Step = Read | Call | Open | Root | Finish | Close | Deliver


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything one unit of work does, in order."""

    name: str
    """An identifier: ``solve_read_item``."""
    origin: str
    """Where the root is defined: ``file:line``."""
    steps: tuple[Step, ...]
    inputs: tuple[InputUse, ...]
    """All inputs, in the order of the declaration."""
    may_swallow: bool
    """Whether a dependency may swallow an exception, since no result is expected."""

    @property
    def reads(self) -> tuple[Read, ...]:
        """All reads, in the order of reading."""
        return tuple(step for step in self.steps if isinstance(step, Read))

    @property
    def uses_threads(self) -> bool:
        """Whether any step runs in a worker thread."""
        return any(
            not step.is_async if isinstance(step, Open) else step.in_thread
            for step in self.steps
            if isinstance(step, Open | Call | Root)
        )

    @property
    def opens(self) -> tuple[Open, ...]:
        """All generators, in the order of opening."""
        return tuple(step for step in self.steps if isinstance(step, Open))
