"""Routes as documents see them: what they take and answer, found before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from starlette.routing import BaseRoute

from tenure.web.app.contexts import RouteContext, iter_route_contexts
from tenure.web.app.routes import APIRoute
from tenure.web.bind.security import SecurityBase
from tenure.web.openapi.writer.bodies import BodyField, body_field
from tenure.web.openapi.writer.fields import SchemaField, field_of_type
from tenure.web.openapi.writer.inputs import inputs_of
from tenure.web.openapi.writer.parameters import ParameterField, parameter_fields

__all__ = ["DescribedRoute", "described_routes", "fields_of"]


@dataclass(frozen=True, slots=True)
class DescribedRoute:
    """A path operation with everything in it that has a schema."""

    route: APIRoute
    parameters: tuple[ParameterField, ...]
    body: BodyField | None
    schemes: tuple[tuple[SecurityBase, tuple[str, ...]], ...]
    response: SchemaField | None
    item: SchemaField | None
    """Each of those that are streamed."""
    additional: dict[int | str, SchemaField]
    """What is declared as ``responses={status: {"model": ...}}``."""
    callbacks: tuple[DescribedRoute | APIRoute, ...]
    """Requests that the API itself makes; those that are not to be documented as they are."""


def described_routes(routes: Sequence[BaseRoute | RouteContext]) -> list[DescribedRoute]:
    """The path operations among *routes* that are to be documented, inclusions resolved."""
    return [
        _described(context.route)
        for context in iter_route_contexts(routes)
        if isinstance(context.route, APIRoute) and context.route.include_in_schema
    ]


def _described_callbacks(routes: Sequence[BaseRoute]) -> Iterator[DescribedRoute | APIRoute]:
    for context in iter_route_contexts(routes):
        route = context.route
        if isinstance(route, APIRoute):
            yield _described(route) if route.include_in_schema else route


def _described(route: APIRoute) -> DescribedRoute:
    declared = route.declared()
    inputs = inputs_of(declared.graph)
    unique_id = route.unique_id
    plan = declared.body_plan
    return DescribedRoute(
        route,
        tuple(parameter_fields(inputs.parameters)),
        body_field(
            inputs.bodies,
            is_embedded=plan is not None and plan.is_embedded,
            unique_id=unique_id,
        ),
        tuple(inputs.schemes),
        _response(f"Response_{unique_id}", route.response_model),
        _response(f"StreamItem_{unique_id}", route.stream_item_type),
        {
            status: field_of_type(f"Response_{status}_{unique_id}", model, "serialization")
            for status, response in route.responses.items()
            if (model := response.get("model"))
        },
        tuple(_described_callbacks(route.callbacks)),
    )


def _response(name: str, model: object) -> SchemaField | None:
    return field_of_type(name, model, "serialization") if model else None


def fields_of(described: Sequence[DescribedRoute]) -> Iterator[SchemaField]:
    """Everything with a schema: first of callbacks; then bodies, responses and parameters."""
    for each in described:
        yield from fields_of([call for call in each.callbacks if isinstance(call, DescribedRoute)])
    for each in described:
        if each.body is not None:
            yield each.body.field
    for each in described:
        if each.response is not None:
            yield each.response
        yield from each.additional.values()
        if each.item is not None:
            yield each.item
    for each in described:
        yield from (parameter.field for parameter in each.parameters)
