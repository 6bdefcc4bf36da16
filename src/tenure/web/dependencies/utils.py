"""Look at what a callable depends on, and add a dependency to a route that is there already."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, Protocol, SupportsIndex

from starlette.background import BackgroundTasks
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from tenure.errors import GraphError
from tenure.graph.annotations import resolve, split_annotated
from tenure.graph.builder import build_graph
from tenure.graph.nodes import Graph, InputUse, Node
from tenure.web.bind.binder import HttpBinder, field_of
from tenure.web.bind.security import SecurityScopes
from tenure.web.dependencies.models import Dependant, ModelField
from tenure.web.params import Depends
from tenure.web.utils import get_path_param_names

__all__ = [
    "dependant_of",
    "get_dependant",
    "get_flat_params",
    "get_parameterless_sub_dependant",
    "get_typed_return_annotation",
    "get_typed_signature",
]

_INJECTED: tuple[tuple[type, str], ...] = (
    (Request, "request_param_name"),
    (WebSocket, "websocket_param_name"),
    (HTTPConnection, "http_connection_param_name"),
    (Response, "response_param_name"),
    (BackgroundTasks, "background_tasks_param_name"),
    (SecurityScopes, "security_scopes_param_name"),
)
"""Where the name of a parameter is noted that the framework fills, by its type."""


class _Route(Protocol):
    """What is looked at of a route."""

    endpoint: Callable[..., Any]
    path_format: str
    dependencies: list[Depends]

    def graph(self) -> Graph: ...
    def renew(self) -> None: ...


def dependant_of(route: _Route) -> Dependant:
    """What *route* depends on, its router's dependencies included, without overrides.

    A dependency that is added to its ``dependencies`` becomes one of the route.
    """
    path = route.path_format
    try:
        dependant = _of_node(route.graph().root, path)
    except GraphError:  # names that are still to be defined
        dependant = Dependant(call=route.endpoint, path=path)
        for each in route.dependencies:
            below = get_parameterless_sub_dependant(depends=each, path=path)
            dependant.dependencies.append(below)
    dependant.scope = "function"
    dependant.dependencies = _OfRoute(route, dependant.dependencies)
    return dependant


def get_dependant(
    *,
    path: str,
    call: Callable[..., Any],
    name: str | None = None,
    own_oauth_scopes: list[str] | None = None,
    parent_oauth_scopes: list[str] | None = None,
    use_cache: bool = True,
    scope: str | None = None,
) -> Dependant:
    """What *call* depends on, as the endpoint of *path* would.

    Raises ``GraphError`` with all that is wrong with the declarations.
    """
    graph = build_graph(call, HttpBinder(frozenset(get_path_param_names(path))))
    above = [*(parent_oauth_scopes or ()), *(own_oauth_scopes or ())]
    dependant = _of_node(graph.root, path, above)
    dependant.name, dependant.use_cache, dependant.scope = name, use_cache, scope
    dependant.own_oauth_scopes, dependant.parent_oauth_scopes = (
        own_oauth_scopes,
        parent_oauth_scopes,
    )
    return dependant


def get_parameterless_sub_dependant(*, depends: Depends, path: str) -> Dependant:
    """What stands for *depends* among the dependencies of a route."""
    call = depends.dependency
    if call is None:
        return Dependant(path=path, depends=depends)
    try:
        dependant = get_dependant(
            path=path,
            call=call,
            own_oauth_scopes=list(depends.labels),
            use_cache=depends.use_cache,
            scope=depends.scope,
        )
    except GraphError:  # names that are still to be defined
        dependant = Dependant(call=call, path=path, scope=depends.scope)
    dependant.depends = depends
    return dependant


def get_flat_params(dependant: Dependant) -> list[ModelField]:
    """All parameters in the path, query, headers and cookies, those of dependencies too."""
    every = list(_with_all_below(dependant))
    return [
        field
        for name in ("path_params", "query_params", "header_params", "cookie_params")
        for each in every
        for field in getattr(each, name)
    ]


def get_typed_signature(call: Callable[..., Any]) -> inspect.Signature:
    """The signature of *call*, with annotations that are text resolved."""
    signature = inspect.signature(call)
    function = inspect.unwrap(call)
    parameters = [
        parameter.replace(annotation=resolve(parameter.annotation, function).annotation)
        for parameter in signature.parameters.values()
    ]
    return inspect.Signature(parameters)


def get_typed_return_annotation(call: Callable[..., Any]) -> Any:
    """What *call* is declared to return, resolved if it is text; None where nothing is said."""
    annotation = inspect.signature(call).return_annotation
    if annotation is inspect.Signature.empty:
        return None
    return resolve(annotation, inspect.unwrap(call)).annotation


def _of_node(node: Node, path: str, above: Iterable[str] = ()) -> Dependant:
    """*above*: the OAuth scopes of the declarations that lead here, its own included."""
    scopes = list(above)
    dependant = Dependant(call=node.call, path=path)
    for below in node.required:
        dependant.dependencies.append(_below(below, path, scopes))
    annotations = {each.name: each.annotation for each in node.provider.parameters}
    for name, value in node.arguments:
        if isinstance(value, Node):
            dependant.dependencies.append(_below(value, path, scopes, name))
        elif isinstance(value, InputUse):
            _note(dependant, name, value, annotations.get(name))
    return dependant


def _below(node: Node, path: str, above: list[str], name: str | None = None) -> Dependant:
    own = list(node.marker.labels) if node.marker is not None else []
    dependant = _of_node(node, path, [*above, *own])
    dependant.name = name
    dependant.own_oauth_scopes = own
    dependant.parent_oauth_scopes = None if name is None else above
    dependant.depends = node.marker
    if node.marker is not None:
        dependant.use_cache, dependant.scope = node.marker.use_cache, node.marker.scope
    return dependant


def _note(dependant: Dependant, name: str, use: InputUse, annotation: Any) -> None:
    field = field_of(use)
    if field is not None:
        fields: list[ModelField] = getattr(dependant, f"{field.location.value}_params")
        fields.append(ModelField(field.marker.with_description(field.info), name))
        return
    inner, _ = split_annotated(annotation)
    for kind, noted_as in _INJECTED:
        if isinstance(inner, type) and issubclass(inner, kind):
            setattr(dependant, noted_as, name)
            return


def _with_all_below(dependant: Dependant) -> Iterable[Dependant]:
    yield dependant
    for below in dependant.dependencies:
        yield from _with_all_below(below)


class _OfRoute(list[Dependant]):
    """The dependencies of a route: one that is added becomes a dependency of the route."""

    def __init__(self, route: _Route, dependencies: Iterable[Dependant]) -> None:
        super().__init__(dependencies)
        self._route = route

    def append(self, dependant: Dependant, /) -> None:
        super().append(dependant)
        self._add(len(self._route.dependencies), dependant)

    def insert(self, index: SupportsIndex, dependant: Dependant, /) -> None:
        super().insert(index, dependant)
        self._add(index, dependant)

    def extend(self, dependants: Iterable[Dependant], /) -> None:
        for each in dependants:
            self.append(each)

    def _add(self, index: SupportsIndex, dependant: Dependant) -> None:
        added = dependant.depends or Depends(dependant.call)
        declared = self._route.dependencies
        if not any(each is added for each in declared):
            declared.insert(index, added)
        self._route.renew()
