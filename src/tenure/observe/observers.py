"""Who observes a container."""

from __future__ import annotations

import logging
import threading
import weakref
from types import TracebackType
from typing import Final, Protocol, Self

from tenure.observe.events import Event, Observer

__all__ = ["Compiles", "Observation", "Observers"]

_logger: Final = logging.getLogger("tenure.observe")


class Compiles(Protocol):
    """What holds compiled plans of one of two kinds: with somebody to tell, or without."""

    def observation_changed(self) -> None:
        """Forget what was compiled: the first observer has come, or the last has gone."""
        ...


class Observers:
    """The observers of one container, and what has to know whether there are any."""

    def __init__(self) -> None:
        self.is_active = False
        """Whether anybody observes; plans are compiled accordingly."""
        self._observations: tuple[Observation, ...] = ()
        self._compiling: weakref.WeakSet[Compiles] = weakref.WeakSet()
        self._lock = threading.Lock()

    def inform(self, holder: Compiles) -> None:
        """Tell *holder* from now on when it has to compile anew."""
        with self._lock:
            self._compiling.add(holder)

    def add(self, observer: Observer) -> Observation:
        """Let *observer* be told of all that begins from now on."""
        observation = Observation(self, observer)
        with self._lock:
            self._change((*self._observations, observation))
        return observation

    def remove(self, observation: Observation) -> None:
        """Tell it nothing more."""
        with self._lock:
            self._change(tuple(each for each in self._observations if each is not observation))

    def _change(self, observations: tuple[Observation, ...]) -> None:
        self._observations = observations
        if self.is_active != bool(observations):
            self.is_active = bool(observations)
            for each in list(self._compiling):
                each.observation_changed()

    def tell(self, event: Event) -> None:
        """Call all observers; none of them disturbs the others, or who has called this."""
        for observation in self._observations:
            try:
                observation.observer(event)
            except Exception:
                if not observation.has_failed:
                    observation.has_failed = True
                    _logger.exception(
                        "The observer %r has failed, at the event %r. It goes on being told; "
                        "further failures of it are not logged.",
                        observation.observer,
                        event.kind,
                    )


class Observation:
    """That somebody observes a container: until ``stop``, or the end of its ``with`` block."""

    def __init__(self, observers: Observers, observer: Observer) -> None:
        self._observers = observers
        self.observer = observer
        self.has_failed = False
        """Whether the observer has raised something, which is logged once."""

    def stop(self) -> None:
        """Tell the observer nothing more; nothing happens where that was said before."""
        self._observers.remove(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
