"""Overrides that belong to a context: ``with container.override({get_db: fake_db})``."""

from __future__ import annotations

import contextlib
import functools
import warnings
from collections.abc import Callable, Generator, Iterable, Mapping
from contextvars import ContextVar
from typing import Any, Final

from tenure.errors import Fault, GraphError, TenureWarning
from tenure.text.names import name_of, place_of

__all__ = ["OverrideMap", "Overriding", "used"]

_NOTHING: Final = object()

used: Final[list[bool]] = []
"""Empty until a container of this process is overridden in a context: the quickest question."""


class OverrideMap(dict[Any, Any]):
    """What is called in place of what within one ``with`` block, outer blocks included.

    A class stands for its instances too, a function for the ``functools.partial`` of it, so that
    parametrised dependencies are reached; what is named itself counts first.
    """

    def __init__(self, own: Mapping[Any, Any], outer: Mapping[Any, Any] | None = None) -> None:
        super().__init__({**(outer or {}), **own})
        self.state = object()
        """Stands for this set of overrides, which does not change."""
        self.own = dict(own)
        self.outer = outer
        self.under: OverrideMap | None = None
        """Those of another container, for what these do not name."""
        self.matched: set[Any] = set()

    def get(self, original: Any, default: Any = None) -> Any:
        """What is called in the place of *original*."""
        key = self._key(original)
        return default if key is _NOTHING else self[key]

    def __contains__(self, original: object) -> bool:
        return self._key(original) is not _NOTHING

    def _key(self, original: Any) -> Any:
        if super().__contains__(original):
            return original
        if isinstance(original, functools.partial):
            return self._key(original.func)
        if isinstance(original, type):
            return _NOTHING
        known = (
            cls for cls in type(original).__mro__ if super(OverrideMap, self).__contains__(cls)
        )
        return next(known, _NOTHING)

    def note(self, originals: Iterable[Any]) -> None:
        """Remember that *originals* were used and something else called for them."""
        for original in originals:
            self._note(original)

    def _note(self, original: Any) -> None:
        key = self._key(original)
        layer: Mapping[Any, Any] | None = self
        under: list[OverrideMap] = []
        while isinstance(layer, OverrideMap):
            if key in layer.own:
                layer.matched.add(key)
                return
            if layer.under is not None:
                under.append(layer.under)
            layer = layer.outer
        for each in under:
            each.note([original])

    def over(self, others: Mapping[Any, Any] | None) -> OverrideMap:
        """These, and *others* for what these do not name."""
        if not others:
            return self
        both = OverrideMap({}, self)
        for original, replacement in others.items():
            both.setdefault(original, replacement)
        if isinstance(others, OverrideMap):
            both.under = others
        return both

    def unmatched(self) -> list[Any]:
        """The callables that this block names and nothing that ran has used."""
        return [original for original in self.own if original not in self.matched]


class Overriding:
    """The overrides of one container: those of the context that is running, and standing ones."""

    def __init__(self) -> None:
        self._current: ContextVar[OverrideMap | None] = ContextVar("overrides", default=None)
        self.is_used = False
        self.notify: Callable[[], None] = lambda: None
        """Called when the first override is set."""
        self.check: Callable[[Any, Mapping[Any, Any]], None] | None = None
        """Raises what would be wrong with the overrides, of which the first argument's is new."""
        self.standing: Mapping[Any, Any] = {}
        """Those that hold in every context, until they are taken back; who sets one says
        ``note_use``. They stand for the very callables that they name."""
        self._outer: list[Overriding] = []
        """Those of the containers whose application this one shares; the first counts."""
        self._inner: list[Overriding] = []

    def of_context(self) -> OverrideMap | None:
        """What was overridden in this context; None where nothing was."""
        return self._current.get()

    def current(self) -> Mapping[Any, Any] | None:
        """What holds for what is run now; None where nothing is overridden.

        An outer container's standing ones hold where this one has none, those of the context
        that it has in any case.
        """
        found = self._current.get()
        standing = self.standing
        layer = self
        while layer._outer:
            layer = layer._outer[0]
            above = layer.of_context()
            if above is not None:
                found = above if found is None else found.over(above)
            standing = standing or layer.standing
        if found is None:
            return standing or None
        return found.over(standing)

    @contextlib.contextmanager
    def override(self, overrides: Mapping[Any, Any]) -> Generator[None]:
        """Let *overrides* hold in this context; see ``Container.override``."""
        _check(overrides)
        layer = OverrideMap(overrides, self._current.get())
        if self.check is not None:
            for original in overrides:
                self.check(original, layer)
        self.note_use()
        if not used:
            used.append(True)
        token = self._current.set(layer)
        try:
            yield
        finally:
            with contextlib.suppress(ValueError):  # left in another context than it was entered in
                self._current.reset(token)
        for original in layer.unmatched():
            warnings.warn(
                f"The override of {name_of(original)} ({place_of(original)}) matched nothing: "
                "nothing that ran while it held depends on that very callable.",
                TenureWarning,
                stacklevel=3,
            )

    def note_use(self) -> None:
        """Ask for overrides from now on, here and in what shares the application."""
        if not self.is_used:
            self.is_used = True
            self.notify()
            for each in list(self._inner):
                each.note_use()

    def reach(self, inner: Overriding) -> None:
        """Let these hold for *inner* too, below its own."""
        self._inner.append(inner)
        inner._outer.append(self)
        if self.is_used:
            inner.note_use()

    def release(self, inner: Overriding) -> None:
        """End what ``reach`` began."""
        self._inner.remove(inner)
        inner._outer.remove(self)

    @contextlib.contextmanager
    def holding(self, overrides: Mapping[Any, Any] | None) -> Generator[None]:
        """Let *overrides* that have been checked hold below those of this context."""
        if not overrides:
            yield
            return
        current = self._current.get()
        layer = OverrideMap(overrides) if current is None else current.over(overrides)
        self.note_use()
        token = self._current.set(layer)
        try:
            yield
        finally:
            self._current.reset(token)


def _check(overrides: Mapping[Any, Any]) -> None:
    faults = [
        Fault(
            "uncallable",
            f"The override of {name_of(original)} is {replacement!r}, which cannot be called.",
            "",
            "pass a function: {get_value: lambda: value}",
        )
        for original, replacement in overrides.items()
        if not callable(replacement)
    ]
    if faults:
        raise GraphError(faults)
