"""Jinja2 templates, by Starlette; needs ``jinja2`` installed."""

from starlette.templating import Jinja2Templates

__all__ = ["Jinja2Templates"]
