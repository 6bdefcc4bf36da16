"""Every kind of callable as a dependency, in both styles of declaration, for both endpoints."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import pydantic

from ..case import Family, get

KINDS = Family("kinds")

PLAIN = "dependency endpoint send:start send:end"
PAIRED = "+dependency endpoint send:start send:end -dependency"

Record = Callable[[str], None]


def function(record: Record) -> Any:
    def dependency() -> str:
        record("dependency")
        return "value"

    return dependency


def coroutine(record: Record) -> Any:
    async def dependency() -> str:
        record("dependency")
        return "value"

    return dependency


def generator(record: Record) -> Any:
    def dependency() -> Any:
        record("+dependency")
        yield "value"
        record("-dependency")

    return dependency


def async_generator(record: Record) -> Any:
    async def dependency() -> Any:
        record("+dependency")
        yield "value"
        record("-dependency")

    return dependency


FUNCTIONS = {
    "function": (function, PLAIN),
    "coroutine": (coroutine, PLAIN),
    "generator": (generator, PAIRED),
    "async_generator": (async_generator, PAIRED),
}


def with_argument(make: Callable[[Record], Any]) -> Callable[[Record], Any]:
    """The same kind, of a function that takes one argument which a partial fills in."""

    def made(record: Record) -> Any:
        def sync(value: str) -> str:
            record("dependency")
            return value

        async def awaited(value: str) -> str:
            record("dependency")
            return value

        def yielding(value: str) -> Any:
            record("+dependency")
            yield value
            record("-dependency")

        async def yielding_async(value: str) -> Any:
            record("+dependency")
            yield value
            record("-dependency")

        return {
            "function": sync,
            "coroutine": awaited,
            "generator": yielding,
            "async_generator": yielding_async,
        }[make.__name__]

    return made


def partial(make: Callable[[Record], Any]) -> Callable[[Record], Any]:
    return lambda record: functools.partial(with_argument(make)(record), "value")


def nested_partial(make: Callable[[Record], Any]) -> Callable[[Record], Any]:
    return lambda record: functools.partial(functools.partial(make(record)))


def owner_class(record: Record) -> Any:
    """A class with one method of each kind."""

    class Owner:
        def function(self) -> str:
            record("dependency")
            return "value"

        async def coroutine(self) -> str:
            record("dependency")
            return "value"

        def generator(self) -> Any:
            record("+dependency")
            yield "value"
            record("-dependency")

        async def async_generator(self) -> Any:
            record("+dependency")
            yield "value"
            record("-dependency")

    return Owner


def bound_method(make: Callable[[Record], Any]) -> Callable[[Record], Any]:
    return lambda record: getattr(owner_class(record)(), make.__name__)


def instance(make: Callable[[Record], Any]) -> Callable[[Record], Any]:
    """An object whose `__call__` is of the given kind."""

    def made(record: Record) -> Any:
        method = getattr(owner_class(record), make.__name__)
        return type("Callable", (), {"__call__": method})()

    return made


def partial_of_instance(make: Callable[[Record], Any]) -> Callable[[Record], Any]:
    return lambda record: functools.partial(instance(make)(record))


def class_method(make: Callable[[Record], Any]) -> Callable[[Record], Any]:
    def made(record: Record) -> Any:
        inner = make(record)
        if make is function:
            return type("Owner", (), {"m": classmethod(lambda cls: inner())}).m  # type: ignore[attr-defined]
        return type("Owner", (), {"m": staticmethod(inner)}).m  # type: ignore[attr-defined]

    return made


def wrapped(make: Callable[[Record], Any]) -> Callable[[Record], Any]:
    """A plain wrapper that names what it wraps and returns its result as it is."""

    def made(record: Record) -> Any:
        inner = make(record)

        @functools.wraps(inner)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            return inner(*args, **kwargs)

        return wrapper

    return made


def a_class(record: Record) -> Any:
    class Value(str):
        def __new__(cls) -> "Value":
            record("dependency")
            return super().__new__(cls, "value")

    return Value


def a_class_with_async_call(record: Record) -> Any:
    class Value(str):
        def __new__(cls) -> "Value":
            record("dependency")
            return super().__new__(cls, "value")

        async def __call__(self) -> str:
            raise AssertionError("only constructed")

    return Value


def a_class_with_generator_call(record: Record) -> Any:
    class Value(str):
        def __new__(cls) -> "Value":
            record("dependency")
            return super().__new__(cls, "value")

        def __call__(self) -> Any:
            yield "not this"

    return Value


def a_lambda(record: Record) -> Any:
    return lambda: record("dependency") or "value"


def a_wrapped_async_wrapper(record: Record) -> Any:
    inner = coroutine(record)

    @functools.wraps(inner)
    async def wrapper() -> str:
        return str(await inner())

    return wrapper


def an_async_wrapper_of_a_function(record: Record) -> Any:
    inner = function(record)

    @functools.wraps(inner)
    async def wrapper() -> str:
        return str(inner())

    return wrapper


def a_class_built_by_a_static_factory(record: Record) -> Any:
    class Value:
        @staticmethod
        async def make() -> str:
            record("dependency")
            return "value"

    return Value.make


MAKERS: dict[str, tuple[Callable[[Record], Any], str]] = {
    **FUNCTIONS,
    **{
        f"{shape.__name__}_of_{name}": (shape(make), order)
        for shape in (
            partial,
            nested_partial,
            instance,
            partial_of_instance,
            bound_method,
            class_method,
            wrapped,
        )
        for name, (make, order) in FUNCTIONS.items()
    },
    **{
        make.__name__: (make, PLAIN)
        for make in (
            a_class,
            a_class_with_async_call,
            a_class_with_generator_call,
            a_lambda,
            a_wrapped_async_wrapper,
            an_async_wrapper_of_a_function,
            a_class_built_by_a_static_factory,
        )
    },
}


def build_for(make: Callable[[Record], Any], *, annotated: bool, asynchronous: bool) -> Any:
    """A program with one endpoint that answers with the value of one dependency."""

    def build(web: Any, record: Record) -> Any:
        app = web.FastAPI()
        depends = web.Depends(make(record))
        annotation: Any = Annotated[str, depends] if annotated else str
        default = {} if annotated else {"default": depends}

        def answer(value: Any) -> Any:
            record("endpoint")
            return {"value": value}

        async def answer_async(value: Any) -> Any:
            record("endpoint")
            return {"value": value}

        endpoint = answer_async if asynchronous else answer
        endpoint.__annotations__ = {"value": annotation}
        endpoint.__defaults__ = tuple(default.values()) or None
        app.get("/")(endpoint)
        return app

    return build


for _name, (_make, _order) in MAKERS.items():
    # The styles are alternated rather than multiplied out: they are independent of the kind.
    for _annotated, _asynchronous in ((True, True), (False, False)):
        _style = "annotated_async" if _annotated else "default_sync"
        KINDS.add(
            f"{_name}-{_style}",
            build_for(_make, annotated=_annotated, asynchronous=_asynchronous),
            get("/").gives(200, {"value": "value"}, order=_order),
        )


@dataclass
class Page:
    number: int
    size: int = 10


class Filter(pydantic.BaseModel):
    word: str = pydantic.Field(min_length=2)
    limit: int = 5


@KINDS.program(
    get("/?number=3", name="given").gives(200, {"number": 3, "size": 10}),
    get("/", name="missing").gives(422),
    get("/?number=x&size=y", name="wrong").gives(422),
)
def dataclass_fields_are_query_parameters(web: Any, record: Record) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read(page: Annotated[Page, web.Depends()]) -> Any:
        return page

    return app


@KINDS.program(
    get("/?word=tea", name="given").gives(200, {"word": "tea", "limit": 5}),
    get("/?limit=2", name="missing").gives(422),
)
def pydantic_model_fields_are_query_parameters(web: Any, record: Record) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read(chosen: Annotated[Filter, web.Depends(Filter)]) -> Any:
        return chosen

    return app


@KINDS.program(get("/?word=t").gives(500, error="ValidationError"))
def an_error_of_the_constructor_is_no_422(web: Any, record: Record) -> Any:
    class Strict(pydantic.BaseModel):
        word: str

        @pydantic.field_validator("word")
        @classmethod
        def refuse(cls, word: str) -> str:
            raise ValueError("never right")

    app = web.FastAPI()

    @app.get("/")
    def read(chosen: Annotated[Any, web.Depends(Strict)]) -> Any:
        return chosen

    return app


@KINDS.program(get("/").gives(200, {"value": "second"}))
def the_last_depends_of_an_annotation_wins(web: Any, record: Record) -> Any:
    app = web.FastAPI()

    @app.get("/")
    def read(
        value: Annotated[str, web.Depends(lambda: "first"), web.Depends(lambda: "second")],
    ) -> Any:
        return {"value": value}

    return app
