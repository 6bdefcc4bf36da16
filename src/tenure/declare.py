"""How users declare a dependency."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from tenure.graph.markers import Depends as Marker

__all__ = ["Depends"]


def Depends(  # noqa: N802 - reads like the type it stands for
    dependency: Callable[..., Any] | None = None,
    *,
    use_cache: bool = True,
    scope: Literal["function", "request"] | None = None,
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
    """
    return Marker(dependency, use_cache, scope)
