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
from tenure.graph.inputs import DeclarationProblem, Input, Reader
from tenure.graph.nodes import Graph, InputUse, Node
from tenure.graph.outside import needs_caller
from tenure.graph.providers import Parameter, Provider
from tenure.web.bind.body import BodyPlan
from tenure.web.bind.direct import direct_reader
from tenure.web.bind.exchange import Exchange
from tenure.web.bind.fields import Field, field_for
from tenure.web.bind.security import SecurityScopes, scheme_of
from tenure.web.bind.validation import NOTHING, Outcome
from tenure.web.exceptions import (
    EndpointContext,
    ParameterDeclarationError,
    RequestValidationError,
    WebSocketRequestValidationError,
)
from tenure.web.params import Location, Marker

__all__ = ["HttpBinder", "field_of"]


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


for _type in (HTTPConnection, Response, BackgroundTasks, SecurityScopes):
    needs_caller(_type, "an HTTP request")

_INJECTED = (HTTPConnection, Response, BackgroundTasks, SecurityScopes)

_SOURCES: dict[Location, Callable[[Exchange], Any]] = {
    Location.path: lambda exchange: exchange.asgi_scope["path_params"],
    Location.query: lambda exchange: exchange.query,
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
        self._nodes: tuple[Node, ...] = ()
        """What the inputs belong to, dependencies first. Set by ``prepare``."""

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
        return scheme_of(call) is not None

    def prepare(self, graph: Graph) -> None:
        """Look at all inputs of a graph: whether its body fields are embedded depends on all."""
        self._nodes = graph.nodes
        uses = [use for use in graph.inputs if _is_body(use)]
        if len(uses) > 1:
            # The outermost declaration decides where several read the same body.
            rank = {id(node): rank for rank, node in enumerate(graph.outermost_first())}
            uses.sort(key=lambda use: rank[id(use.owner)])
        self.body_plan = BodyPlan([use.input.field for use in uses]) if uses else None
        self._body_positions = {use: position for position, use in enumerate(uses)}

    def reader(self, uses: Sequence[InputUse]) -> Reader:
        """The function that reads and validates what one callable takes from the request."""
        return _values_reader(uses[0].owner, [self._pick(use) for use in uses])

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
            return _Pick(rank, _body_reader(read_body))
        direct = direct_reader(field)
        if direct is not None:
            return _Pick(rank, direct)
        read, source_of = field.read, _SOURCES[field.location]
        return _Pick(rank, lambda exchange: read(source_of(exchange)))

    def reject(self, source: Exchange, faults: Sequence[Any]) -> BaseException:
        """The 422 of a request, or what closes a WebSocket, with all that was wrong."""
        errors = _errors_as_declared(self._nodes, faults)
        context = self._context_of(source)
        if self._is_websocket:
            return WebSocketRequestValidationError(errors, endpoint_ctx=context)
        body = source.parsed_body()
        body = None if body is NOTHING else body
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


def field_of(use: InputUse) -> Field | None:
    """The field that *use* is read from the request as; None for what is injected."""
    return use.input.field if isinstance(use.input, _FieldInput) else None


def _connection(exchange: Exchange) -> HTTPConnection:
    return exchange.connection


def _body_reader(read_body: Callable[[Any], Outcome]) -> Callable[[Exchange], Outcome]:
    def read(exchange: Exchange) -> Outcome:
        return exchange.validated_body() or read_body(exchange.parsed_body())

    return read


def _is_body(use: InputUse) -> bool:
    return isinstance(use.input, _FieldInput) and use.input.field.location is Location.body


class _Pick(NamedTuple):
    """How one parameter is read, and where its errors stand among those of its owner."""

    rank: int
    read: Callable[[Exchange], Outcome]


class _Fault(NamedTuple):
    """What is wrong with one input, and where it stands among those of its owner."""

    owner: Node
    rank: int
    errors: Any


def _values_reader(owner: Node, picks: Sequence[_Pick]) -> Reader:
    """The function that reads the inputs of one callable."""
    reads = [pick.read for pick in picks]

    def read(exchange: Exchange) -> tuple[Any, ...]:
        outcomes = [read(exchange) for read in reads]
        for _, errors in outcomes:
            if errors:
                raise _rejection(owner, picks, outcomes)
        return tuple([value for value, _ in outcomes])

    if len(reads) != 1:
        return read
    read_one = reads[0]

    def read_alone(exchange: Exchange) -> tuple[Any]:
        value, errors = outcome = read_one(exchange)
        if errors:
            raise _rejection(owner, picks, [outcome])
        return (value,)

    return read_alone


def _rejection(owner: Node, picks: Sequence[_Pick], outcomes: Sequence[Outcome]) -> RejectedInputs:
    faults = {
        position: _Fault(owner, pick.rank, errors)
        for position, (pick, (_, errors)) in enumerate(zip(picks, outcomes, strict=True))
        if errors
    }
    return RejectedInputs([value for value, _ in outcomes], faults)


def _errors_as_declared(nodes: Sequence[Node], faults: Sequence[_Fault]) -> list[Any]:
    """The errors owner by owner, and there path, query, header, cookie, body.

    What is read once is reported for each declaration that leads to it, as FastAPI does.
    """
    found: dict[Node, list[Any]] = {}
    for node in nodes:
        errors = [error for below in node.dependencies() for error in found[below]]
        own = sorted([each for each in faults if each.owner is node], key=lambda each: each.rank)
        found[node] = errors + [error for fault in own for error in fault.errors]
    return found[nodes[-1]]


def _valid(get: Callable[[Exchange], Any]) -> Callable[[Exchange], tuple[Any, Any]]:
    return lambda exchange: (get(exchange), ())


def _oauth_scopes(labels: tuple[str, ...]) -> Callable[[Exchange], SecurityScopes]:
    return lambda _exchange: SecurityScopes(labels)
