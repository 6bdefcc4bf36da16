"""The state of one unit of work that its steps share."""

from __future__ import annotations

from contextvars import Context, ContextVar, Token
from typing import Any, Protocol

from anyio import CancelScope

__all__ = ["Resource", "Scope"]


class Resource(Protocol):
    """What errors say about an open generator; a plan's ``Open`` step is one."""

    @property
    def name(self) -> str:
        """The dependency's name."""
        ...

    @property
    def place(self) -> str:
        """Where it is defined, ``file:line``."""
        ...

    @property
    def is_async(self) -> bool:
        """Whether it is driven on the event loop."""
        ...


class Scope:
    """One unit of work while it is alive, for the plans that need to remember something of it."""

    __slots__ = ("carried", "context", "shield")

    def __init__(self) -> None:
        self.context: Context | None = None
        """The one context all steps in worker threads run in; made for the first of them."""
        self.carried: dict[ContextVar[Any], Token[Any]] = {}
        """Variables that a thread set and the task did not have: how to unset them again."""
        self.shield: CancelScope | None = None
        """Inside an anyio cancel scope: one of ours around all, shielding while exits run."""
