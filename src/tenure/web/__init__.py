"""An ASGI framework with FastAPI's public API, on the engine of ``tenure``.

A FastAPI program runs after ``fastapi`` in its imports becomes ``tenure.web``.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from starlette import status

from tenure.web.applications import App, FastAPI
from tenure.web.background import BackgroundTasks
from tenure.web.datastructures import UploadFile
from tenure.web.exceptions import HTTPException, WebSocketException
from tenure.web.param_functions import (
    Body,
    Cookie,
    Depends,
    File,
    Form,
    Header,
    Path,
    Query,
    Security,
)
from tenure.web.requests import Request
from tenure.web.responses import Response
from tenure.web.routing import APIRouter
from tenure.web.websockets import WebSocket, WebSocketDisconnect

__all__ = [
    "APIRouter",
    "App",
    "BackgroundTasks",
    "Body",
    "Cookie",
    "Depends",
    "FastAPI",
    "File",
    "Form",
    "HTTPException",
    "Header",
    "Path",
    "Query",
    "Request",
    "Response",
    "Security",
    "UploadFile",
    "WebSocket",
    "WebSocketDisconnect",
    "WebSocketException",
    "status",
]

__version__ = "0.163.2"
"""The version of FastAPI whose public surface this is, for programs that ask for it."""

if TYPE_CHECKING:
    from tenure.web import concurrency as concurrency
    from tenure.web import logger as logger
    from tenure.web import middleware as middleware
    from tenure.web import openapi as openapi
    from tenure.web import security as security
    from tenure.web import telemetry as telemetry
else:
    _MODULES = frozenset({"concurrency", "logger", "middleware", "security", "telemetry"})

    def __getattr__(name: str) -> ModuleType:
        """The modules that ``import fastapi`` loads, too; here they are loaded when named."""
        if name in _MODULES:
            return import_module(f"{__name__}.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
