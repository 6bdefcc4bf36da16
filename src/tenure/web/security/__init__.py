"""Security: what the declared scopes of a request ask for."""

from tenure.web.security.scopes import SecurityScopes

__all__ = ["SecurityScopes"]
