"""Who observes a container."""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable, Iterable
from inspect import iscoroutinefunction
from types import MethodType, TracebackType
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
        self._told: tuple[Observation, ...] = ()
        """The same, one for each observer."""
        self._compiling: weakref.WeakSet[Compiles] = weakref.WeakSet()
        self._lock = threading.Lock()
        self.parts: Callable[[], Iterable[Observers]] = tuple
        """Answers those of the containers that are parts of this one's application."""

    def inform(self, holder: Compiles) -> None:
        """Tell *holder* from now on when it has to compile anew."""
        with self._lock:
            self._compiling.add(holder)

    def add(self, observer: Observer) -> Observation:
        """Let *observer* be told of all that begins from now on, here and in the parts.

        Raises ``TypeError`` for what cannot be told.
        """
        _check(observer)
        observation = Observation(observer)
        self.attach(observation)
        self.reach_parts()
        return observation

    def reach_parts(self) -> None:
        """Let all who observe this be told of the parts that have come meanwhile, too."""
        if self._observations:
            for part in self.parts():
                for observation in self._observations:
                    part.attach(observation)

    def attach(self, observation: Observation) -> None:
        """Let it be told of what begins here, unless it is told already."""
        with self._lock:
            if observation not in self._observations:
                observation.observed.append(self)
                self._change((*self._observations, observation))

    def detach(self, observation: Observation) -> None:
        """Tell it nothing more."""
        with self._lock:
            self._change(tuple(each for each in self._observations if each is not observation))

    def _change(self, observations: tuple[Observation, ...]) -> None:
        self._observations = observations
        # Who observes an application and a part of it hears of each event once.
        told: list[Observation] = []
        for each in observations:
            if not any(_are_same(each.observer, other.observer) for other in told):
                told.append(each)
        self._told = tuple(told)
        if self.is_active != bool(observations):
            self.is_active = bool(observations)
            for holder in list(self._compiling):
                holder.observation_changed()

    def renew(self) -> None:
        """Have everything compiled again: what accompanies it has changed."""
        with self._lock:
            for each in list(self._compiling):
                each.observation_changed()

    def tell(self, event: Event) -> None:
        """Call all observers; none of them disturbs the others, or who has called this."""
        for observation in self._told:
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


def _check(observer: object) -> None:
    hint = ""
    if isinstance(observer, type):
        hint = f"write {observer.__name__}(): an instance of the class is called with each event"
    elif not callable(observer):
        hint = "give it a function of one parameter, the event"
    elif iscoroutinefunction(observer) or iscoroutinefunction(type(observer).__call__):
        hint = (
            "write def, not async def: it is called while the unit of work waits. Let it put the "
            "event into a queue, if a task is to await something"
        )
    if hint:
        raise TypeError(f"{observer!r} cannot observe.\nHint: {hint}")


def _are_same(one: Observer, other: Observer) -> bool:
    if isinstance(one, MethodType):
        return one == other  # a method is another object each time it is read
    return one is other


class Observation:
    """That somebody observes a container: until ``stop``, or the end of its ``with`` block."""

    def __init__(self, observer: Observer) -> None:
        self.observer = observer
        self.observed: list[Observers] = []
        """Whatever tells it something."""
        self.has_failed = False
        """Whether the observer has raised something, which is logged once."""

    def stop(self) -> None:
        """Tell the observer nothing more; nothing happens where that was said before."""
        while self.observed:
            self.observed.pop().detach(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
