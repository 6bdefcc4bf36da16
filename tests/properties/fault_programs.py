"""The programs of the fault matrix: one dependency under test between two that only watch.

`outer` is opened before it and `inner` after it, so whatever becomes of the one under test, they
show that its neighbours were given back in order.
"""

from collections.abc import Callable
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import anyio.lowlevel

from tenure import Depends


class PlannedError(Exception):
    """What the cell of the matrix wants to fail with; the text says where."""


class Record:
    """What happens in one run; each `step` is one where the run may be cancelled."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.closed: list[str] = []
        self.raised: list[PlannedError] = []
        self.forced: list[str] = []
        """What the garbage collector had to close."""
        self._on_step: Callable[[], None] = lambda: None

    def begin(self, on_step: Callable[[], None]) -> None:
        """Forget the run before."""
        self.opened, self.closed, self.raised, self.forced = [], [], [], []
        self._on_step = on_step

    def step(self) -> None:
        self._on_step()

    def failing(self, where: str) -> PlannedError:
        error = PlannedError(where)
        self.raised.append(error)
        return error


@dataclass(frozen=True)
class Kind:
    """A way to write a dependency; *make* gets the record, its name and what fails."""

    make: Callable[[Record, str, str], Callable[..., Any]]
    opens: bool
    in_thread: bool = True
    concurrent: bool = False


def function(record: Record, name: str, fault: str) -> Callable[..., Any]:
    def provide() -> str:
        record.step()
        if fault == "setup fails":
            raise record.failing(f"setup of {name}")
        return name

    return provide


def coroutine(record: Record, name: str, fault: str) -> Callable[..., Any]:
    async def provide() -> str:
        record.step()
        await anyio.lowlevel.checkpoint()
        if fault == "setup fails":
            raise record.failing(f"setup of {name}")
        return name

    return provide


def klass(record: Record, name: str, fault: str) -> Callable[..., Any]:
    class Provided:
        def __init__(self) -> None:
            record.step()
            if fault == "setup fails":
                raise record.failing(f"setup of {name}")

    return Provided


def generator(record: Record, name: str, fault: str) -> Callable[..., Any]:
    def provide() -> Any:
        record.step()
        if fault == "setup fails":
            raise record.failing(f"setup of {name}")
        record.opened.append(name)
        try:
            yield name
        except GeneratorExit:
            record.forced.append(name)
            raise
        finally:
            record.step()
            record.closed.append(name)
            if fault == "exit fails":
                raise record.failing(f"exit of {name}")

    return provide


def async_generator(record: Record, name: str, fault: str) -> Callable[..., Any]:
    async def provide() -> Any:
        record.step()
        await anyio.lowlevel.checkpoint()
        if fault == "setup fails":
            raise record.failing(f"setup of {name}")
        record.opened.append(name)
        try:
            yield name
        except GeneratorExit:
            record.forced.append(name)
            raise
        finally:
            if fault == "exit hangs":
                record.closed.append(name)  # at once, for its time is short
                await anyio.sleep_forever()
            for _ in range(2):
                record.step()
                await anyio.lowlevel.checkpoint()
            record.closed.append(name)
            if fault == "exit fails":
                raise record.failing(f"exit of {name}")

    return provide


def task_group_generator(record: Record, name: str, fault: str) -> Callable[..., Any]:
    provide = async_generator(record, name, fault)

    async def provide_with_group() -> Any:
        async with asynccontextmanager(provide)() as value:
            async with anyio.create_task_group() as group:
                group.start_soon(anyio.sleep_forever)
                yield value
                group.cancel_scope.cancel()

    return provide_with_group


KINDS = {
    "def": Kind(function, opens=False),
    "def in place": Kind(function, opens=False, in_thread=False),
    "async def": Kind(coroutine, opens=False),
    "class": Kind(klass, opens=False),
    "class in place": Kind(klass, opens=False, in_thread=False),
    "generator": Kind(generator, opens=True),
    "generator in place": Kind(generator, opens=True, in_thread=False),
    "async generator": Kind(async_generator, opens=True),
    "task group": Kind(task_group_generator, opens=True),
    "context manager": Kind(lambda *told: contextmanager(generator(*told)), opens=True),
    "async context manager": Kind(
        lambda *told: asynccontextmanager(async_generator(*told)), opens=True
    ),
    "concurrent def": Kind(function, opens=False, concurrent=True),
    "concurrent async def": Kind(coroutine, opens=False, concurrent=True),
    "concurrent generator": Kind(generator, opens=True, concurrent=True),
    "concurrent async generator": Kind(async_generator, opens=True, concurrent=True),
}

SCOPES: tuple[Any, ...] = ("function", "request", "app")
FAULTS = ("nothing fails", "setup fails", "use fails", "exit fails")
HANGS = ("async generator", "concurrent async generator")
"""The kinds whose exits may hang as well; each of those runs takes its time."""

EXIT_TIMEOUT = 0.02


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix, but for the event loop and the step of the cancellation."""

    kind: str
    scope: Any
    fault: str

    def names(self) -> list[str]:
        """What opens, in the order in which it is declared."""
        between = ["subject", "partner"] if KINDS[self.kind].concurrent else ["subject"]
        return ["outer", *(between if KINDS[self.kind].opens else ()), "inner"]

    def program(self, record: Record) -> Callable[..., Any]:
        """The function to call."""
        kind = KINDS[self.kind]
        narrow: Any = "function" if self.scope == "function" else "request"
        options: dict[str, Any] = {"scope": self.scope, "in_thread": kind.in_thread}
        if kind.concurrent:
            options["concurrent"] = True
        of_subject = dict(options)
        if self.fault == "exit hangs":
            of_subject["exit_timeout"] = EXIT_TIMEOUT
        outer = async_generator(record, "outer", "")
        subject = kind.make(record, "subject", self.fault)
        partner = kind.make(record, "partner", "") if kind.concurrent else outer
        inner = generator(record, "inner", "")

        async def use(
            a: Any = Depends(outer),
            b: Any = Depends(subject, **of_subject),
            c: Any = Depends(partner, **(options if kind.concurrent else {})),
            d: Any = Depends(inner, scope=narrow),
        ) -> str:
            record.step()
            await anyio.lowlevel.checkpoint()
            if self.fault == "use fails":
                raise record.failing("use")
            return "done"

        return use


def cells(kind: str) -> list[Cell]:
    """Those in which something of the kind can fail."""
    exits = KINDS[kind].opens
    hangs = [Cell(kind, scope, "exit hangs") for scope in SCOPES if kind in HANGS]
    return hangs + [
        Cell(kind, scope, fault)
        for scope in SCOPES
        for fault in FAULTS
        if exits or fault != "exit fails"
    ]
