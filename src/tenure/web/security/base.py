"""The base of security schemes."""

from tenure.web.bind.security import SecurityBase

__all__ = ["SecurityBase"]
