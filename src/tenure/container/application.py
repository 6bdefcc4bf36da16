"""The application scope: what is set up once, and closed when the application ends.

Each dependency of scope "app" that yields has a task of its own, where it is opened and closed. So
whoever asks first may be cancelled, and a task group that it holds is left in the task it was
entered in. The tasks are started in the context in which the application was.
"""

from __future__ import annotations

from asyncio import _get_running_loop
from collections.abc import Callable, Coroutine, Hashable, Sequence
from contextvars import Context, ContextVar, copy_context
from functools import partial
from types import TracebackType
from typing import Any, Final

from anyio import CancelScope, Event, get_cancelled_exc_class
from anyio.lowlevel import current_token

from tenure.container.programs import Program
from tenure.errors import ApplicationError
from tenure.graph.nodes import Node
from tenure.life.shield import deliver, hold
from tenure.life.threads import Awaited, awaited
from tenure.observe.events import Unit, new_unit

__all__ = ["Application", "Applications", "NotRunning", "spawn"]

_setting_up: ContextVar[tuple[Hashable, ...]] = ContextVar("tenure_setting_up", default=())
"""What is being set up, from the outside in, around the code that is running."""

_MISSING: Final = object()


def loop_key() -> Any:
    """Tells event loops apart; raises ``RuntimeError`` where none is running."""
    return _get_running_loop() or current_token()


class _Keeper:
    """One dependency of scope "app" from its set-up to its end."""

    def __init__(self, node: Node, values: dict[Hashable, Any], unit: Unit) -> None:
        self.node = node
        self.unit = unit
        """The application, as observers know it."""
        self._values = values
        self.ready = Event()
        """Set when it is set up, and when that has failed."""
        self.closing = Event()
        self.done = Event()
        self.stop = CancelScope()
        """Around all that its task does; cancelled where the set-up is no longer wanted."""
        self.is_open = False
        self.waiters = 1
        """How many ask for it and would be told of a failure."""
        self.set_up = Awaited()
        """By whoever needs it, in worker threads too."""
        self.error: BaseException | None = None
        self.traceback: TracebackType | None = None
        """Where the error came from, without the frames of those who were told of it."""

    def value_of(self, node: Node) -> Any:
        """What another dependency of scope "app" has come to."""
        return self._values[node.shared_key]

    def publish(self, value: Any) -> None:
        """From now on everybody may have *value*."""
        self._values[self.node.shared_key] = value
        self.is_open = self.set_up.is_over = True
        self.ready.set()

    async def keep(self, value: Any) -> None:
        """Hold it open until the application ends."""
        self.publish(value)
        await self.closing.wait()


class Application:
    """What is of scope "app", while an application runs on one event loop."""

    def __init__(self, compile_piece: Callable[[Node], Program]) -> None:
        self.values: dict[Hashable, Any] = {}
        """What is set up, by the ``shared_key`` of its node."""
        self.users = 1
        """How often it was entered and not left yet."""
        self._compile_piece = compile_piece
        self._unit = new_unit("application")
        self._keepers: dict[Hashable, _Keeper] = {}
        self._order: list[_Keeper] = []
        """All keepers, those that something depends on first."""
        self._context = copy_context()
        self._untold: list[BaseException] = []
        """Failures to set something up that nobody waited for any more."""
        self.is_closing = False
        self._tasks: set[Any] = set()

    async def start(self, nodes: Sequence[Node]) -> None:
        """Set up *nodes* in their order."""
        for node in nodes:
            await self.provide(node)

    async def provide(self, node: Node) -> Any:
        """The value of *node*; set up now if it was not before.

        However many ask at once, it is set up once, and a failure is raised in all of them. Who
        asks after that starts another attempt.
        """
        key = node.shared_key
        value = self.values.get(key, _MISSING)
        if value is not _MISSING:
            return value
        keeper = self._keepers.get(key)
        if keeper is None:
            keeper = self._start_keeper(node)
        elif keeper.is_open:
            raise ApplicationError(
                f'{_named(node)} is of scope "app" and has failed while it was open.'
            ) from keeper.error
        elif key in _setting_up.get():
            raise ApplicationError(
                f'{_named(node)} is of scope "app" and waits for itself: what sets it up asks '
                "for it."
            )
        else:
            keeper.waiters += 1
        try:
            await keeper.ready.wait()
        finally:
            keeper.waiters -= 1
        if keeper.error is not None:
            raise keeper.error.with_traceback(keeper.traceback)
        return self.values[key]

    def _start_keeper(self, node: Node) -> _Keeper:
        if self.is_closing:
            raise ApplicationError(
                f'{_named(node)} is of scope "app", and the application is closing, so it is not '
                "set up any more."
            )
        # Known before its task is started, which may run at once, even to its end.
        keeper = self._keepers[node.shared_key] = _Keeper(node, self.values, self._unit)
        above = _setting_up.get()
        spawn(partial(self._run, keeper, above), self._context.copy(), self._tasks)
        return keeper

    async def _run(self, keeper: _Keeper, above: tuple[Hashable, ...]) -> None:
        """The task of one keeper."""
        key = keeper.node.shared_key
        _setting_up.set((*above, key))
        awaited.set(keeper.set_up)
        try:
            with keeper.stop:
                for below in keeper.node.dependencies():
                    await self.provide(below)
                self._order.append(keeper)
                value = await self._compile_piece(keeper.node).function(None, keeper)
                if not keeper.is_open:
                    keeper.publish(value)
            if not keeper.ready.is_set():
                raise ApplicationError(
                    f"{_named(keeper.node)} was not set up: the application ended."
                )
        except get_cancelled_exc_class():
            keeper.error = ApplicationError(
                f'{_named(keeper.node)} is of scope "app", and its event loop has ended.'
            )
            raise
        except BaseException as error:
            keeper.error, keeper.traceback = error, error.__traceback__
            if not keeper.is_open:
                _say_what_failed(error, keeper.node)
        finally:
            self._settle(keeper)

    def _settle(self, keeper: _Keeper) -> None:
        key = keeper.node.shared_key
        if keeper.node.provider.kind.opens or keeper.error is not None:
            self.values.pop(key, None)
        if not keeper.is_open:
            del self._keepers[key]  # the next to ask tries again
            if keeper in self._order:
                self._order.remove(keeper)
            if keeper.error is not None and not keeper.waiters and not self.is_closing:
                self._untold.append(keeper.error)
        keeper.ready.set()
        keeper.done.set()

    async def close(self) -> None:
        """Close all that was set up, in reverse order; raises what that comes to.

        Not cut off by a cancellation, which is delivered when all is closed.
        """
        closing = self._close()
        try:
            waiting = closing.send(None)
        except StopIteration:
            return
        held = await hold(closing, waiting)
        await deliver(held.interruptions)

    async def _close(self) -> None:
        self.is_closing = True
        errors = self._untold
        with CancelScope(shield=True):
            unwanted = [keeper for keeper in self._keepers.values() if not keeper.is_open]
            for keeper in unwanted:
                keeper.stop.cancel()
            for keeper in unwanted:
                await keeper.done.wait()
            for keeper in reversed(self._order):
                keeper.closing.set()
                await keeper.done.wait()
                if keeper.is_open and keeper.error is not None:
                    errors.append(keeper.error)
        self.values.clear()
        if len(errors) == 1:
            raise errors[0]
        if errors:
            message = "several dependencies of scope 'app' have failed"
            raise BaseExceptionGroup(message, errors)


class NotRunning:
    """Stands for the application where none runs; says so when something is asked of it."""

    def __init__(self, hint: str) -> None:
        self.values: dict[Hashable, Any] = {}
        self._hint = hint

    async def provide(self, node: Node) -> Any:
        """Raise ``ApplicationError``."""
        raise ApplicationError(
            f'{_named(node)} is of scope "app", and no application is running on this event '
            f"loop.\nHint: {self._hint}"
        )


class Applications:
    """The applications of one container: one on each event loop that it was entered on."""

    def __init__(self, compile_piece: Callable[[Node], Program], hint: str) -> None:
        self._compile_piece = compile_piece
        self._running: dict[Any, Application] = {}
        self._not_running = NotRunning(hint)

    def current(self, source: Any = None) -> Application | NotRunning:
        """The application on the loop that is running."""
        return self._running.get(loop_key(), self._not_running)

    async def enter(self, nodes: Sequence[Node]) -> None:
        """Start an application and set up *nodes*; one that runs here already is joined."""
        key = loop_key()
        application = self._running.get(key)
        if application is None or application.is_closing:
            application = self._running[key] = Application(self._compile_piece)
        else:
            application.users += 1
        try:
            await application.start(nodes)
        except BaseException:
            await self.leave()
            raise

    async def leave(self) -> None:
        """Close the application when all have left who have entered it."""
        key = loop_key()
        application = self._running[key]
        application.users -= 1
        if application.users:
            return
        try:
            await application.close()
        finally:
            if self._running.get(key) is application:
                del self._running[key]

    async def start(self, nodes: Sequence[Node]) -> None:
        """Set up *nodes* in the application that was entered here."""
        await self._running[loop_key()].start(nodes)

    def lend(self, borrower: Applications) -> bool:
        """Let another container use the application that runs here; False if it has its own."""
        key = loop_key()
        return borrower._running.setdefault(key, self._running[key]) is self._running[key]

    def take_back(self, borrower: Applications) -> None:
        """End what ``lend`` began."""
        borrower._running.pop(loop_key(), None)


def _say_what_failed(error: BaseException, node: Node) -> None:
    note = f'raised while {_named(node)}, of scope "app", was set up'
    if note not in getattr(error, "__notes__", ()):  # it may be a constant, or fail again
        error.add_note(note)


def _named(node: Node) -> str:
    return f"{node.provider.name} ({node.provider.place})"


def spawn(
    function: Callable[[], Coroutine[Any, Any, None]], context: Context, tasks: set[Any]
) -> None:
    """Run *function*, which raises nothing, in a task that nobody waits for.

    It belongs to no task group, so it may be started in one task and waited for in another; *tasks*
    keeps it from being collected meanwhile.
    """
    loop = _get_running_loop()
    if loop is not None:
        task = loop.create_task(function(), context=context)
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        return
    try:
        from trio.lowlevel import spawn_system_task
    except ImportError:  # pragma: no cover - it is running
        raise RuntimeError("this event loop is not known") from None
    spawn_system_task(function, context=context)
