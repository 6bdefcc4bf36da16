"""Annotations made real: strings, forward references, local names, type variables."""

from __future__ import annotations

import contextlib
import sys
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ForwardRef, TypeVar, get_args, get_origin

from tenure.text.names import typing_origin

__all__ = ["Missing", "Resolution", "resolve", "split_annotated", "substitute", "type_variables_of"]


@dataclass(frozen=True, slots=True)
class Resolution:
    """What an annotation came to; ``missing`` names what could not be found."""

    annotation: Any
    missing: tuple[str, ...] = ()
    problem: str = ""
    """Why evaluation failed for another reason than a missing name."""


class Missing:
    """Stands for a name that nobody knows, and survives being used in a type expression."""

    def __init__(self, name: str) -> None:
        """Stand for *name*."""
        self.name = name

    def __getattr__(self, name: str) -> Missing:
        if name.startswith("__"):
            raise AttributeError(name)
        return Missing(f"{self.name}.{name}")

    def __getitem__(self, _: object) -> Missing:
        """Be a generic."""
        return self

    def __or__(self, _: object) -> Missing:
        """Be part of a union."""
        return self

    __ror__ = __or__

    def __call__(self, *_: object, **__: object) -> Missing:
        """Be callable, which ``typing`` asks of a type."""
        return self


class _Namespace(dict[str, Any]):
    """Local names for one evaluation; unknown ones become ``Missing`` and are noted."""

    def __init__(self, known: Mapping[str, Any], global_names: Mapping[str, Any]) -> None:
        super().__init__(known)
        self._globals = global_names
        self.missing: list[str] = []

    def __missing__(self, name: str) -> Any:
        if name in self._globals:
            return self._globals[name]
        builtins = self._globals.get("__builtins__", {})
        known = builtins if isinstance(builtins, dict) else vars(builtins)
        if name in known:
            return known[name]
        self.missing.append(name)
        return Missing(name)


def resolve(
    annotation: Any, owner: Callable[..., Any] | type, *, is_new: bool = False
) -> Resolution:
    """Evaluate what *annotation* still holds as text, with the names *owner* can see.

    Known are the globals of the module, the variables of the closure, type parameters, and
    the locals of the enclosing function as long as it is still running (it is, while a
    decorator inside it declares something). *is_new* says that *owner* is being declared right
    now: then the call of the enclosing function that is running is the one that made it.
    """
    if not _holds_text(annotation):
        return _checked(annotation)
    global_names = _globals_of(owner)
    namespace = _Namespace(_local_names(owner, is_new=is_new), global_names)

    def probe() -> None: ...

    probe.__annotations__ = {"value": annotation}
    try:
        hints = typing.get_type_hints(probe, global_names, namespace, include_extras=True)
    except Exception as error:
        return Resolution(annotation, problem=f"{type(error).__name__}: {error}")
    if namespace.missing:
        return Resolution(hints["value"], tuple(dict.fromkeys(namespace.missing)))
    return _checked(hints["value"])


def _checked(annotation: Any) -> Resolution:
    try:
        split_annotated(annotation)
    except NameError as error:  # in a ``type`` alias, evaluated when it is looked into
        return Resolution(Any, (str(error.name),))
    return Resolution(annotation)


def split_annotated(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """The type and the metadata of ``Annotated[...]``, looking through ``type`` aliases.

    Metadata of an alias come before those around it, as if it had been written out. Raises
    ``NameError`` when an alias names something unknown: Python looks only now.
    """
    metadata: tuple[Any, ...] = ()
    while True:
        if isinstance(annotation, _ALIAS_TYPES):
            annotation = annotation.__value__
        elif isinstance(get_origin(annotation), _ALIAS_TYPES):
            alias, values = get_origin(annotation), get_args(annotation)
            annotation = substitute(
                alias.__value__, dict(zip(alias.__type_params__, values, strict=False))
            )
        elif get_origin(annotation) is Annotated:
            annotation, *outer = get_args(annotation)
            metadata = (*outer, *metadata)
        else:
            return annotation, metadata


def substitute(annotation: Any, variables: Mapping[Any, Any]) -> Any:
    """*annotation* with type variables replaced, ``Store[T]`` becoming ``Store[User]``."""
    if not variables:
        return annotation
    if isinstance(annotation, TypeVar):
        return variables.get(annotation, annotation)
    if isinstance(annotation, type) and typing_origin(annotation) is None:
        return annotation
    parameters = getattr(annotation, "__parameters__", ())
    if not parameters:
        return annotation
    generic: Any = annotation
    return generic[tuple(variables.get(each, each) for each in parameters)]


def type_variables_of(call: Any) -> dict[Any, Any]:
    """What each type variable of a class stands for: ``{T: User}`` for ``Repo[User]``.

    Follows the bases, so that an ``__init__`` inherited from a generic base is understood.
    """
    found: dict[Any, Any] = {}
    _collect_type_variables(call, found, {})
    return found


def _collect_type_variables(call: Any, found: dict[Any, Any], outer: Mapping[Any, Any]) -> None:
    origin = typing_origin(call)
    cls = origin if origin is not None else call
    if not isinstance(cls, type):
        return
    own = dict(zip(getattr(cls, "__parameters__", ()), get_args(call), strict=False))
    own = {variable: substitute(value, outer) for variable, value in own.items()}
    for variable, value in own.items():
        found.setdefault(variable, value)
    for base in getattr(cls, "__orig_bases__", ()):
        if get_origin(base) not in (None, typing.Generic, typing.Protocol):
            _collect_type_variables(base, found, own)


def _alias_types() -> tuple[Any, ...]:
    found: list[Any] = []
    if "TypeAliasType" in vars(typing):  # since Python 3.12
        found.append(vars(typing)["TypeAliasType"])
    # The backport is another class on older Pythons; the engine does not depend on it.
    with contextlib.suppress(ImportError):
        from typing_extensions import TypeAliasType

        found.append(TypeAliasType)
    return tuple(found)


_ALIAS_TYPES = _alias_types()


def _holds_text(annotation: Any) -> bool:
    if isinstance(annotation, str | ForwardRef):
        return True
    if get_origin(annotation) is typing.Literal:
        return False
    if get_origin(annotation) is Annotated:
        return _holds_text(get_args(annotation)[0])
    return any(
        _holds_text(each)
        for each in getattr(annotation, "__args__", ())
        if not isinstance(annotation, type) or isinstance(annotation, types.GenericAlias)
    )


def _globals_of(owner: Any) -> dict[str, Any]:
    found = getattr(owner, "__globals__", None)
    if isinstance(found, dict):
        return found
    module = sys.modules.get(getattr(owner, "__module__", ""))
    return vars(module) if module is not None else {}


def _local_names(owner: Any, *, is_new: bool) -> dict[str, Any]:
    names: dict[str, Any] = {}
    qualname = getattr(owner, "__qualname__", "")
    enclosing = qualname.rpartition(".<locals>")[0] if isinstance(qualname, str) else ""
    if enclosing:
        names.update(_names_of_running(None if is_new else owner, enclosing, _globals_of(owner)))
    code = getattr(owner, "__code__", None)
    for name, cell in zip(
        getattr(code, "co_freevars", ()), getattr(owner, "__closure__", None) or (), strict=False
    ):
        try:
            names[name] = cell.cell_contents
        except ValueError:  # the enclosing function has not assigned it yet
            continue
    for parameter in getattr(owner, "__type_params__", ()):
        names[parameter.__name__] = parameter
    return names


def _names_of_running(owner: Any, qualname: str, global_names: dict[str, Any]) -> dict[str, Any]:
    """The locals of the function *qualname* and of those around it, where they are running."""
    names: dict[str, Any] = {}
    wanted = {qualname}
    while "<locals>" in qualname:
        qualname = qualname.rpartition(".<locals>")[0]
        wanted.add(qualname)
    frame: types.FrameType | None = sys._getframe()
    while frame is not None:
        if (
            frame.f_code.co_qualname in wanted
            and frame.f_globals is global_names
            and not _made_another(frame, owner)
        ):
            for name, value in frame.f_locals.items():
                names.setdefault(name, value)  # inner frames come first and win
        frame = frame.f_back
    return names


def _made_another(frame: types.FrameType, owner: Any) -> bool:
    """Whether this call of the factory has made another function from the code of *owner*."""
    code = getattr(owner, "__code__", None)
    made = frame.f_locals.get(getattr(owner, "__name__", ""))
    return code is not None and made is not owner and getattr(made, "__code__", None) is code
