"""Descriptions become Python text that a user could have written, and the world it reports to."""

import contextlib
import functools
from collections.abc import Callable
from textwrap import indent
from typing import Annotated, Any

import anyio

from tenure import Depends
from tests.properties.descriptions import Edge, Part, Program

__all__ = ["Call", "PlannedBaseError", "PlannedError", "World", "load", "text_of"]


class PlannedError(Exception):
    """Raised by a program because its description says so; its argument is a unique label."""


class PlannedBaseError(BaseException):
    """The same for an exception that `except Exception` does not catch."""


class Value:
    """What a callable provides; the label says which call made it."""

    def __init__(self, label: str) -> None:
        self.label = label


class World:
    """Sees everything that happens in one run of a program, in order."""

    def __init__(self, program: Program, on_pause: Callable[[int], None] | None = None) -> None:
        self.program = program
        self.events: list[tuple[str, ...]] = []
        self.raised: dict[str, BaseException] = {}
        self.points = 0
        """How many points of a possible cancellation were passed."""
        self._on_pause = on_pause
        self._calls: dict[int, int] = {}

    def start(self, index: int, **arguments: Any) -> "Call":
        number = self._calls[index] = self._calls.get(index, 0) + 1
        call = Call(self, self.program.callables[index], f"{index}#{number}")
        given = [f"{name}={label_of(value)}" for name, value in arguments.items()]
        self.note(call, "starts", *given)
        return call

    def note(self, call: "Call", *event: str) -> None:
        self.events.append((call.label, *event))

    def point(self) -> None:
        """A cancellation may be requested here."""
        self.points += 1
        if self._on_pause is not None:
            self._on_pause(self.points)


class Call:
    """One call of one callable: what its text asks at each of its turns."""

    def __init__(self, world: World, description: Part, label: str) -> None:
        self.label = label
        self.value: Any = {"object": Value(label), "none": None, "zero": 0}[description.value]
        self._world = world
        self._description = description
        self._yields_again = False

    @property
    def yields_nothing(self) -> bool:
        return self._description.setup == "yields nothing"

    @property
    def yields_again(self) -> bool:
        return self._yields_again

    async def pause(self) -> None:
        for _ in range(self._description.pauses):
            self._world.point()
            await anyio.lowlevel.checkpoint()

    def point(self) -> None:
        self._world.point()

    def set_up(self) -> None:
        if self._description.setup == "raises":
            raise self._planned("setup")
        if self._description.setup == "raises base":
            raise self._planned("setup", PlannedBaseError)
        self._world.note(self, "opens")

    def is_left(self, error: BaseException | None = None) -> None:
        self._world.note(self, "is left", described(error))

    def has_waited(self) -> None:
        """Noted after the last await of an exit: an exit that was cut does not get here."""
        self._world.note(self, "has waited")

    def succeeds(self) -> None:
        if self._description.after_success == "raises":
            raise self._planned("exit")
        self._yields_again = self._description.after_success == "yields again"

    def fails(self, error: BaseException) -> bool:
        """Whether the exception is raised again, once this has returned."""
        match self._description.after_failure:
            case "replaces it":
                raise self._planned("replacement")
            case "replaces it by another cause":
                raise self._planned("replacement") from self._planned("cause")
            case "raises in finally":
                try:
                    raise error
                finally:
                    raise self._planned("finally")
            case "swallows it":
                return False
            case "yields again":
                self._yields_again = True
                return False
            case _:
                return True

    def is_closed_by_force(self) -> None:
        self._world.note(self, "is closed by force")

    def _planned(self, where: str, kind: type[BaseException] = PlannedError) -> BaseException:
        label = f"{where} of {self.label}"
        error = kind(label)
        assert label not in self._world.raised
        self._world.raised[label] = error
        return error


def label_of(value: Any) -> str:
    label: str = getattr(value, "label", None) or repr(value)
    return label


def described(error: BaseException | None) -> str:
    """What a program sees of an exception: its label, or its type where it has none."""
    if error is None:
        return "success"
    if isinstance(error, PlannedError | PlannedBaseError):
        return str(error)
    return type(error).__name__


def load(program: Program) -> dict[str, Any]:
    """Run the text of *program*; `namespace["world"]` is to be set before each run."""
    namespace: dict[str, Any] = {
        "Annotated": Annotated,
        "Any": Any,
        "Depends": Depends,
        "contextmanager": contextlib.contextmanager,
        "asynccontextmanager": contextlib.asynccontextmanager,
        "functools": functools,
    }
    exec(compile(text_of(program), "program.py", "exec", dont_inherit=True), namespace)
    return namespace


def text_of(program: Program) -> str:
    """The program as text: `node_0`, `node_1`, ..., the last of them is the root."""
    return "\n\n".join(_text(index, each) for index, each in enumerate(program.callables)) + "\n"


def _text(index: int, each: Part) -> str:
    name, body = f"node_{index}", _body(index, each)
    head = "async def" if each.is_async else "def"
    parameters = _parameters(each.edges)

    def function(first: str = "", *, called: str = name, more: str = "") -> str:
        listed = ", ".join(part for part in (first, parameters) if part)
        if more:  # what a partial fills by keyword
            listed += (", " if listed else "") + ("" if "*" in parameters else "*, ") + more
        return f"{head} {called}({listed}):\n{indent(body, '    ')}"

    match each.form:
        case "manager":
            decorator = "@asynccontextmanager" if each.is_async else "@contextmanager"
            return f"{decorator}\n{function()}"
        case "class":
            method = function("self", called="__init__")
            return f"class Node_{index}:\n{indent(method, '    ')}\n\n{name} = Node_{index}"
        case "instance":
            method = function("self", called="__call__")
            return f"class Node_{index}:\n{indent(method, '    ')}\n\n{name} = Node_{index}()"
        case "partial":
            return f"{function('given')}\n\n{name} = functools.partial({name}, 'given')"
        case "nested partial":
            inner = f"functools.partial({name}, 'given')"
            return (
                f"{function('given', more='extra')}\n\n"
                f"{name} = functools.partial({inner}, extra='extra')"
            )
        case "bound method" | "class method" | "static method":
            first, decorator, instance = {
                "bound method": ("self", "", "()"),
                "class method": ("cls", "@classmethod\n", ""),
                "static method": ("", "@staticmethod\n", ""),
            }[each.form]
            method = indent(decorator + function(first), "    ")
            return f"class Holder_{index}:\n{method}\n\n{name} = Holder_{index}{instance}.{name}"
        case "wrapper":
            return (
                f"{function(called=f'{name}_wrapped')}\n\n"
                f"@functools.wraps({name}_wrapped)\n"
                f"def {name}(*args, **kwargs):\n    return {name}_wrapped(*args, **kwargs)"
            )
        case _:
            return function()


def _parameters(edges: tuple[Edge, ...]) -> str:
    parts: list[str] = []
    for number, edge in enumerate(edges):
        options = [f"node_{edge.to}"]
        if not edge.use_cache:
            options.append("use_cache=False")
        if edge.scope is not None:
            options.append(f"scope={edge.scope!r}")
        marker = f"Depends({', '.join(options)})"
        if edge.annotated:
            parts.append(f"p{number}: Annotated[Any, {marker}]")
        else:
            if "*" not in parts:
                parts.append("*")  # what follows may be without a default again
            parts.append(f"p{number}={marker}")
    return ", ".join(parts)


def _body(index: int, each: Part) -> str:
    given = "".join(f", p{number}=p{number}" for number in range(len(each.edges)))
    waits = "await call.pause()" if each.is_async else "call.point()"
    start = f"call = world.start({index}{given})\n{waits}\ncall.set_up()\n"
    if each.form == "class":
        return start + "self.label = call.label"
    if not each.opens:
        return start + "return call.value"
    stop = "if call.yields_nothing:\n    return\n"
    return (
        start
        + stop
        + f"""\
try:
    yield call.value
except BaseException as error:
    call.is_left(error)
    {waits}
    call.has_waited()
    if call.fails(error):
        raise
else:
    call.is_left()
    {waits}
    call.has_waited()
    call.succeeds()
if call.yields_again:
    try:
        yield
    except GeneratorExit:
        call.is_closed_by_force()
        raise"""
    )
