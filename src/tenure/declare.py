"""How users declare a dependency."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from tenure.graph.markers import DEFAULT
from tenure.graph.markers import Depends as Marker

__all__ = ["Depends"]


def Depends(  # noqa: N802 - reads like the type it stands for
    dependency: Callable[..., Any] | None = None,
    *,
    use_cache: bool = True,
    scope: Literal["app", "request", "function"] | None = None,
    lazy: bool = False,
    in_thread: bool = True,
    concurrent: bool = False,
    exit_timeout: float | None = DEFAULT,
    max_concurrency: int | None = None,
) -> Any:
    """Declare that a parameter is filled by calling *dependency*.

    Write it in the annotation, ``session: Annotated[Session, Depends(get_session)]``, or as the
    default value, ``session: Session = Depends(get_session)``. Without *dependency* the
    annotation itself is called. A function with ``yield`` is opened before what needs it, and
    the code after ``yield`` runs when its scope ends, in reverse order, with any exception
    raised meanwhile delivered at the ``yield``.

    *use_cache*: within one unit of work a dependency is called once, and everyone who declares
    it gets the same value; False calls it again for this parameter.

    *scope*: when a dependency with ``yield`` is closed. ``"request"``, the default, is the end
    of the whole unit of work (in the web layer after the response was sent and background tasks
    have run); ``"function"`` is right after the function returned (and the response was built).
    ``"app"`` is the end of the application: it is set up once, before the first unit of work,
    shared by all of them, and may depend on others of scope ``"app"`` only (or on functions that
    declare no scope, which then are called once as well).

    *lazy*, with scope ``"app"``: set up when it is first needed, not at the start. A failure is
    then raised where it was needed, and the next who needs it tries again.

    *in_thread*: a ``def`` dependency is called in a worker thread, since it may block; False says
    that it does not, and it is called in place, which is a good deal cheaper.

    *concurrent*: dependencies that are declared next to each other with True, and do not need
    one another, are opened at the same time, each in a task of its own. The first failure
    cancels the others and is raised as itself; exits still run in reverse order. A cancel scope
    or task group that one of them holds across its ``yield`` reaches only its own code: it does
    not cancel the function, and what its tasks raise comes out at its exit.

    *exit_timeout*: seconds that the code after the ``yield`` may take, None for any time; where
    it is not given, the application's. An exit that is not over by then is cancelled and raises
    ``ExitTimeoutError``; the others still run. One in a worker thread is left alone on asyncio,
    and waited for on trio.

    *max_concurrency*: how many may be alive at once in this process, from before the call until
    the exit is done, or without ``yield`` until it returns. Counted for this very declaration:
    put it into an alias, ``Session = Annotated[..., Depends(get_session, max_concurrency=5)]``,
    to share it. Who comes when all are taken waits, first come first served; where that could
    never end, ``LimitError`` is raised at once. Raises ``ValueError`` unless it is positive.
    """
    return Marker(
        dependency,
        use_cache,
        scope,
        lazy=lazy,
        in_thread=in_thread,
        concurrent=concurrent,
        exit_timeout=exit_timeout,
        max_concurrency=max_concurrency,
    )
