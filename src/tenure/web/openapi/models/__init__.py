"""The objects of OpenAPI 3.1 as pydantic models, each with the name it has in the standard.

A document is sent through ``OpenAPI`` before it is served. That checks what programs put into it
by hand, and gives the keys of every object one order: that of the fields here. Keys that the
standard does not know (extensions, ``x-...``) are kept and come last.

Each part is loaded when one of its names is asked for: security schemes need only their own.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tenure.web.openapi.models.about import (
        Contact,
        EmailStr,
        ExternalDocumentation,
        Info,
        License,
        Server,
        ServerVariable,
        Tag,
    )
    from tenure.web.openapi.models.base import BaseModelWithConfig, Reference
    from tenure.web.openapi.models.document import Components, OpenAPI
    from tenure.web.openapi.models.messages import (
        Encoding,
        Example,
        Header,
        Link,
        MediaType,
        Parameter,
        ParameterBase,
        ParameterInType,
        RequestBody,
        Response,
    )
    from tenure.web.openapi.models.operations import Operation, PathItem
    from tenure.web.openapi.models.schema import (
        XML,
        Discriminator,
        Schema,
        SchemaOrBool,
        SchemaType,
    )
    from tenure.web.openapi.models.security import (
        APIKey,
        APIKeyIn,
        HTTPBase,
        HTTPBearer,
        OAuth2,
        OAuthFlow,
        OAuthFlowAuthorizationCode,
        OAuthFlowClientCredentials,
        OAuthFlowImplicit,
        OAuthFlowPassword,
        OAuthFlows,
        OpenIdConnect,
        SecurityBase,
        SecurityScheme,
        SecuritySchemeType,
    )

__all__ = [
    "XML",
    "APIKey",
    "APIKeyIn",
    "BaseModelWithConfig",
    "Components",
    "Contact",
    "Discriminator",
    "EmailStr",
    "Encoding",
    "Example",
    "ExternalDocumentation",
    "HTTPBase",
    "HTTPBearer",
    "Header",
    "Info",
    "License",
    "Link",
    "MediaType",
    "OAuth2",
    "OAuthFlow",
    "OAuthFlowAuthorizationCode",
    "OAuthFlowClientCredentials",
    "OAuthFlowImplicit",
    "OAuthFlowPassword",
    "OAuthFlows",
    "OpenAPI",
    "OpenIdConnect",
    "Operation",
    "Parameter",
    "ParameterBase",
    "ParameterInType",
    "PathItem",
    "Reference",
    "RequestBody",
    "Response",
    "Schema",
    "SchemaOrBool",
    "SchemaType",
    "SecurityBase",
    "SecurityScheme",
    "SecuritySchemeType",
    "Server",
    "ServerVariable",
    "Tag",
]

_PARTS = ("security", "base", "about", "schema", "messages", "operations", "document")


def __getattr__(name: str) -> Any:
    if name in __all__:
        for part in _PARTS:
            module = import_module(f"{__name__}.{part}")
            if name in module.__all__:
                value = globals()[name] = getattr(module, name)
                return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
