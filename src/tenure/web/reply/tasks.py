"""Background tasks of a response: those it was made with, and those that were added."""

from __future__ import annotations

import copy

from starlette.responses import Response

from tenure.web.background import BackgroundTasks
from tenure.web.bind.exchange import Exchange

__all__ = ["raise_failures", "with_all_tasks"]


def with_all_tasks(exchange: Exchange, response: Response) -> Response:
    """*response* with tasks that stop nobody when they fail: its own, then those added.

    A copy where they change: a response may be a constant of the program.
    """
    own, added = response.background, exchange.tasks
    if own is None or own is added:
        return response
    if added is not None:
        added.tasks.insert(0, own)
    else:
        added = own if type(own) is BackgroundTasks else BackgroundTasks([own])
        exchange.adopt(added)
        if added is own:
            return response
    response = copy.copy(response)
    response.background = added
    return response


def raise_failures(exchange: Exchange) -> None:
    """Tell the server what background tasks have failed with, now that all is closed."""
    if exchange.tasks is not None:
        exchange.tasks.raise_failures()
