"""Files served from a directory, by Starlette."""

from starlette.staticfiles import StaticFiles

__all__ = ["StaticFiles"]
