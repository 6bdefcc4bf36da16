"""WSGI applications under ASGI, by Starlette, which deprecates it in favour of ``a2wsgi``."""

from starlette.middleware.wsgi import WSGIMiddleware

__all__ = ["WSGIMiddleware"]
