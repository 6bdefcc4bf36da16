"""The functions that declare parameters: ``limit: int = Query(10, le=100)``.

Each makes the marker of the same name in ``tenure.web.params``. They are typed as returning
``Any`` because a marker stands where a default value of the parameter's type is expected.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, Unpack

from pydantic_core import PydanticUndefined

from tenure.graph.markers import DEFAULT
from tenure.text.signatures import spelled_out
from tenure.web import params
from tenure.web.elsewhere import offer_names_elsewhere
from tenure.web.params import FieldOptions

__all__ = ["Body", "Cookie", "Depends", "File", "Form", "Header", "Path", "Query", "Security"]

_spelled_out = spelled_out(FieldOptions, {})


@_spelled_out
def Path(default: Any = ..., **options: Unpack[FieldOptions]) -> Any:  # noqa: N802
    """Declare a parameter that is part of the path.

    Needed only to add constraints or documentation: a parameter whose name stands in the path
    of the route is read from there anyway.
    """
    return params.Path(default, **options)


@_spelled_out
def Query(  # noqa: N802
    default: Any = PydanticUndefined, **options: Unpack[FieldOptions]
) -> Any:
    """Declare a parameter that comes from the query string.

    Lists read every occurrence of the name; a pydantic model reads all of its fields.
    """
    return params.Query(default, **options)


@_spelled_out
def Header(  # noqa: N802
    default: Any = PydanticUndefined,
    *,
    convert_underscores: bool = True,
    **options: Unpack[FieldOptions],
) -> Any:
    """Declare a parameter that comes from a header: ``user_agent`` from ``User-Agent``.

    ``convert_underscores=False`` reads the name as it is written; many proxies drop such headers.
    """
    return params.Header(default, convert_underscores=convert_underscores, **options)


@_spelled_out
def Cookie(  # noqa: N802
    default: Any = PydanticUndefined, **options: Unpack[FieldOptions]
) -> Any:
    """Declare a parameter that comes from a cookie."""
    return params.Cookie(default, **options)


@_spelled_out
def Body(  # noqa: N802
    default: Any = PydanticUndefined,
    *,
    embed: bool | None = None,
    media_type: str = "application/json",
    **options: Unpack[FieldOptions],
) -> Any:
    """Declare a parameter that comes from the JSON body.

    A single one is the whole body; ``embed=True`` makes it a key of an object, as several
    body parameters always are.
    """
    return params.Body(default, embed=embed, media_type=media_type, **options)


@_spelled_out
def Form(  # noqa: N802
    default: Any = PydanticUndefined,
    *,
    media_type: str = "application/x-www-form-urlencoded",
    **options: Unpack[FieldOptions],
) -> Any:
    """Declare a parameter that comes from a form field."""
    return params.Form(default, media_type=media_type, **options)


@_spelled_out
def File(  # noqa: N802
    default: Any = PydanticUndefined,
    *,
    media_type: str = "multipart/form-data",
    **options: Unpack[FieldOptions],
) -> Any:
    """Declare an uploaded file, as ``UploadFile`` (a handle) or ``bytes`` (its content)."""
    return params.File(default, media_type=media_type, **options)


def Depends(  # noqa: N802
    dependency: Callable[..., Any] | None = None,
    *,
    use_cache: bool = True,
    scope: Literal["app", "request", "function"] | None = None,
    lazy: bool = False,
    in_thread: bool = True,
    concurrent: bool = False,
    exit_timeout: float | None = DEFAULT,
    max_concurrency: int | None = None,
) -> Any:
    """Declare a parameter that is filled by calling *dependency*.

    It is called once per request however often it is declared, unless ``use_cache`` is False.
    ``scope`` says when a generator is closed: ``"request"`` (the default) after the response
    has been sent, ``"function"`` before, ``"app"`` when the application ends: set up once, before
    the first request, or with ``lazy=True`` when it is first needed. ``in_thread=False`` runs
    ``def`` code that does not block in place; ``concurrent=True`` opens neighbours marked
    likewise at the same time; ``max_concurrency`` is how many may be alive at once. All as in
    ``tenure.Depends``.
    """
    return params.Depends(
        dependency,
        use_cache=use_cache,
        scope=scope,
        lazy=lazy,
        in_thread=in_thread,
        concurrent=concurrent,
        exit_timeout=exit_timeout,
        max_concurrency=max_concurrency,
    )


def Security(  # noqa: N802
    dependency: Callable[..., Any] | None = None,
    *,
    scopes: Sequence[str] | None = None,
    use_cache: bool = True,
    in_thread: bool = True,
    concurrent: bool = False,
    exit_timeout: float | None = DEFAULT,
) -> Any:
    """Declare a dependency that needs OAuth scopes.

    They are added to those declared further out; what is below reads them all through
    ``SecurityScopes``.
    """
    return params.Security(
        dependency,
        scopes=scopes,
        use_cache=use_cache,
        in_thread=in_thread,
        concurrent=concurrent,
        exit_timeout=exit_timeout,
    )


offer_names_elsewhere(__name__)
