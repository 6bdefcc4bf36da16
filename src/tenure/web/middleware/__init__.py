"""Middleware, as Starlette gives it, under the module names FastAPI uses."""

from starlette.middleware import Middleware

__all__ = ["Middleware"]
