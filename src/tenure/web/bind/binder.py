"""HTTP values as inputs of the graph: which parameters they fill, and how they are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, get_args

from starlette.background import BackgroundTasks
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from tenure.errors import RejectedInputs
from tenure.graph.annotations import split_annotated
from tenure.graph.inputs import DeclarationProblem, Input, InputUse, Reader
from tenure.graph.nodes import Graph
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


_INJECTED = (HTTPConnection, Response, BackgroundTasks, SecurityScopes)

_SOURCES: dict[Location, Callable[[Exchange], Any]] = {
    Location.path: lambda exchange: exchange.asgi_scope["path_params"],
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
        """How the body is loaded and read; None where nothing takes it. Set by ``prepare``."""
        self._body_positions: dict[InputUse, int] = {}

    def recognise(self, parameter: Parameter, owner: Provider, *, is_root: bool) -> Input | None:
        """Every parameter is filled from the request: by its type, or as a declared value."""
        inner, metadata = split_annotated(parameter.annotation)
        injected = self._injected(inner, parameter, owner)
        if injected is not None:
            if any(isinstance(each, Marker) for each in (*metadata, parameter.default)):
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
        if self._is_websocket and field.location is Location.body and field.required:
            raise DeclarationProblem(
                f"Parameter {parameter.name!r} of {owner.name} ({owner.place}) is read from a "
                "body, which a WebSocket does not have.",
                "read it from the path, the query, a header or a cookie, or receive a message",
            )
        return _FieldInput(field)

    def _injected(self, inner: Any, parameter: Parameter, owner: Provider) -> Input | None:
        if not isinstance(inner, type):
            self._refuse_wrapped(inner, parameter, owner)
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

    @staticmethod
    def _refuse_wrapped(annotation: Any, parameter: Parameter, owner: Provider) -> None:
        for inside in get_args(annotation):
            if isinstance(inside, type) and issubclass(inside, _INJECTED):
                raise DeclarationProblem(
                    f"Parameter {parameter.name!r} of {owner.name} ({owner.place}) has the type "
                    f"{annotation}; {inside.__name__} is injected, so it is always there.",
                    f"annotate it with {inside.__name__} alone",
                )

    def is_marker(self, metadata: Any) -> bool:
        """``Query()`` and its like."""
        return isinstance(metadata, Marker)

    def uses_labels(self, call: Callable[..., Any]) -> bool:
        """Security schemes are told apart by the scopes asked of them."""
        return bool(getattr(call, "is_security_scheme", False))

    def prepare(self, graph: Graph) -> None:
        """Look at all inputs of a graph: whether its body fields are embedded depends on all."""
        uses = [use for use in graph.inputs if _is_body(use)]
        self.body_plan = BodyPlan([use.input.field for use in uses]) if uses else None
        self._body_positions = {use: position for position, use in enumerate(uses)}

    def reader(self, uses: Sequence[InputUse]) -> Reader:
        """The function that reads and validates what one callable takes from the request."""
        return _Values([self._pick(use) for use in uses]).read

    def _pick(self, use: InputUse) -> _Pick:
        given = use.input
        if isinstance(given, _Injected):
            return _Pick(-1, _valid(given.get))
        if isinstance(given, _OAuthScopes):
            return _Pick(-1, _valid(_oauth_scopes(use.owner.labels)))
        field: Field = given.field
        rank = _ORDER[field.location]
        if self._is_websocket and field.location is Location.body:
            return _Pick(rank, lambda _exchange: field.absent(("body", field.alias)))
        if self.body_plan is not None and field.location is Location.body:
            read_body = self.body_plan.readers[self._body_positions[use]]
            return _Pick(rank, lambda exchange: read_body(exchange.body))
        read, source_of = field.read, _SOURCES[field.location]
        return _Pick(rank, lambda exchange: read(source_of(exchange)))

    def reject(self, source: Exchange, faults: Sequence[Any]) -> BaseException:
        """The 422 of a request, or what closes a WebSocket, with all that was wrong."""
        ordered = sorted(faults, key=_owner_and_rank(faults))
        errors = [error for fault in ordered for error in fault.errors]
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


def _is_body(use: InputUse) -> bool:
    return isinstance(use.input, _FieldInput) and use.input.field.location is Location.body


class _Pick(NamedTuple):
    """How one parameter is read, and where its errors stand among those of its owner."""

    rank: int
    read: Callable[[Exchange], tuple[Any, Any]]


class _Fault(NamedTuple):
    """What is wrong with one input, and where it stands among those of its owner."""

    owner: object
    rank: int
    errors: Any


class _Values:
    """Reads the inputs of one callable."""

    def __init__(self, picks: Sequence[_Pick]) -> None:
        self._picks = picks

    def read(self, exchange: Exchange) -> tuple[Any, ...]:
        values: list[Any] = []
        faults: dict[int, Any] = {}
        for position, pick in enumerate(self._picks):
            value, errors = pick.read(exchange)
            values.append(value)
            if errors:
                faults[position] = _Fault(self, pick.rank, errors)
        if faults:
            raise RejectedInputs(values, faults)
        return tuple(values)


def _owner_and_rank(faults: Sequence[_Fault]) -> Callable[[_Fault], tuple[int, int]]:
    """The order of errors: owner by owner, and there path, query, header, cookie, body."""
    owners: dict[int, int] = {}
    for fault in faults:
        owners.setdefault(id(fault.owner), len(owners))
    return lambda fault: (owners[id(fault.owner)], fault.rank)


def _valid(get: Callable[[Exchange], Any]) -> Callable[[Exchange], tuple[Any, Any]]:
    return lambda exchange: (get(exchange), ())


def _oauth_scopes(labels: tuple[str, ...]) -> Callable[[Exchange], SecurityScopes]:
    return lambda _exchange: SecurityScopes(labels)
