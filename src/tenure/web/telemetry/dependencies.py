"""A span for each dependency that is opened, and for each exit: observers of the container."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, Tracer

from tenure.observe import Event
from tenure.web.telemetry.data import SERVED
from tenure.web.telemetry.operations import end_dependencies
from tenure.web.telemetry.served import Served, mark_failed
from tenure.web.telemetry.signals import Providers, Signals

__all__ = ["ApplicationSpans", "tell_of_dependency"]

_DEPENDENCY: Final = "tenure.dependency"
_EXIT: Final = "tenure.exit"


class _Part(NamedTuple):
    """The opening of one dependency, or its exit."""

    span: Span
    outside: Context
    """Was current before, and is again after it."""
    inside: Context
    """Is current while the dependency's own code runs, with the span in it."""
    opened: _Part | None
    """Of an exit: the opening."""


Parts = dict[int, _Part]
"""What is being opened, is open, or is being closed, by the number of its events."""


def tell_of_dependency(event: Event, /) -> None:
    """Make the spans of dependencies of requests: the observer of every application told of.

    What happens outside of requests has none. One function serves all applications, so that one
    that is mounted in another, and observed with it, is told of once.
    """
    found: Any = contexts.get_value(SERVED)
    served: Served | None = found if found is not None and found.data is not None else None
    if served is None:
        return
    if event.scope != "app":
        _tell(served.openings, served.signals, served, event)
    if event.error is not None and event.kind == "failed" and event.phase != "closing":
        end_dependencies(served, event.error)


class ApplicationSpans:
    """The observer that makes the spans of what is of scope "app", which are of no request."""

    def __init__(self, providers: Providers) -> None:
        self._providers = providers
        self._parts: Parts = {}

    def __call__(self, event: Event, /) -> None:
        """Take note of what has happened to a dependency."""
        if event.scope == "app":
            _tell(self._parts, self._providers.current(), None, event)


def _tell(parts: Parts, signals: Signals | None, served: Served | None, event: Event) -> None:
    tracer = None
    if signals is not None and signals.operation_spans:
        tracer = signals.tracer
    number = event.number
    if tracer is not None and event.kind == "opening":
        parts[number] = _opening(tracer, served, event)
    elif tracer is not None and event.kind == "closing":
        parts[number] = _closing(tracer, served, parts.get(number), event)
    elif number in parts and event.kind in ("opened", "closed", "failed"):
        is_kept = event.kind == "opened" and event.stays_open
        _end(parts[number] if is_kept else parts.pop(number), event)


def _opening(tracer: Tracer, served: Served | None, event: Event) -> _Part:
    outside = contexts.get_current()
    parent = outside if served is not None else Context()
    # A span that another dependency holds open comes between, as the author of that wants it.
    if served is not None and served.operations is not None and _is_current(served.span, outside):
        parent = trace.set_span_in_context(served.operations, outside)
    span = tracer.start_span(_DEPENDENCY, parent, attributes=_attributes(event))
    return _Part(span, outside, _enter(span), None)


def _closing(tracer: Tracer, served: Served | None, opened: _Part | None, event: Event) -> _Part:
    outside = contexts.get_current()
    parent = Context()
    if served is not None:
        parent = outside if opened is None else opened.outside
    span = tracer.start_span(_EXIT, parent, attributes=_attributes(event))
    return _Part(span, outside, _enter(span), opened)


def _is_current(span: Span | None, context: Context) -> bool:
    return trace.get_current_span(context) is span


def _enter(span: Span) -> Context:
    inside = trace.set_span_in_context(span)
    contexts.attach(inside)
    return inside


def _end(part: _Part, event: Event) -> None:
    if event.kind == "failed" and event.error is not None:
        mark_failed(part.span, event.error)
    part.span.end()
    # Never by tokens: the end of a generator may come in another context than its begin.
    current = contexts.get_current()
    if current is part.inside:
        contexts.attach(part.outside)
    elif part.opened is not None and current is part.opened.inside:
        # What the dependency has held open across its `yield` has ended now.
        contexts.attach(part.opened.outside)


def _attributes(event: Event) -> dict[str, Any]:
    attributes: dict[str, Any] = {"code.function.name": event.name}
    file, _, line = event.place.rpartition(":")
    if line.isdigit():
        attributes |= {"code.file.path": file, "code.line.number": int(line)}
    if event.scope:
        attributes["tenure.scope"] = event.scope
    return attributes
