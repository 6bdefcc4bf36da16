"""The routes by which an application shows its document: as JSON, and as pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tenure.web.openapi.assets import (
    FAVICON,
    REDOC_SCRIPT,
    SWAGGER_SCRIPT,
    SWAGGER_STYLE,
    asset,
    asset_folder,
)
from tenure.web.openapi.docs import (
    get_redoc_html,
    get_swagger_ui_html,
    get_swagger_ui_oauth2_redirect_html,
)

__all__ = ["Documented", "add_pages"]


class Documented(Protocol):
    """What the pages need of an application. Looked at for each request, so it may change."""

    title: str
    openapi_url: str | None
    docs_url: str | None
    redoc_url: str | None
    swagger_ui_oauth2_redirect_url: str | None
    swagger_ui_init_oauth: dict[str, Any] | None
    swagger_ui_parameters: dict[str, Any] | None
    root_path_in_servers: bool

    @property
    def docs_assets(self) -> str:
        """``"cdn"``, or anything else for the files that are served from here."""
        ...

    @property
    def openapi(self) -> Callable[[], dict[str, Any]]:
        """Makes the document; programs may put a function of theirs in its place."""
        ...

    def add_route(
        self, path: str, route: Callable[[Request], Any], *, name: str, include_in_schema: bool
    ) -> None:
        """Serve *path* with a plain function of the request."""
        ...


def add_pages(application: Documented) -> None:
    """Serve the document and the pages at the paths that the application has for them."""
    pages = _Pages(application)
    if not application.openapi_url:
        return
    redirect_url = application.swagger_ui_oauth2_redirect_url if application.docs_url else None
    for path, page, name in (
        (application.openapi_url, pages.document, "openapi"),
        (application.docs_url, pages.swagger_ui, "swagger_ui_html"),
        (redirect_url, pages.oauth2_redirect, "swagger_ui_redirect"),
        (application.redoc_url, pages.redoc, "redoc_html"),
    ):
        if path:
            application.add_route(path, page, name=name, include_in_schema=False)


class _Pages:
    """Plain endpoints: the dependencies of the application do not run for them."""

    def __init__(self, application: Documented) -> None:
        self._application = application

    async def document(self, request: Request) -> Response:
        """The document; behind a proxy that adds a prefix, with the prefix as a server."""
        application = self._application
        document = application.openapi()
        root_path = _root_path(request)
        if root_path and application.root_path_in_servers:
            servers: list[Mapping[str, Any]] = document.get("servers", [])
            if root_path not in [each.get("url") for each in servers]:
                document = {**document, "servers": [{"url": root_path}, *servers]}
        return JSONResponse(document)

    async def swagger_ui(self, request: Request) -> Response:
        """The page of Swagger UI, or one of its files."""
        application, root_path = self._application, _root_path(request)
        folder = self._asset_folder()
        file = None if folder is None else asset(request, folder)
        if file is not None:
            return file
        own: dict[str, str] = {}
        if folder is not None:
            own["swagger_js_url"] = _own_asset(application.docs_url, root_path, SWAGGER_SCRIPT)
            own["swagger_css_url"] = _own_asset(application.docs_url, root_path, SWAGGER_STYLE)
            own["swagger_favicon_url"] = _own_asset(application.docs_url, root_path, FAVICON)
        redirect_url = application.swagger_ui_oauth2_redirect_url
        return get_swagger_ui_html(
            openapi_url=f"{root_path}{application.openapi_url}",
            title=f"{application.title} - Swagger UI",
            oauth2_redirect_url=f"{root_path}{redirect_url}" if redirect_url else None,
            init_oauth=application.swagger_ui_init_oauth,
            swagger_ui_parameters=application.swagger_ui_parameters,
            **own,
        )

    async def oauth2_redirect(self, request: Request) -> Response:
        """Where authorization servers send the browser back to."""
        return get_swagger_ui_oauth2_redirect_html()

    async def redoc(self, request: Request) -> Response:
        """The page of ReDoc, or one of its files."""
        application, root_path = self._application, _root_path(request)
        folder = self._asset_folder()
        file = None if folder is None else asset(request, folder)
        if file is not None:
            return file
        own: dict[str, Any] = {}
        if folder is not None:
            own["redoc_js_url"] = _own_asset(application.redoc_url, root_path, REDOC_SCRIPT)
            own["redoc_favicon_url"] = _own_asset(application.redoc_url, root_path, FAVICON)
            own["with_google_fonts"] = False
        return get_redoc_html(
            openapi_url=f"{root_path}{application.openapi_url}",
            title=f"{application.title} - ReDoc",
            **own,
        )

    def _asset_folder(self) -> Path | None:
        return None if self._application.docs_assets == "cdn" else asset_folder()


def _root_path(request: Request) -> str:
    root_path: str = request.scope.get("root_path", "")
    return root_path.rstrip("/")


def _own_asset(page_url: str | None, root_path: str, name: str) -> str:
    return f"{root_path}{page_url}?asset={name}"
