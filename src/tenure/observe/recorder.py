"""An observer for tests: it remembers."""

from __future__ import annotations

from tenure.observe.events import Event, EventKind

__all__ = ["Recorder"]


class Recorder:
    """Remembers every event, in the order in which they happened.

    ::

        recorder = Recorder()
        with app.container.observe(recorder):
            client.get("/items/1")
        assert recorder.names("closed") == ["get_session", "get_pool"]
    """

    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event, /) -> None:
        """Remember *event*."""
        self.events.append(event)

    def names(self, *kinds: EventKind) -> list[str]:
        """The names of the dependencies that had an event of one of *kinds*, in order."""
        return [event.name for event in self.events if event.kind in kinds]

    def story(self) -> list[str]:
        """Every event as ``"opened get_session"``, in order."""
        return [f"{event.kind} {event.name}" for event in self.events]

    def clear(self) -> None:
        """Forget everything."""
        self.events.clear()
