"""Cross-origin resource sharing, by Starlette."""

from starlette.middleware.cors import CORSMiddleware

__all__ = ["CORSMiddleware"]
