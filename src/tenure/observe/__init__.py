"""Seeing what dependencies do: when they are opened, reused, waited for, closed, and fail.

::

    with app.container.observe(Recorder()) as observation:
        ...

Nothing is observed unless someone asks: then, and only then, plans are compiled that tell.
"""

from tenure.observe.events import Event, EventKind, Observer, Phase, Unit
from tenure.observe.observers import Observation
from tenure.observe.recorder import Recorder
from tenure.observe.watch import Open, Watch

__all__ = [
    "Event",
    "EventKind",
    "Observation",
    "Observer",
    "Open",
    "Phase",
    "Recorder",
    "Unit",
    "Watch",
]
