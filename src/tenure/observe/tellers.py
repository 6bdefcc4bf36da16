"""The events of one dependency in one unit of work."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from tenure.errors import YieldedTwiceError
from tenure.graph.nodes import Node
from tenure.observe.events import Event, EventKind, Phase, Unit, numbers
from tenure.observe.observers import Observers

__all__ = ["Teller"]


class Teller:
    """Makes the events of one dependency, and measures what is between them."""

    __slots__ = (
        "_began",
        "_delivered",
        "_make_error",
        "_node",
        "_number",
        "_observers",
        "_phase",
        "_scope",
        "_unit",
    )

    def __init__(
        self,
        observers: Observers,
        unit: Unit,
        node: Node,
        scope: str,
        make_error: Callable[[Any], BaseException],
    ) -> None:
        self._observers = observers
        self._unit = unit
        self._node = node
        self._scope = scope
        self._make_error = make_error
        """Of a provider that has not yielded."""
        self._number = 0
        self._began = perf_counter()
        self._phase: Phase = "opening"
        self._delivered: BaseException | None = None

    def waiting(self) -> None:
        """It waits for a thread, or for its limit."""
        self._begin("waiting", "waiting")

    def waited(self) -> None:
        """What it waited for is there."""
        self._tell("waited", seconds=perf_counter() - self._began)

    def opening(self) -> None:
        """It is about to be called."""
        self._number = next(numbers)
        self._begin("opening", "opening")

    def opened(self) -> None:
        """It has a value."""
        self._tell("opened", seconds=perf_counter() - self._began)

    def reused(self) -> None:
        """Its value is handed to another."""
        self._tell("reused")

    def closing(self, delivered: BaseException | None) -> None:
        """Its exit begins; *delivered* is raised at its ``yield``."""
        self._delivered = delivered
        self._begin("closing", "closing", delivered)

    def closed(self) -> None:
        """Its exit is over."""
        delivered, self._delivered = self._delivered, None
        self._tell("closed", delivered, perf_counter() - self._began)

    def failed(self, error: BaseException) -> None:
        """It has raised something; what was delivered to it is not its own failure."""
        if error is self._delivered:
            self.closed()
            return
        self._delivered = None
        self._tell("failed", error, perf_counter() - self._began)

    def did_not_yield(self) -> BaseException:
        """It has ended where it should have yielded; the error that says so."""
        error = self._make_error(self._node.provider)
        self.failed(error)
        return error

    def yielded_again(self) -> None:
        """It has yielded where it should have ended."""
        provider = self._node.provider
        self.failed(YieldedTwiceError(f"{provider.name} ({provider.place}) yielded a second time."))

    def _begin(self, kind: EventKind, phase: Phase, error: BaseException | None = None) -> None:
        self._phase = phase
        self._tell(kind, error)
        self._began = perf_counter()

    def _tell(
        self, kind: EventKind, error: BaseException | None = None, seconds: float = 0.0
    ) -> None:
        provider = self._node.provider
        self._observers.tell(
            Event(
                kind=kind,
                name=provider.name,
                place=provider.place,
                scope=self._scope,
                unit=self._unit,
                number=self._number,
                stays_open=provider.kind.opens,
                phase=self._phase,
                seconds=seconds,
                error=error,
            )
        )
