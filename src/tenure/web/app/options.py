"""The options of a route as one value, and what a router hands down to its routes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import Enum, IntEnum
from typing import Any, Final, TypedDict

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from tenure.text.signatures import spelled_out
from tenure.web.datastructures import DefaultPlaceholder
from tenure.web.exceptions import FastAPIError
from tenure.web.params import Depends
from tenure.web.types import IncEx
from tenure.web.utils import generate_unique_id

__all__ = [
    "JSON",
    "STRICT",
    "UNIQUE_ID",
    "UNSET",
    "Inherited",
    "RouteKeywords",
    "RouteOptions",
    "dependencies_of",
    "is_set",
    "options_of",
    "route_keywords",
]


def dependencies_of(given: Sequence[Depends] | Depends | None) -> list[Depends]:
    """What was passed as ``dependencies=``; a single one is a slip worth a clear word."""
    if isinstance(given, Depends):
        msg = f"dependencies={given!r} is a single dependency: write dependencies=[Depends(...)]"
        raise FastAPIError(msg)
    return list(given or ())


class _Unset:
    """The type of ``UNSET``: not given, so whoever includes the route decides."""

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> bool:
        return False


UNSET: Final[Any] = _Unset()
"""An option that was not given, where None means something."""


class _Default(DefaultPlaceholder):
    """A placeholder that a dataclass takes for a default."""

    __hash__ = object.__hash__  # type: ignore[assignment]


JSON: Final[Any] = _Default(JSONResponse)
UNIQUE_ID: Final[Any] = _Default(generate_unique_id)
STRICT: Final[Any] = _Default(True)
"""What holds where nobody says; programs that list routes read the ``value``."""


def options_of(path: object, keywords: Mapping[str, Any]) -> RouteOptions:
    """The options of the route for *path*; says which keyword no route knows."""
    if not isinstance(path, str):
        msg = f"{path!r} is not a path: write @app.get('/path'), with parentheses"
        raise FastAPIError(msg)
    unknown = [name for name in keywords if name not in RouteOptions.__slots__]
    if unknown:
        msg = f"the route {path!r} got an unexpected keyword argument {unknown[0]!r}"
        raise TypeError(msg)
    return RouteOptions(**keywords)


def is_set(value: object) -> bool:
    """Whether an option was given, and not left at its ``Default``."""
    return not isinstance(value, _Unset | DefaultPlaceholder)


class RouteKeywords(TypedDict, total=False):
    """The keywords that every path operation decorator takes."""

    response_model: Any
    """The type of what is returned; None takes the returned value as it is. Without it the
    return annotation counts."""
    status_code: int | None
    tags: list[str | Enum] | None
    dependencies: Sequence[Depends] | None
    """Dependencies whose value nobody takes."""
    summary: str | None
    description: str | None
    response_description: str
    responses: dict[int | str, dict[str, Any]] | None
    deprecated: bool | None
    name: str | None
    """The name for ``url_path_for``; the function's own by default."""
    operation_id: str | None
    response_model_include: IncEx | None
    response_model_exclude: IncEx | None
    response_model_by_alias: bool
    response_model_exclude_unset: bool
    response_model_exclude_defaults: bool
    response_model_exclude_none: bool
    include_in_schema: bool
    response_class: type[Response]
    callbacks: list[BaseRoute] | None
    openapi_extra: dict[str, Any] | None
    generate_unique_id_function: Callable[[Any], str]
    strict_content_type: bool
    """False reads a body as JSON although the request has no Content-Type."""
    cancel_on_disconnect: bool
    """True cancels the endpoint, and the setup of its dependencies, when the client leaves
    before the response; their exits run, and nothing is sent."""
    max_body_size: int | None
    """The bytes that the body of a request may have; 413 for more. None for any number."""
    in_thread: bool
    """False runs a ``def`` endpoint, which must not block, on the event loop."""


@dataclass(frozen=True, slots=True)
class RouteOptions:
    """All options of one route; an unknown keyword is a ``TypeError``."""

    response_model: Any = UNSET
    status_code: int | None = None
    tags: Sequence[str | Enum] | None = None
    dependencies: Sequence[Depends] | None = None
    summary: str | None = None
    description: str | None = None
    response_description: str = "Successful Response"
    responses: Mapping[int | str, dict[str, Any]] | None = None
    deprecated: bool | None = None
    name: str | None = None
    methods: Collection[str] | None = None
    operation_id: str | None = None
    response_model_include: IncEx | None = None
    response_model_exclude: IncEx | None = None
    response_model_by_alias: bool = True
    response_model_exclude_unset: bool = False
    response_model_exclude_defaults: bool = False
    response_model_exclude_none: bool = False
    include_in_schema: bool = True
    response_class: Any = JSON
    callbacks: Sequence[BaseRoute] | None = None
    openapi_extra: dict[str, Any] | None = None
    generate_unique_id_function: Any = UNIQUE_ID
    strict_content_type: Any = STRICT
    cancel_on_disconnect: Any = UNSET
    max_body_size: Any = UNSET
    in_thread: bool = True

    def normalised(self) -> RouteOptions:
        """The same with the collections made lists, and an enum of a status its number."""
        status = self.status_code
        return replace(
            self,
            tags=list(self.tags or ()),
            dependencies=dependencies_of(self.dependencies),
            responses=dict(self.responses or {}),
            callbacks=list(self.callbacks or ()),
            status_code=int(status) if isinstance(status, IntEnum) else status,
        )

    def names(self) -> tuple[str, ...]:
        """The names of all options."""
        return tuple(field.name for field in fields(self))


route_keywords = spelled_out(
    RouteKeywords, {field.name: field.default for field in fields(RouteOptions)}
)
"""Shows the keywords of a route in the signature of a function that takes them."""


@dataclass(frozen=True, slots=True)
class Inherited:
    """What a router, or an inclusion of one, adds to each route below it."""

    prefix: str = ""
    tags: Sequence[str | Enum] = ()
    dependencies: Sequence[Depends] = ()
    responses: Mapping[int | str, dict[str, Any]] | None = None
    callbacks: Sequence[BaseRoute] = ()
    deprecated: bool | None = None
    include_in_schema: bool = True
    response_class: Any = JSON
    generate_unique_id_function: Any = UNIQUE_ID
    strict_content_type: Any = STRICT
    cancel_on_disconnect: Any = UNSET
    max_body_size: Any = UNSET
    overrides_provider: Any = None
    """The application whose ``dependency_overrides`` hold."""

    def applied_to(self, path: str, options: RouteOptions) -> tuple[str, RouteOptions]:
        """The path and the options of a route under this: what it says itself wins."""
        merged = self.then(
            Inherited(
                prefix=path,
                tags=options.tags or (),
                dependencies=dependencies_of(options.dependencies),
                responses=options.responses,
                callbacks=options.callbacks or (),
                deprecated=options.deprecated,
                include_in_schema=options.include_in_schema,
                response_class=options.response_class,
                generate_unique_id_function=options.generate_unique_id_function,
                strict_content_type=options.strict_content_type,
                cancel_on_disconnect=options.cancel_on_disconnect,
                max_body_size=options.max_body_size,
            )
        )
        return merged.prefix, replace(
            options,
            tags=merged.tags,
            dependencies=merged.dependencies,
            responses=merged.responses,
            callbacks=merged.callbacks,
            deprecated=merged.deprecated,
            include_in_schema=merged.include_in_schema,
            response_class=merged.response_class,
            generate_unique_id_function=merged.generate_unique_id_function,
            strict_content_type=merged.strict_content_type,
            cancel_on_disconnect=merged.cancel_on_disconnect,
            max_body_size=merged.max_body_size,
        )

    def then(self, below: Inherited) -> Inherited:
        """Join with *below*: lists add up from the outside in, single values win inside."""
        return Inherited(
            prefix=self.prefix + below.prefix,
            tags=[*self.tags, *below.tags],
            dependencies=[*self.dependencies, *below.dependencies],
            responses={**(self.responses or {}), **(below.responses or {})},
            callbacks=[*self.callbacks, *below.callbacks],
            deprecated=below.deprecated or self.deprecated,
            include_in_schema=below.include_in_schema and self.include_in_schema,
            response_class=_inner(below.response_class, self.response_class),
            generate_unique_id_function=_inner(
                below.generate_unique_id_function, self.generate_unique_id_function
            ),
            strict_content_type=_inner(below.strict_content_type, self.strict_content_type),
            cancel_on_disconnect=_inner(below.cancel_on_disconnect, self.cancel_on_disconnect),
            max_body_size=_inner(below.max_body_size, self.max_body_size),
            overrides_provider=self.overrides_provider or below.overrides_provider,
        )


def _inner(below: Any, above: Any) -> Any:
    return below if is_set(below) else above
