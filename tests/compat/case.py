"""Cases: programs with their requests and what is stated about the answers."""

import asyncio
import json as json_module
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from .answer import Answer, describe
from .driver import Application, Client, Server
from .expectation import UNSTATED, Expectation
from .framework import FASTAPI, TENURE, Framework
from .timeline import Timeline

Build = Callable[[Any, Timeline], Application]
Headers = Mapping[str, str] | list[tuple[str, str]]


GARBAGE_WARNINGS = (RuntimeWarning, ResourceWarning)
"""What is warned of when garbage is collected, whichever case runs at that time."""


@dataclass(frozen=True)
class Ask:
    """What one case sends: requests on one application, and what is stated of the answer."""

    name: str = ""
    clients: tuple[Client, ...] = ()
    lifespan: bool = False
    stated: Expectation = field(default_factory=Expectation)
    """Of FastAPI's answer, and of Tenure's unless the case departs."""
    tenure: Expectation | None = None
    """Of Tenure's answer, when it departs on purpose."""

    def gives(self, status: int | None = None, content: Any = UNSTATED, **more: Any) -> "Ask":
        """State the answer, or the part of it that the contract is about."""
        return replace(self, stated=Expectation(status, content, **more))

    def refused(self, kind: str, **more: Any) -> "Ask":
        """State that the declaration fails, with an error of this kind."""
        return replace(self, stated=Expectation(refused=kind, **more))

    def but(self, status: int | None = None, content: Any = UNSTATED, **more: Any) -> "Ask":
        """State how Tenure's answer differs: only for a departure."""
        return replace(self, tenure=Expectation(status, content, **more))


def request(
    method: str,
    target: str,
    *,
    headers: Headers = (),  # type: ignore[assignment]
    json: Any = UNSTATED,
    body: bytes | tuple[bytes, ...] = (),
    name: str = "",
    **more: Any,
) -> Ask:
    """One HTTP request. `json` is sent with its content type, `body` as it is."""
    raw = [(n.lower().encode(), v.encode()) for n, v in dict(headers).items()]
    if isinstance(headers, list):
        raw = [(n.lower().encode(), v.encode()) for n, v in headers]
    if json is not UNSTATED:
        body = json_module.dumps(json).encode()
        raw.append((b"content-type", b"application/json"))
    chunks = (body,) if isinstance(body, bytes) else body
    if chunks:
        raw.append((b"content-length", str(sum(map(len, chunks))).encode()))
    return Ask(name, (Client("http", method, target, tuple(raw), chunks, **more),))


def get(target: str = "/", **more: Any) -> Ask:
    return request("GET", target, **more)


def post(target: str = "/", **more: Any) -> Ask:
    return request("POST", target, **more)


def socket(
    target: str = "/",
    *frames: str | bytes | int,
    headers: Mapping[str, str] | None = None,
    name: str = "",
    **more: Any,
) -> Ask:
    """One WebSocket client. A frame is text, bytes, or the code with which it hangs up."""
    messages: list[dict[str, Any]] = []
    for frame in frames:
        if isinstance(frame, int):
            messages.append({"type": "websocket.disconnect", "code": frame, "reason": ""})
        else:
            key = "text" if isinstance(frame, str) else "bytes"
            messages.append({"type": "websocket.receive", key: frame})
    raw = tuple((n.lower().encode(), v.encode()) for n, v in (headers or {}).items())
    client = Client("websocket", "WEBSOCKET", target, raw, frames=tuple(messages), **more)
    return Ask(name, (client,))


def together(*asks: Ask, lifespan: bool = False, name: str = "") -> Ask:
    """Several requests, one after another, to one application; under its lifespan if asked."""
    clients = tuple(client for ask in asks for client in ask.clients)
    return Ask(name, clients, lifespan=lifespan)


def declared(name: str = "") -> Ask:
    """Nothing is sent: the case is about the declaration."""
    return Ask(name)


@dataclass(frozen=True, eq=False)
class Case:
    """One program and what is sent to it."""

    name: str
    build: Build
    ask: Ask
    section: str = ""
    """Of the contract, for a departure."""

    def run(self, web: Framework) -> Answer:
        """Build the application on one framework and send it the case's requests."""
        record = Timeline()
        answer = Answer()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                application = self.build(web, record)
            except Exception as error:
                answer.refused = describe(error, web).partition("(")[0]
                answer.is_assertion = isinstance(error, AssertionError)
                answer.complaint = str(error)
            else:
                server = Server(application, record, lambda error: describe(error, web))
                answer.exchanges = server.exchanges
                asyncio.run(self._converse(server))
        answer.timeline = str(record)
        answer.warnings = tuple(
            _warning(one.category, web)
            for one in caught
            if not issubclass(one.category, GARBAGE_WARNINGS)
        )
        return answer

    async def _converse(self, server: Server) -> None:
        if not self.ask.lifespan:
            await self._send_all(server)
            return
        async with server.lifespan():
            await self._send_all(server)

    async def _send_all(self, server: Server) -> None:
        for client in self.ask.clients:
            await server.serve(client)

    @cache
    def by_fastapi(self) -> Answer:
        return self.run(FASTAPI)

    @cache
    def by_tenure(self) -> Answer:
        return self.run(TENURE)


def _warning(category: type[Warning], web: Framework) -> str:
    if issubclass(category, web.exceptions.FastAPIDeprecationWarning):
        return "FastAPIDeprecationWarning"
    return category.__name__


class Family:
    """Cases of one subject, collected from the programs of one module."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.cases: list[Case] = []

    def program(self, *asks: Ask, section: str = "") -> Callable[[Build], Build]:
        """Register a program: one case for each ask."""

        def register(build: Build) -> Build:
            for number, ask in enumerate(asks):
                name = build.__name__
                if len(asks) > 1:
                    name += f"-{ask.name or number}"
                self.cases.append(Case(name, build, ask, section))
            return build

        return register

    def add(self, name: str, build: Build, ask: Ask) -> None:
        """Register one case of a generated grid."""
        self.cases.append(Case(name, build, ask))
