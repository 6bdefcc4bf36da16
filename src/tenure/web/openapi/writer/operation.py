"""Operations: everything that a document says of one method of one path."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

from tenure.text.names import name_of, place_of
from tenure.web.app.routes import APIRoute
from tenure.web.openapi.constants import METHODS_WITH_BODY
from tenure.web.openapi.writer.bodies import body_object
from tenure.web.openapi.writer.parameters import parameter_objects
from tenure.web.openapi.writer.responses import (
    DEFINITIONS_OF_REJECTION,
    add_rejection,
    response_objects,
)
from tenure.web.openapi.writer.routes import DescribedRoute
from tenure.web.openapi.writer.schemas import Schemas
from tenure.web.openapi.writer.security import scheme_objects, security_requirements
from tenure.web.utils import deep_dict_update

__all__ = ["OperationWriter", "operation_metadata", "summary_of"]


@dataclass(slots=True)
class OperationWriter:
    """Writes the operations of one document, and gathers what they refer to."""

    schemas: Schemas
    operation_ids: set[str] = field(default_factory=set)
    """Those given so far; an id may occur only once."""
    definitions: dict[str, Any] = field(default_factory=dict)
    """Schemas that the operations refer to and that no type of the program has."""
    security_schemes: dict[str, Any] = field(default_factory=dict)

    def path_item(self, described: DescribedRoute) -> dict[str, Any]:
        """The operations of one route, by their methods in lower case."""
        self.security_schemes.update(scheme_objects(described.schemes))
        methods = described.route.methods
        return {method.lower(): self._operation(described, method) for method in methods}

    def _operation(self, described: DescribedRoute, method: str) -> dict[str, Any]:
        route, schemas = described.route, self.schemas
        operation = operation_metadata(route, self.operation_ids)
        if requirements := security_requirements(described.schemes):
            operation["security"] = requirements
        if parameters := parameter_objects(described.parameters, schemas):
            operation["parameters"] = parameters
        if described.body is not None and method in METHODS_WITH_BODY:
            operation["requestBody"] = body_object(described.body, schemas)
        if described.callbacks:
            operation["callbacks"] = self._callbacks(described)
        responses = operation["responses"] = response_objects(described, schemas)
        takes_something = bool(described.parameters) or described.body is not None
        if takes_something and add_rejection(responses):
            self.definitions.update(DEFINITIONS_OF_REJECTION)
        if route.openapi_extra:
            deep_dict_update(operation, route.openapi_extra)
        return operation

    def _callbacks(self, described: DescribedRoute) -> dict[str, Any]:
        # As in FastAPI's documents, what only a callback refers to (a security scheme, the
        # answer to an invalid request) is not defined, and one that is hidden is empty.
        apart = OperationWriter(self.schemas, self.operation_ids)
        callbacks: dict[str, Any] = {}
        for each in described.callbacks:
            if isinstance(each, APIRoute):
                callbacks[each.name] = {each.path: {}}
            else:
                callbacks[each.route.name] = {each.route.path: apart.path_item(each)}
        return callbacks


def operation_metadata(route: APIRoute, operation_ids: set[str]) -> dict[str, Any]:
    """What an operation begins with: tags, summary, description and id.

    The id is added to *operation_ids*, with a warning if it is among them.
    """
    metadata: dict[str, Any] = {}
    if route.tags:
        metadata["tags"] = route.tags
    metadata["summary"] = summary_of(route)
    if route.description:
        metadata["description"] = route.description
    metadata["operationId"] = _operation_id(route, operation_ids)
    if route.deprecated:
        metadata["deprecated"] = route.deprecated
    return metadata


def _operation_id(route: APIRoute, operation_ids: set[str]) -> str:
    operation_id = route.operation_id or route.unique_id
    if operation_id in operation_ids:
        warnings.warn(
            f"Duplicate Operation ID {operation_id}: {name_of(route.endpoint)} "
            f"({place_of(route.endpoint)}) is the second one; write operation_id=... in one of the "
            "routes",
            stacklevel=2,
        )
    operation_ids.add(operation_id)
    return operation_id


def summary_of(route: APIRoute) -> str:
    """The declared summary, or the name of the route as words."""
    return route.summary or route.name.replace("_", " ").title()
