"""What the binder knows of security: schemes, and the OAuth scopes handed down to them.

Apart from ``tenure.web.security``, whose schemes carry models of OpenAPI, which take time to load.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tenure.graph.nodes import Graph

__all__ = ["SecurityBase", "SecurityScopes", "scheme_of", "schemes_of"]


class SecurityBase:
    """The base of all security schemes: callables that read credentials from a request.

    An instance is used as a dependency. It appears in the OpenAPI document under
    ``scheme_name`` as ``model`` describes it, and is called once for each set of OAuth scopes
    asked of it. A scheme of one's own sets both attributes and defines ``__call__``.
    """

    model: Any
    """One of the security models of ``tenure.web.openapi.models``."""
    scheme_name: str


class SecurityScopes:
    """What a dependency is told about the OAuth scopes required of it.

    Declare a parameter of this type in a dependency, and declare the dependency with
    ``Security(dependency, scopes=[...])``. ``scopes`` has those of all declarations on the way
    to it, outermost first, without repetition; ``scope_str`` the same joined by spaces, as the
    ``WWW-Authenticate`` header has it (RFC 6750, section 3).
    """

    def __init__(self, scopes: Sequence[str] | None = None) -> None:
        self.scopes: list[str] = list(scopes or ())
        self.scope_str: str = " ".join(self.scopes)


def scheme_of(call: Callable[..., Any]) -> SecurityBase | None:
    """The scheme that *call* is, also behind a partial or ``functools.wraps``."""
    inner: Any = call
    while isinstance(inner, functools.partial):
        inner = inner.func
    inner = inspect.unwrap(inner)
    return inner if isinstance(inner, SecurityBase) else None


def schemes_of(graph: Graph) -> Iterator[tuple[SecurityBase, tuple[str, ...]]]:
    """The schemes that guard an endpoint, each with the OAuth scopes asked of it.

    In the order of the declarations, from the outside in.
    """
    for node in graph.outermost_first():
        scheme = None if node is graph.root else scheme_of(node.call)
        if scheme is not None:
            yield scheme, node.labels
