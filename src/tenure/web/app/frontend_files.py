"""The files of a front-end build: which one answers a path, and what does where there is none."""

from __future__ import annotations

import errno
import os
import stat
import warnings
from typing import Any, Literal, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope as AsgiScope

from tenure.errors import DeclarationError
from tenure.web.app.redirects import redirect_to

__all__ = ["CheckDirectory", "Fallback", "FrontendFiles", "is_checked"]

Fallback = Literal["auto", "index.html", "404.html"] | None
CheckDirectory = bool | Literal["auto"]

_FALLBACKS = ("auto", "index.html", "404.html", None)
_PAGES = ("text/html", "application/xhtml+xml")


def is_checked(directory: str | os.PathLike[str], check_dir: CheckDirectory) -> bool:
    """Whether *directory* has to exist now; while developing its absence is warned of only."""
    if check_dir != "auto":
        return check_dir
    if os.environ.get("FASTAPI_ENV") != "development":
        return True
    if not os.path.isdir(directory):  # noqa: PTH112 - asked at declaration
        warnings.warn(_missing(directory), stacklevel=3)
    return False


def _missing(directory: str | os.PathLike[str]) -> str:
    return (
        f"Frontend directory '{directory}' does not exist. "
        f"Resolved absolute path: '{os.path.realpath(directory)}'"
    )


class _Found(NamedTuple):
    path: str
    status: os.stat_result
    is_index: bool = False
    """Whether it is the index of the directory that was asked for."""


class FrontendFiles(StaticFiles):
    """Answers with the file at a path, the index of a directory, or the *fallback*.

    Raises ``RuntimeError`` when *check_dir* is set and the directory or the file of the fallback
    is missing, ``DeclarationError`` for a fallback that is none.
    """

    def __init__(
        self, directory: str | os.PathLike[str], fallback: Fallback, *, check_dir: bool
    ) -> None:
        if fallback not in _FALLBACKS:
            raise DeclarationError(
                f"fallback={fallback!r}: it must be 'auto', 'index.html', '404.html', or None"
            )
        if check_dir and not os.path.isdir(directory):  # noqa: PTH112 - asked at declaration
            raise RuntimeError(_missing(directory))
        super().__init__(directory=directory, html=True, check_dir=check_dir)
        self._fallback = fallback
        if check_dir and fallback in ("index.html", "404.html"):
            self._required(fallback, self.lookup_path(fallback))

    async def answer(self, path: str, asgi_scope: AsgiScope) -> Response:
        """The response to a request for *path*, which is relative to the directory.

        Raises ``HTTPException``: 404 where nothing is to be found, 405 for a file that is asked
        for with another method than GET and HEAD.
        """
        if not self.config_checked:
            await self.check_config()
            self.config_checked = True
        found = await self._find(path)
        if asgi_scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(404 if found is None else 405)
        if found is None:
            return await self._without_file(asgi_scope)
        if found.is_index and not asgi_scope["path"].endswith("/"):
            return redirect_to(asgi_scope["path"] + "/", asgi_scope)
        return self.file_response(found.path, found.status, asgi_scope)

    async def _without_file(self, asgi_scope: AsgiScope) -> Response:
        fallback = self._fallback
        if fallback == "404.html" or (fallback == "auto" and await self._has("404.html")):
            return await self._fall_back("404.html", 404, asgi_scope)
        has_index = fallback == "index.html" or (
            fallback == "auto" and await self._has("index.html")
        )
        if has_index and _asks_for_a_page(asgi_scope):
            return await self._fall_back("index.html", 200, asgi_scope)
        raise HTTPException(404)

    async def _fall_back(self, name: str, status: int, asgi_scope: AsgiScope) -> Response:
        found = self._required(name, await run_in_threadpool(self.lookup_path, name))
        return self.file_response(found.path, found.status, asgi_scope, status_code=status)

    def _required(self, name: str, looked_up: tuple[str, os.stat_result | None]) -> _Found:
        path, status = looked_up
        if not _is_file(status):
            raise RuntimeError(
                f"Frontend fallback file '{name}' does not exist in directory "
                f"'{self.directory}'. Resolved absolute directory: "
                f"'{os.path.realpath(self.directory or '')}'"
            )
        return _Found(path, _existing(status))

    async def _has(self, name: str) -> bool:
        _, status = await run_in_threadpool(self.lookup_path, name)
        return _is_file(status)

    async def _find(self, path: str) -> _Found | None:
        full, status = await self._look_up(path)
        if _is_file(status):
            return _Found(full, _existing(status))
        if status is not None and stat.S_ISDIR(status.st_mode):
            full, status = await self._look_up(os.path.join(path, "index.html"))  # noqa: PTH118
            if _is_file(status):
                return _Found(full, _existing(status), is_index=True)
        return None

    async def _look_up(self, path: str) -> tuple[str, os.stat_result | None]:
        try:
            return await run_in_threadpool(self._look_up_now, path)
        except PermissionError:
            raise HTTPException(401) from None
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            raise HTTPException(404) from None
        except ValueError:  # a NUL, say
            raise HTTPException(404) from None

    def _look_up_now(self, path: str) -> tuple[str, os.stat_result | None]:
        return self.lookup_path(os.path.normpath(path or "."))


def _is_file(status: os.stat_result | None) -> bool:
    return status is not None and stat.S_ISREG(status.st_mode)


def _existing(status: Any) -> os.stat_result:
    result: os.stat_result = status
    return result


def _asks_for_a_page(asgi_scope: AsgiScope) -> bool:
    """Whether a browser navigates here, rather than loading something for a page it has."""
    for accepted in Headers(scope=asgi_scope).get("accept", "").split(","):
        kind, *parameters = (part.strip().lower() for part in accepted.split(";"))
        if kind in _PAGES and _quality_of(parameters) != 0:
            return True
    return False


def _quality_of(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value.strip().strip('"'))
            except ValueError:
                break
    return 1.0
