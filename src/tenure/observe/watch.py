"""An observer for production: it logs what is slow, and knows what is open."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Final

from tenure.observe.events import Event, Phase

__all__ = ["Open", "Watch"]

_PHRASES: Final[dict[Phase, str]] = {
    "waiting": "has waited",
    "opening": "has taken",
    "closing": "has taken to close",
}


@dataclass(frozen=True, slots=True)
class Open:
    """One dependency that is not done."""

    event: Event
    """What has happened to it last: it waits, is being opened, is open, or is being closed."""
    seconds: float
    """For how long now, when this was asked."""

    @property
    def is_idle(self) -> bool:
        """Whether it is open and used, so that it is nothing itself that takes time."""
        return self.event.kind == "opened"

    def __str__(self) -> str:
        event = self.event
        state = "open" if self.is_idle else event.kind
        return (
            f"{event.name} ({event.place}) {state} for {self.seconds:.3f} s, "
            f"in unit {event.unit.number} of {event.unit.name}"
        )


class Watch:
    """Logs what has taken *slow* seconds or longer to open, to wait for or to close.

    It answers what is open now (``open``), and what has been busy for longer than it should
    (``stuck``): that has no end yet, so that no event would tell. ``log_stuck`` writes it down;
    call it from whatever runs now and then.

    *logger* is ``tenure.observe`` where none is given; what is slow is a warning. *clock* answers
    in seconds.
    """

    def __init__(
        self,
        slow: float = 1.0,
        *,
        logger: logging.Logger | None = None,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self.slow = slow
        self._logger = logger if logger is not None else logging.getLogger("tenure.observe")
        self._clock = clock
        self._last: dict[tuple[int, int, str, str], tuple[Event, float]] = {}
        """Of what is not done: its last event, and when that was."""
        self._lock = threading.Lock()

    def __call__(self, event: Event, /) -> None:
        """Take note of *event*."""
        if event.kind == "reused":
            return
        key = (event.unit.number, event.number, event.name, event.place)
        is_over = event.kind in ("waited", "closed", "failed") or (
            event.kind == "opened" and not event.stays_open
        )
        with self._lock:
            self._last.pop(key, None)
            if not is_over:
                self._last[key] = (event, self._clock())
        if event.seconds >= self.slow and (is_over or event.kind == "opened"):
            self._log(event)

    def _log(self, event: Event) -> None:
        suffix = f", and failed with {type(event.error).__name__}" if event.kind == "failed" else ""
        self._logger.warning(
            "%s (%s) %s %.3f s%s, in unit %d of %s",
            event.name,
            event.place,
            _PHRASES[event.phase],
            event.seconds,
            suffix,
            event.unit.number,
            event.unit.name,
        )

    def open(self) -> list[Open]:
        """What is open now, or about to be, in the order in which it became so."""
        now = self._clock()
        with self._lock:
            return [Open(event, now - since) for event, since in self._last.values()]

    def stuck(self) -> list[Open]:
        """What has been waiting, opening or closing for *slow* seconds or longer."""
        return list(self._stuck())

    def log_stuck(self) -> None:
        """Log what is stuck, a warning each."""
        for each in self._stuck():
            self._logger.warning("stuck: %s", each)

    def _stuck(self) -> Iterator[Open]:
        for each in self.open():
            if not each.is_idle and each.seconds >= self.slow:
                yield each
