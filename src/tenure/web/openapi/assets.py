"""The scripts and styles of the pages, served by the application itself.

They come from the package ``fastapi-offline``, of which only the files are used. A page asks for
them at its own path, ``/docs?asset=...``: so they need no route of their own, and whoever lets
through or protects a page by its path does the same to them.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse

__all__ = ["FAVICON", "REDOC_SCRIPT", "SWAGGER_SCRIPT", "SWAGGER_STYLE", "asset", "asset_folder"]

FAVICON: Final = "favicon.png"
SWAGGER_SCRIPT: Final = "swagger-ui-dist/swagger-ui-bundle.js"
SWAGGER_STYLE: Final = "swagger-ui-dist/swagger-ui.css"
REDOC_SCRIPT: Final = "redoc@2/redoc.standalone.js"

_FILES: Final = frozenset({FAVICON, SWAGGER_SCRIPT, SWAGGER_STYLE, REDOC_SCRIPT})


@cache
def asset_folder() -> Path | None:
    """Where the files are; None where the package is not installed, or lacks one of them."""
    spec = importlib.util.find_spec("fastapi_offline")
    for place in (spec.submodule_search_locations or ()) if spec is not None else ():
        folder = Path(place) / "static"
        if all((folder / Path(name).name).is_file() for name in _FILES):
            return folder
    return None


def asset(request: Request, folder: Path) -> FileResponse | None:
    """The file that *request* asks for; None where it asks for the page itself.

    Raises ``HTTPException`` with the status 404 for a file that pages have no use for.
    """
    name = request.query_params.get("asset")
    if name is None:
        return None
    if name not in _FILES:
        raise HTTPException(404)
    return FileResponse(folder / Path(name).name, headers={"cache-control": "max-age=86400"})
