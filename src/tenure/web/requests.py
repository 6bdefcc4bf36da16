"""Requests, as Starlette gives them."""

from starlette.requests import HTTPConnection, Request

__all__ = ["HTTPConnection", "Request"]
