"""Front ends: directories of static files that answer where no route does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from starlette._utils import get_route_path
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from tenure.container import run_program
from tenure.errors import DeclarationError
from tenure.plan.planner import Shape
from tenure.web.app.endpoints import overrides_for
from tenure.web.app.frontend_files import FrontendFiles
from tenure.web.app.options import Inherited
from tenure.web.app.programmed import Programmed
from tenure.web.app.programs import EndpointPrograms
from tenure.web.app.serving import answer_exception
from tenure.web.app.starting import application_for, observers_of
from tenure.web.bind.binder import HttpBinder
from tenure.web.bind.exchange import HttpExchange
from tenure.web.params import Depends
from tenure.web.reply.tasks import raise_failures
from tenure.web.reply.writer import deliverer

__all__ = ["Frontend", "find_frontend", "frontend_path"]

_SHAPE: Final = Shape(finishes=True, delivers=True)


def frontend_path(prefix: str, path: str) -> str:
    """Where a front end is served; raises ``DeclarationError`` for what is no path."""
    if not path.startswith("/"):
        raise DeclarationError(f"The path of a front end starts with a slash, {path!r} does not")
    return _under(prefix, path.rstrip("/") or "/")


def _under(prefix: str, path: str) -> str:
    return prefix if prefix and path == "/" else prefix + path


class Frontend(Programmed):
    """The files of a directory, under a path, behind the dependencies of a router."""

    def __init__(
        self,
        path: str,
        files: FrontendFiles,
        *,
        dependencies: Sequence[Depends] = (),
        dependency_overrides_provider: Any = None,
    ) -> None:
        self.path = path
        self.files = files
        self.dependencies = list(dependencies)
        self.path_format = path.rstrip("/") + "/{path}"
        self.dependency_overrides_provider = dependency_overrides_provider
        self._programs = EndpointPrograms(
            self.answer,
            self.dependencies,
            lambda: HttpBinder(frozenset()),
            _SHAPE,
            make_finish=lambda: _finish,
            application=application_for(dependency_overrides_provider),
            observers=observers_of(dependency_overrides_provider),
            deliver=deliverer(None),
        )
        self._programs.check(names_may_follow=True)

    def under(self, inherited: Inherited) -> Frontend:
        """The same where its router is included."""
        return Frontend(
            _under(inherited.prefix, self.path),
            self.files,
            dependencies=[*inherited.dependencies, *self.dependencies],
            dependency_overrides_provider=inherited.overrides_provider,
        )

    def matches(self, scope: AsgiScope) -> tuple[Match, AsgiScope]:
        """Fully for GET and HEAD; other methods are refused without the dependencies."""
        if scope["type"] != "http" or self._relative(scope) is None:
            return Match.NONE, {}
        return (Match.FULL if scope["method"] in ("GET", "HEAD") else Match.PARTIAL), {}

    def _relative(self, asgi_scope: AsgiScope) -> str | None:
        """The path of a request below this one; None where it is elsewhere."""
        path = get_route_path(asgi_scope)
        if self.path == "/":
            return path.lstrip("/")
        if path == self.path:
            return ""
        below = self.path + "/"
        return path[len(below) :] if path.startswith(below) else None

    async def answer(self, request: Request) -> Response:
        """The response of the files."""
        return await self.files.answer(self._relative(request.scope) or "", request.scope)

    async def handle(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Solve the dependencies, answer, close them in their order."""
        exchange = HttpExchange(scope, receive, send)
        try:
            if scope["method"] not in ("GET", "HEAD"):
                response = await self.answer(exchange.connection)
                await response(scope, receive, send)
                return
            overrides = overrides_for(self.dependency_overrides_provider, scope)
            await run_program(self._programs.current(overrides).program, exchange)
            raise_failures(exchange)
        except Exception as error:  # handlers are looked up for every class
            if error is not exchange.disconnect and not await answer_exception(exchange, error):
                raise

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        """Nothing here has a name."""
        raise NoMatchFound(name, path_params)


def _finish(exchange: HttpExchange, response: Response) -> Response:
    if response.background is None:
        response.background = exchange.tasks
    if exchange.response is not None:
        response.headers.raw.extend(exchange.response.headers.raw)
    return response


def find_frontend(frontends: Iterable[BaseRoute], asgi_scope: AsgiScope) -> BaseRoute | None:
    """The one that answers a request: of those that match best the one with the longest path."""
    best: tuple[int, int] = (Match.NONE.value, -1)
    found: BaseRoute | None = None
    for each in frontends:
        match, _ = each.matches(asgi_scope)
        path: str = getattr(each, "path", "")
        rank = (match.value, 0 if path == "/" else len(path))
        if match is not Match.NONE and rank > best:
            best, found = rank, each
    return found
