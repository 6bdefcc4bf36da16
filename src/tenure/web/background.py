"""Tasks that run after the response has been sent."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, ParamSpec

from starlette.background import BackgroundTask
from starlette.background import BackgroundTasks as StarletteBackgroundTasks

from tenure.errors import TenureError
from tenure.text.names import name_of, place_of

__all__ = ["BackgroundTasks", "LateBackgroundTaskError"]

P = ParamSpec("P")

_logger = logging.getLogger("tenure.web")


class LateBackgroundTaskError(TenureError):
    """A task was added to tasks that have run already, or never will."""


class BackgroundTasks(StarletteBackgroundTasks):
    """The tasks of one response, run one after the other once it has been sent.

    A task that fails is logged with its traceback and stops nobody: the next tasks run, and
    the exit code of dependencies takes its success path, for the client has its response.
    A task may add further tasks. When all have run, adding one raises, as it could not run.
    """

    def __init__(self, tasks: Sequence[BackgroundTask] | None = None) -> None:
        super().__init__(tasks)
        self._sealed_because = ""

    def add_task(self, func: Callable[P, Any], *args: P.args, **kwargs: P.kwargs) -> None:
        """Run ``func(*args, **kwargs)`` after the response; ``def`` in a worker thread."""
        if self._sealed_because:
            raise LateBackgroundTaskError(
                f"{name_of(func)} ({place_of(func)}) cannot run in the background:"
                f" {self._sealed_because}; add it before the response is sent"
            )
        super().add_task(func, *args, **kwargs)

    def seal(self, reason: str) -> None:
        """Refuse further tasks from now on, for the *reason* that the error will give."""
        self._sealed_because = self._sealed_because or reason

    async def __call__(self) -> None:
        """Run the tasks in the order they were added, those they add themselves included."""
        try:
            for task in self.tasks:
                try:
                    await task()
                except Exception:
                    _logger.exception(
                        "Background task %s (%s) failed", name_of(task.func), place_of(task.func)
                    )
        finally:
            self.seal("the background tasks of this response have run")
