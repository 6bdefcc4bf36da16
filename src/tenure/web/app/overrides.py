"""``dependency_overrides``: a dictionary that checks an override when it is set."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, Self

from tenure.container.overriding import Overriding

__all__ = ["DependencyOverrides", "standing_overrides"]

Call = Callable[..., Any]


def _noted(method: str) -> Any:
    """A method of ``dict`` that takes overrides away, after which the others are a new state."""
    inherited = getattr(dict, method)

    @functools.wraps(inherited)
    def change(self: DependencyOverrides, *args: Any) -> Any:
        result = inherited(self, *args)
        self.state = object()
        return result

    return change


class DependencyOverrides(dict[Call, Call]):
    """What is called in place of what, in every route of an application.

    Setting an override checks the routes that use what it overrides, with all overrides in
    place: a cycle or a scope that does not fit is raised there, not at the next request.
    """

    __slots__ = ("_check", "_note_use", "state")  # a slot answers at once: each request asks

    def __init__(
        self,
        check: Callable[[Call, Mapping[Call, Call]], None],
        note_use: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__()
        self._check = check
        self._note_use = note_use
        self.state = object()
        """Another object after each change: routes keep the plan for the state they saw last."""

    __delitem__ = _noted("__delitem__")
    clear = _noted("clear")
    pop = _noted("pop")
    popitem = _noted("popitem")

    def __setitem__(self, original: Call, replacement: Call) -> None:
        """Call *replacement* wherever *original* is declared; raises ``GraphError``."""
        self._check(original, {**self, original: replacement})
        super().__setitem__(original, replacement)
        self._note_use()
        self.state = object()  # after the change: a plan made meanwhile counts as old

    def update(self, *args: Any, **keywords: Any) -> None:
        """Set several overrides; none of them if one is wrong."""
        wanted: dict[Any, Any] = dict(*args, **keywords)
        for original in wanted:
            self._check(original, {**self, **wanted})
        super().update(wanted)
        self._note_use()
        self.state = object()

    def setdefault(self, original: Call, replacement: Any = None) -> Any:
        """Set an override unless there is one."""
        if original not in self:
            self[original] = replacement
        return self[original]

    def __ior__(self, other: Any) -> Self:  # type: ignore[override,misc]
        """Set the overrides of another mapping."""
        self.update(other)
        return self


def standing_overrides(
    overriding: Overriding, check: Callable[[Call, Mapping[Call, Call]], None]
) -> DependencyOverrides:
    """A dictionary of overrides that also hold for what the container of *overriding* runs."""
    overriding.check = check
    made = overriding.standing = DependencyOverrides(check, overriding.note_use)
    return made
