"""A generator with a cancel scope of its own around it, from its set-up to the end of its exit.

anyio's and trio's scopes are consulted, not only delivered: whatever waits inside a cancelled one
is cut off, again and again. So where a scope is around a generator, that of a caller or one that
another dependency holds across its ``yield``, one of ours is entered before the generator is
opened. It lies inside of all those, and outside of what the generator holds itself. While the exit
runs it is shielding, and on trio it has the exit's deadline: an exit that hangs is cancelled
alone.
"""

from __future__ import annotations

from asyncio import _get_running_loop
from collections.abc import AsyncGenerator
from types import TracebackType
from typing import Any

from anyio import CancelScope, current_time, get_cancelled_exc_class

from tenure.life.budget import report_late
from tenure.life.scope import NoShield, Resource, Scope
from tenure.life.unit import leave_scopes, needs_shield

__all__ = ["leave_abandoned", "sheltered"]


def sheltered(scope: Scope | None, generator: Any, resource: Resource) -> Any:
    """*generator*, which is about to be opened, with a scope around it where it needs one.

    It has to be closed in the same task, after all that is opened in it later, and before the
    end of every scope that is there now.
    """
    if (scope is not None and not scope.nests) or not needs_shield():
        return generator
    is_outmost = scope is not None and isinstance(scope.shield, NoShield)
    return _sheltered(generator, resource, _Shelter(scope if is_outmost else None))


class _Shelter:
    """The cancel scope. That of the outmost generator is the shield of the unit of work, too."""

    __slots__ = ("_own", "_unit")

    def __init__(self, unit: Scope | None) -> None:
        self._own: CancelScope | None = CancelScope()
        self._unit = unit

    def __enter__(self) -> CancelScope:
        own = self._own
        assert own is not None, "it is entered once"
        if self._unit is not None:
            self._unit.shield = own
        own.__enter__()
        return own

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        own = self._left()
        if own is None:
            return False
        try:
            return bool(own.__exit__(exception_type, exception, traceback))
        except RuntimeError:  # scopes inside of it were not left
            if _get_running_loop() is not None:
                leave_scopes(own)
            raise

    def abandon(self) -> None:
        """Leave it, and all scopes inside of it, from outside of the generator."""
        own = self._left()
        if own is not None:
            leave_scopes(own)

    def _left(self) -> CancelScope | None:
        own, self._own = self._own, None
        if self._unit is not None and own is not None:
            self._unit.shield = NoShield()
        return own


async def _sheltered(generator: Any, resource: Resource, shelter: _Shelter) -> AsyncGenerator[Any]:
    with shelter as own:
        try:
            value = await generator.__anext__()
            failure = None
            try:
                yield value
            except BaseException as error:
                failure = error
            own.shield = True
            if resource.exit_timeout is not None and _get_running_loop() is None:
                own.deadline = current_time() + resource.exit_timeout
            # Not in an ``except``: what is raised in there gets no context but its own.
            try:
                await (generator.__anext__() if failure is None else generator.athrow(failure))
            finally:
                del failure  # its traceback may lead here
            try:
                yield None  # a second time, which whoever drives this refuses
            finally:
                await generator.aclose()
        except StopAsyncIteration:
            pass  # it has ended: without a yield, as whoever drives this will see, or well
        except BaseException as error:
            if own.cancel_called:
                late = report_late(resource)
                if isinstance(error, get_cancelled_exc_class()):
                    raise late from error
            raise  # the exit may have made another error of it
    if own.cancel_called:
        raise report_late(resource)


def leave_abandoned(generator: Any) -> None:
    """Leave the shelter of an exit that nobody drives any more."""
    if getattr(generator, "ag_code", None) is _sheltered.__code__ and generator.ag_frame:
        generator.ag_frame.f_locals["shelter"].abandon()
