"""HTTP values as inputs of the graph: which parameters they fill, and how they are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.background import BackgroundTasks
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from tenure.errors import RejectedInputs
from tenure.graph.annotations import split_annotated
from tenure.graph.inputs import DeclarationProblem, Input, InputUse, Reader
from tenure.graph.providers import Parameter, Provider
from tenure.web.bind.body import BodyPlan
from tenure.web.bind.exchange import Exchange
from tenure.web.bind.fields import Field, field_for
from tenure.web.bind.validation import NOTHING
from tenure.web.exceptions import (
    EndpointContext,
    ParameterDeclarationError,
    RequestValidationError,
    WebSocketRequestValidationError,
)
from tenure.web.params import Location, Marker
from tenure.web.security.scopes import SecurityScopes

__all__ = ["HttpBinder"]


@dataclass(frozen=True, slots=True)
class _Injected:
    """Something of the exchange itself: the request, the response, the tasks."""

    get: Callable[[Exchange], Any]
    uses_labels: bool = False


@dataclass(frozen=True, slots=True)
class _OAuthScopes:
    """The OAuth scopes that were handed down to the owner."""

    uses_labels: bool = True


@dataclass(frozen=True, slots=True)
class _FieldInput:
    """A value read from the request and validated."""

    field: Field
    uses_labels: bool = False


_SOURCES: dict[Location, Callable[[Exchange], Any]] = {
    Location.path: lambda exchange: exchange.connection.path_params,
    Location.query: lambda exchange: exchange.connection.query_params,
    Location.header: lambda exchange: exchange.connection.headers,
    Location.cookie: lambda exchange: exchange.connection.cookies,
}
_ORDER = {location: rank for rank, location in enumerate(Location)}


class HttpBinder:
    """Fills the parameters of one route's tree from its requests.

    *path_names* are the parameters of the route's path; *is_websocket* says what the route
    serves.
    """

    def __init__(
        self,
        path_names: frozenset[str],
        *,
        is_websocket: bool = False,
        endpoint_context: EndpointContext | None = None,
    ) -> None:
        self._path_names = path_names
        self._is_websocket = is_websocket
        self._endpoint_context: EndpointContext = endpoint_context or {}
        self.body_plan: BodyPlan | None = None
        """How the body is loaded and read; None where nothing takes it. Set by ``reader``."""

    def recognise(self, parameter: Parameter, owner: Provider, *, is_root: bool) -> Input | None:
        """Every parameter is filled from the request: by its type, or as a declared value."""
        inner, metadata = split_annotated(parameter.annotation)
        injected = self._injected(inner, parameter, owner)
        if injected is not None:
            if any(isinstance(each, Marker) for each in metadata):
                raise DeclarationProblem(
                    f"Parameter {parameter.name!r} of {owner.name} ({owner.place}) is of type "
                    f"{inner.__name__}, which is injected, and declares a request value as well.",
                    "remove the marker",
                )
            return injected
        try:
            field = field_for(
                parameter.name, parameter.annotation, parameter.default, self._path_names
            )
        except ParameterDeclarationError as error:
            raise DeclarationProblem(
                f"{error.message} (in {owner.name}, {owner.place})", error.hint
            ) from error
        return _FieldInput(field)

    def _injected(self, inner: Any, parameter: Parameter, owner: Provider) -> Input | None:
        if not isinstance(inner, type):
            return None
        wrong = Request if self._is_websocket else WebSocket
        if issubclass(inner, wrong):
            raise DeclarationProblem(
                f"Parameter {parameter.name!r} of {owner.name} ({owner.place}) is a "
                f"{wrong.__name__}, which {'a WebSocket' if self._is_websocket else 'an HTTP'} "
                "route does not have.",
                "annotate it with HTTPConnection, which both kinds of route have",
            )
        if issubclass(inner, HTTPConnection):
            return _Injected(_connection)
        if issubclass(inner, Response):
            return _Injected(Exchange.injected_response)
        if issubclass(inner, BackgroundTasks):
            return _Injected(Exchange.injected_tasks)
        if issubclass(inner, SecurityScopes):
            return _OAuthScopes()
        return None

    def is_marker(self, metadata: Any) -> bool:
        """``Query()`` and its like."""
        return isinstance(metadata, Marker)

    def uses_labels(self, call: Callable[..., Any]) -> bool:
        """Security schemes are told apart by the scopes asked of them."""
        return bool(getattr(call, "is_security_scheme", False))

    def reader(self, uses: Sequence[InputUse]) -> Reader:
        """One function that reads and validates all inputs of a request."""
        values = _Values(uses)
        self.body_plan = values.body_plan
        return values.read

    def reject(self, source: Exchange, faults: Mapping[int, Any]) -> BaseException:
        """The 422 of a request, or what closes a WebSocket, with all that was wrong."""
        errors = [error for found in faults.values() for error in found]
        context = self._context_of(source)
        if self._is_websocket:
            return WebSocketRequestValidationError(errors, endpoint_ctx=context)
        body = None if source.body is NOTHING else source.body
        return RequestValidationError(errors, body=body, endpoint_ctx=context)

    def _context_of(self, source: Exchange) -> EndpointContext:
        return context_of(self._endpoint_context, source)


def context_of(endpoint_context: EndpointContext, exchange: Exchange) -> EndpointContext:
    """Which endpoint *exchange* is for, with the path of the mount it was reached through."""
    asgi_scope = exchange.asgi_scope
    mounted_at = asgi_scope.get("root_path", "").rstrip("/")
    method = asgi_scope.get("method", "WS")
    context = endpoint_context.copy()
    context["path"] = f"{method} {mounted_at}{endpoint_context.get('path', '')}"
    return context


def _connection(exchange: Exchange) -> HTTPConnection:
    return exchange.connection


class _Values:
    """Reads the inputs of one plan, in the order in which their errors are reported."""

    def __init__(self, uses: Sequence[InputUse]) -> None:
        self._count = len(uses)
        self._plain: list[tuple[int, Callable[[Exchange], Any]]] = []
        self._fields: list[tuple[int, Field, Callable[[Exchange], Any]]] = []
        self._body_positions: list[int] = []
        body_fields: list[Field] = []
        for position, use in enumerate(uses):
            given = use.input
            if isinstance(given, _Injected):
                self._plain.append((position, given.get))
            elif isinstance(given, _OAuthScopes):
                self._plain.append((position, _oauth_scopes(use.owner.labels)))
            elif given.field.location is Location.body:
                self._body_positions.append(position)
                body_fields.append(given.field)
            else:
                field: Field = given.field
                self._fields.append((position, field, _SOURCES[field.location]))
        self.body_plan = BodyPlan(body_fields) if body_fields else None
        self._rank = _ranks(uses)

    def read(self, exchange: Exchange) -> tuple[Any, ...]:
        values: list[Any] = [None] * self._count
        faults: dict[int, Any] = {}
        for position, get in self._plain:
            values[position] = get(exchange)
        for position, field, source_of in self._fields:
            values[position], errors = field.read(source_of(exchange))
            if errors:
                faults[position] = errors
        if self.body_plan is not None:
            results = self.body_plan.read(exchange.body)
            for position, (value, errors) in zip(self._body_positions, results, strict=True):
                values[position] = value
                if errors:
                    faults[position] = errors
        if faults:
            raise RejectedInputs(values, dict(sorted(faults.items(), key=self._rank_of)))
        return tuple(values)

    def _rank_of(self, fault: tuple[int, Any]) -> int:
        return self._rank[fault[0]]


def _oauth_scopes(labels: tuple[str, ...]) -> Callable[[Exchange], SecurityScopes]:
    return lambda _exchange: SecurityScopes(labels)


def _ranks(uses: Sequence[InputUse]) -> list[int]:
    """Where each input's errors stand: by owner in solving order, within it by location."""
    owners: dict[Any, int] = {}
    for use in uses:
        owners.setdefault(use.owner, len(owners))

    def place(position: int) -> tuple[int, int, int]:
        given = uses[position].input
        location = _ORDER[given.field.location] if isinstance(given, _FieldInput) else -1
        return owners[uses[position].owner], location, position

    ordered = sorted(range(len(uses)), key=place)
    ranks = [0] * len(uses)
    for rank, position in enumerate(ordered):
        ranks[position] = rank
    return ranks
