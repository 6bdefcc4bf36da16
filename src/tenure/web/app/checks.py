"""What is looked at when an application or a router is made or included."""

from __future__ import annotations

from typing import Any

from tenure.errors import DeclarationError, GraphError
from tenure.graph.builder import build_graph
from tenure.web.app.deferral import is_collected
from tenure.web.app.options import Inherited
from tenure.web.bind.binder import HttpBinder
from tenure.web.utils import get_path_param_names

__all__ = ["check_dependencies", "check_description", "check_prefix"]


def check_prefix(prefix: str) -> None:
    """A prefix begins with a slash, and the path behind it does, too."""
    if prefix and (not prefix.startswith("/") or prefix.endswith("/")):
        raise DeclarationError(
            f"The prefix {prefix!r} must start with '/' and not end with '/', since the paths "
            "behind it start with one"
        )


def check_dependencies(inherited: Inherited) -> None:
    """Find what is wrong with dependencies given to an inclusion when it is made."""

    def nothing() -> None: ...

    names = frozenset(get_path_param_names(inherited.prefix))
    try:
        build_graph(nothing, HttpBinder(names), required=inherited.dependencies)
    except GraphError as error:
        if not is_collected(error):
            raise


def check_description(application: Any) -> None:
    """What an application says of itself is enough for its document and pages."""
    if application.openapi_url and not (application.title and application.version):
        raise DeclarationError(
            "An OpenAPI document needs a title and a version: write App(title=..., version=...), "
            "or openapi_url=None for an application without one"
        )
    if application.docs_assets not in ("auto", "cdn"):
        raise DeclarationError(
            f"docs_assets={application.docs_assets!r} is neither 'auto' (from this application, "
            "where they are installed) nor 'cdn' (from the internet)"
        )
