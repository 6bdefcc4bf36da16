"""The dependencies of a callable as data: made from a graph, to be read.

Requests are served by compiled plans, which know nothing of these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from pydantic import ConfigDict
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from tenure.web.bind.validation import Validation
from tenure.web.params import Depends

__all__ = ["Dependant", "ModelField", "create_model_field"]


@dataclass
class ModelField:
    """A value with a type: a parameter, the body, or what is answered."""

    field_info: FieldInfo
    """What was declared, with its default and its constraints: a ``Query`` or its like."""
    name: str
    """Of a parameter: as in the signature."""
    mode: Literal["validation", "serialization"] = "validation"
    """Whether it is read or written."""
    config: ConfigDict | None = None

    @property
    def alias(self) -> str:
        """The name in the request."""
        return self.field_info.alias or self.name

    @property
    def validation_alias(self) -> str | None:
        """The name in the request, where it is declared as such."""
        alias = self.field_info.validation_alias
        return alias if isinstance(alias, str) and alias else None

    @property
    def serialization_alias(self) -> str | None:
        """The name in a response, where it is declared as such."""
        return self.field_info.serialization_alias or None

    @property
    def default(self) -> Any:
        """What holds where the request has no value; pydantic's undefined where it must have."""
        return self.get_default()

    def get_default(self) -> Any:
        """The default, made anew by a ``default_factory``."""
        if self.field_info.is_required():
            return PydanticUndefined
        return self.field_info.get_default(call_default_factory=True)

    def validate(
        self,
        value: Any,
        values: dict[str, Any] | None = None,
        *,
        loc: tuple[int | str, ...] = (),
    ) -> tuple[Any, list[dict[str, Any]]]:
        """The validated value, or None and what is wrong with it at *loc*."""
        validated, errors = self._validation.validate(value, loc)
        return validated, list(errors)

    def serialize(
        self, value: Any, *, mode: Literal["json", "python"] = "json", **more: Any
    ) -> Any:
        """*value* as plain data; *more* is ``include``, ``exclude``, ``by_alias`` and so on."""
        options: dict[str, Any] = {"by_alias": True, **more}
        return self._validation.adapter.dump_python(value, mode=mode, **options)

    def serialize_json(self, value: Any, **more: Any) -> bytes:
        """*value* as JSON."""
        options: dict[str, Any] = {"by_alias": True, **more}
        return self._validation.adapter.dump_json(value, **options)

    @cached_property
    def _validation(self) -> Validation:
        return Validation(self.field_info, self.config)


def create_model_field(
    name: str,
    type_: Any,
    default: Any = PydanticUndefined,
    field_info: FieldInfo | None = None,
    alias: str | None = None,
    mode: Literal["validation", "serialization"] = "validation",
) -> ModelField:
    """A field of the type *type_*, to validate with or to hand to ``serialize_response``."""
    return ModelField(
        field_info or FieldInfo(annotation=type_, default=default, alias=alias), name, mode
    )


@dataclass
class Dependant:
    """A callable with what it is called with: parameters of the request, and dependencies."""

    path_params: list[ModelField] = field(default_factory=list["ModelField"])
    query_params: list[ModelField] = field(default_factory=list["ModelField"])
    header_params: list[ModelField] = field(default_factory=list["ModelField"])
    cookie_params: list[ModelField] = field(default_factory=list["ModelField"])
    body_params: list[ModelField] = field(default_factory=list["ModelField"])
    dependencies: list[Dependant] = field(default_factory=list["Dependant"])
    """Those without a parameter first, then in the order of the signature."""
    name: str | None = None
    """The parameter that it fills."""
    call: Callable[..., Any] | None = None
    request_param_name: str | None = None
    websocket_param_name: str | None = None
    http_connection_param_name: str | None = None
    response_param_name: str | None = None
    background_tasks_param_name: str | None = None
    security_scopes_param_name: str | None = None
    own_oauth_scopes: list[str] | None = None
    """The OAuth scopes of its own declaration."""
    parent_oauth_scopes: list[str] | None = None
    """Those of the declarations above it."""
    use_cache: bool = True
    path: str | None = None
    scope: str | None = None
    depends: Depends | None = None
    """How it was declared, where that is known."""
