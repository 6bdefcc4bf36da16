"""Requests that return, fail, stream and lose their client, cancelled at every step.

As `test_fault_matrix`, over ASGI: the steps include each message that is sent and received.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from tenure.web import App, BackgroundTasks, Depends
from tenure.web.exceptions import HTTPException
from tenure.web.responses import EventSourceResponse, StreamingResponse
from tests.conftest import BACKENDS
from tests.properties.cancellers import Canceller, counting_suspensions, from_outside, runs_on_trio
from tests.properties.fault_programs import KINDS, SCOPES, Record, async_generator, generator
from tests.web.apps.client import Client, running

ENDS = ("returns", "raises", "is refused", "lines", "events", "chunks", "response")
STREAMS = ENDS[3:]
DEPENDENCIES = ("generator", "async generator", "concurrent async generator", "def")


@dataclass(frozen=True)
class Request:
    """One cell: what is asked for, what it depends on, and when its client leaves."""

    ends: str
    kind: str
    scope: Any
    leaves_after: int | None
    spec_version: str

    def application(self, record: Record) -> App:
        app, kind = App(), KINDS[self.kind]
        options: dict[str, Any] = {"scope": self.scope}
        if kind.concurrent:
            options["concurrent"] = True
        marks = [
            Depends(async_generator(record, "outer", "")),
            Depends(kind.make(record, "subject", ""), **options),
            Depends(
                generator(record, "inner", ""),
                scope="function" if self.scope == "function" else None,
            ),
        ]
        told: dict[str, Any] = {"dependencies": marks}
        if self.ends == "events":
            told["response_class"] = EventSourceResponse
        if self.ends == "chunks":
            told["response_class"] = StreamingResponse

        async def body() -> Any:
            record.opened.append("body")
            try:
                for number in range(2):
                    record.step()
                    await anyio.lowlevel.checkpoint()
                    yield str(number)
            finally:
                record.closed.append("body")

        async def endpoint(tasks: BackgroundTasks) -> Any:
            tasks.add_task(anyio.lowlevel.checkpoint)
            record.step()
            await anyio.lowlevel.checkpoint()
            match self.ends:
                case "raises":
                    raise record.failing("endpoint")
                case "is refused":
                    raise HTTPException(409)
                case "response":
                    return StreamingResponse(body())
                case _:
                    return "done"

        app.get("/", **told)(body if self.ends in {"lines", "events", "chunks"} else endpoint)
        return app


class Attempt:
    """One run of one request, cancelled at step *at* (0: not at all)."""

    def __init__(self, request: Request, record: Record, at: int, times: int) -> None:
        self.request = request
        self.record = record
        self.steps = 0
        self.status = 0
        self.was_cancelled = False
        self._at = range(at, at + times) if at else range(0)
        self._cancel: Canceller | None = None
        record.begin(self._step)

    def _step(self) -> None:
        self.steps += 1
        if self.steps in self._at and self._cancel is not None:
            self._cancel()

    async def run(self, app: App, state: dict[str, Any], *, by_task: bool) -> None:
        client = Client(
            leaves_after=self.request.leaves_after,
            spec_version=self.request.spec_version,
            state=state,
        )

        async def ask() -> None:
            answer = await counting_suspensions(client.serve(app, "GET", "/"), self._step)
            self.status = answer.status
            if answer.error is not None:
                assert answer.error in self.record.raised

        if by_task:
            task = asyncio.ensure_future(ask())
            self._cancel = from_outside(task.cancel)
            await asyncio.wait([task])
            self.was_cancelled = task.cancelled()
            if not self.was_cancelled:
                task.result()
        else:
            with anyio.CancelScope() as scope:
                self._cancel = from_outside(scope.cancel)
                await ask()
                self._cancel = None
                await anyio.lowlevel.checkpoint()
            self.was_cancelled = scope.cancelled_caught
        self._cancel = None

    def check(self) -> None:
        record = self.record
        assert len(record.opened) == len(set(record.opened))
        opened = [name for name in record.opened if not self._is_of_application(name)]
        closed = [name for name in record.closed if not self._is_of_application(name)]
        assert sorted(opened) == sorted(closed)
        assert record.forced == []
        narrow = {"subject", "inner"} if self.request.scope == "function" else set()
        for names in (narrow, {"outer", "subject", "inner", "body"} - narrow):
            assert [each for each in closed if each in names] == [
                each for each in reversed(opened) if each in names
            ]
        if narrow & set(closed) and "body" in opened:
            assert not {"subject", "inner"} & set(closed[closed.index("body") :])

    def _is_of_application(self, name: str) -> bool:
        return name == "subject" and self.request.scope == "app"


async def try_everywhere(request: Request, *, by_task: bool, times: int) -> None:
    complaints: list[Any] = []
    if not runs_on_trio():
        asyncio.get_running_loop().set_exception_handler(
            lambda _loop, context: complaints.append(context)
        )
    record = Record()
    app = request.application(record)
    async with running(app) as client:
        tasks = set() if runs_on_trio() else asyncio.all_tasks()
        at, steps = 0, 1
        while at <= steps:
            attempt = Attempt(request, record, at, times)
            await attempt.run(app, client.state, by_task=by_task)
            try:
                attempt.check()
                assert runs_on_trio() or asyncio.all_tasks() == tasks
                assert complaints == []
                if at == 0:
                    expected = {"raises": 500, "is refused": 409}.get(request.ends, 200)
                    assert attempt.status == expected
                    steps = attempt.steps
            except AssertionError as error:
                error.add_note(f"{request}, step {at} of {steps}, by_task={by_task}")
                error.add_note(f"opened {record.opened}, closed {record.closed}")
                raise
            at += 1
        record.begin(lambda: None)
    if request.scope == "app" and KINDS[request.kind].opens:
        assert record.closed == ["subject"]


def requests(ends: str) -> Iterator[Request]:
    """The cells of one way to end; a client leaves before each message, or never."""
    leaving: list[tuple[int | None, str]] = [(None, "2.3")]
    if ends in STREAMS:
        leaving += [(after, version) for after in (1, 2) for version in ("2.3", "2.4")]
    for number, (kind, scope) in enumerate((k, s) for k in DEPENDENCIES for s in SCOPES):
        # Each kind and scope with a client that stays, and with one of those that leave.
        yield Request(ends, kind, scope, *leaving[0])
        if leaving[1:]:
            yield Request(ends, kind, scope, *leaving[1 + number % (len(leaving) - 1)])


def _cases() -> Iterator[Any]:
    ways = [(name, "scope") for name in BACKENDS]
    ways += [(name, "task") for name in BACKENDS if name not in {"trio", "uvloop"}]
    for backend, way in ways:
        for ends in ENDS:
            marks = [pytest.mark.once] if backend in {"uvloop", "eager"} else []
            yield pytest.param(backend, way, ends, marks=marks, id=f"{backend}-{way}-{ends}")


@pytest.mark.parametrize(("backend", "way", "ends"), list(_cases()))
def test_a_request_cancelled_at_every_step_leaves_nothing_open(
    backend: str, way: str, ends: str
) -> None:
    name, options = BACKENDS[backend]

    async def run() -> None:
        for number, request in enumerate(requests(ends)):
            await try_everywhere(request, by_task=way == "task", times=1 + number % 3)

    anyio.run(run, backend=name, backend_options=options)
