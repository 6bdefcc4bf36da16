"""Names that modules of FastAPI have only because they use them, and that programs import there.

An editor that completes ``JSONResponse`` may well import it from ``fastapi.routing``. Such a name
is looked up when it is asked for, and costs nothing before.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, Final

__all__ = ["offer_names_elsewhere"]


def offer_names_elsewhere(module: str) -> None:
    """Let names that are at home in other modules be found in *module*, too.

    Type checkers see nothing of it: they point out where a name is at home.
    """
    homes: dict[str, tuple[str, str]] = {}
    for home, names in _HOMES[module].items():
        for each in names.split():
            name, _, at_home = each.partition("=")
            homes[name] = (home, at_home or name)

    def find(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        home, at_home = homes[name]
        return import_module(home) if at_home == "*" else getattr(import_module(home), at_home)

    vars(sys.modules[module])["__getattr__"] = find


_HOMES: Final[dict[str, dict[str, str]]] = {
    "tenure.web.applications": {
        "starlette.middleware.errors": "ServerErrorMiddleware",
        "starlette.middleware.exceptions": "ExceptionMiddleware",
        "starlette.types": "AppType ExceptionHandler Lifespan",
        "tenure.web.datastructures": "Default DefaultPlaceholder",
        "tenure.web.exceptions": "FastAPIDeprecationWarning RequestValidationError",
        "tenure.web.middleware.asyncexitstack": "AsyncExitStackMiddleware",
        "tenure.web.openapi.docs": (
            "get_redoc_html get_swagger_ui_html get_swagger_ui_oauth2_redirect_html"
        ),
        "tenure.web.openapi.utils": "get_openapi",
        "tenure.web.requests": "Request",
        "tenure.web.responses": "HTMLResponse JSONResponse",
        "tenure.web.routing": "routing=*",
        "tenure.web.telemetry": "TelemetryConfig",
        "tenure.web.types": "DecoratedCallable IncEx",
        "tenure.web.utils": "generate_unique_id",
    },
    "tenure.web.routing": {
        "pydantic_core": "Undefined=PydanticUndefined",
        "starlette.datastructures": "URLPath",
        "starlette.routing": "get_name",
        "starlette.types": "AppType Lifespan",
        "tenure.web.app.handling": "request_response",
        "tenure.web.concurrency": "asynccontextmanager iterate_in_threadpool run_in_threadpool",
        "tenure.web.datastructures": "Default DefaultPlaceholder URL",
        "tenure.web.dependencies.models": "Dependant ModelField create_model_field",
        "tenure.web.dependencies.utils": (
            "get_dependant get_parameterless_sub_dependant get_typed_return_annotation"
        ),
        "tenure.web.encoders": "jsonable_encoder",
        "tenure.web.exceptions": (
            "EndpointContext HTTPException RequestValidationError ResponseValidationError "
            "WebSocketRequestValidationError"
        ),
        "tenure.web.params": "params=*",
        "tenure.web.reply.serializing": "serialize_response",
        "tenure.web.requests": "Request",
        "tenure.web.responses": (
            "EventSourceResponse JSONResponse PlainTextResponse RedirectResponse StreamingResponse"
        ),
        "tenure.web.sse": "KEEPALIVE_COMMENT ServerSentEvent format_sse_event",
        "tenure.web.staticfiles": "StaticFiles",
        "tenure.web.telemetry": "get_telemetry_data",
        "tenure.web.types": "DecoratedCallable IncEx",
        "tenure.web.utils": (
            "generate_unique_id get_value_or_default is_body_allowed_for_status_code"
        ),
        "tenure.web.websockets": "WebSocket",
    },
    "tenure.web.openapi.utils": {
        "tenure.web.datastructures": "DefaultPlaceholder",
        "tenure.web.dependencies.models": "Dependant ModelField",
        "tenure.web.dependencies.utils": "get_flat_params",
        "tenure.web.openapi.constants": "METHODS_WITH_BODY REF_PREFIX",
        "tenure.web.params": "Body ParamTypes",
        "tenure.web.responses": "JSONResponse Response",
        "tenure.web.routing": "routing=*",
        "tenure.web.types": "DependencyCacheKey ModelNameMap",
        "tenure.web.utils": (
            "deep_dict_update generate_operation_id_for_path is_body_allowed_for_status_code"
        ),
    },
    "tenure.web.param_functions": {
        "pydantic": "AliasChoices AliasPath",
        "pydantic_core": "Undefined=PydanticUndefined",
        "tenure.web.openapi.models": "Discriminator Example",
    },
    "tenure.web.params": {
        "pydantic_core": "Undefined=PydanticUndefined",
        "tenure.web.exceptions": "FastAPIDeprecationWarning",
        "tenure.web.openapi.models": "Example",
    },
    "tenure.web.security.base": {"tenure.web.openapi.models": "SecurityBaseModel=SecurityBase"},
    "tenure.web.security.oauth2": {"tenure.web.openapi.models": "OAuthFlowsModel=OAuthFlows"},
    "tenure.web.utils": {
        "pydantic": "PydanticSchemaGenerationError",
        "pydantic.fields": "FieldInfo",
        "pydantic_core": "Undefined=PydanticUndefined",
        "tenure.web.dependencies.models": "ModelField create_model_field",
        "tenure.web.exceptions": "PydanticV1NotSupportedError",
    },
}
"""By module, and by where names are at home: the names.

``Here=There`` where it has another name there, ``here=*`` for the module itself.
"""
