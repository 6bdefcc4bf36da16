"""Event handlers: functions that a router calls when it starts and when it stops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from typing_extensions import deprecated

from tenure.errors import DeclarationError

__all__ = ["Events"]

Handler = TypeVar("Handler", bound=Callable[..., Any])


class Events:
    """The older way to start and stop things; a lifespan does both in one function."""

    on_startup: list[Callable[[], Any]]
    on_shutdown: list[Callable[[], Any]]

    def add_event_handler(self, event_type: str, func: Callable[[], Any]) -> None:
        """Call *func* at ``"startup"`` or ``"shutdown"``."""
        handlers = {"startup": self.on_startup, "shutdown": self.on_shutdown}.get(event_type)
        if handlers is None:
            msg = f"There is no event {event_type!r}; known are 'startup' and 'shutdown'"
            raise DeclarationError(msg)
        handlers.append(func)

    @deprecated("on_event is deprecated, use a lifespan instead")
    def on_event(self, event_type: str) -> Callable[[Handler], Handler]:
        """Call the decorated function at ``"startup"`` or ``"shutdown"``; prefer a lifespan."""

        def decorate(function: Handler) -> Handler:
            self.add_event_handler(event_type, function)
            return function

        return decorate
