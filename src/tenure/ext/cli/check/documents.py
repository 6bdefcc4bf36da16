"""The OpenAPI document: whether it can be made, and what is said while it is."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

from tenure.ext.cli.check.findings import Finding
from tenure.web.applications import App

__all__ = ["faults_of_document"]


def faults_of_document(app: App, prefix: str) -> Iterator[Finding]:
    """What keeps the document of *app* from being made, and the warnings about it."""
    if not app.openapi_url:
        return
    route = f"GET {prefix}{app.openapi_url}"
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            app.openapi()
        except Exception as error:
            first = str(error).strip().split("\n")[0]
            yield Finding(
                rule="openapi",
                level="error",
                message=f"The document at {route} cannot be made: {type(error).__name__}: {first}",
                hint="the documentation pages need it; openapi_url=None goes without",
                routes=(route,),
            )
    for text in dict.fromkeys(str(each.message) for each in said):
        yield Finding("openapi", "warning", text, routes=(route,))
