"""What can be a dependency: every kind of callable, in every form in which users write one."""

import contextlib
import functools
import inspect
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import pytest

from tenure import Container, Depends, GraphError, WrongKindError
from tests.engine.support import only_fault_of, place_of

events: list[str] = []


@pytest.fixture(autouse=True)
def no_events() -> None:
    events.clear()


def below() -> str:
    return "below"


def function(given: Annotated[str, Depends(below)]) -> str:
    events.append(f"open {given}")
    return "value"


async def coroutine(given: Annotated[str, Depends(below)]) -> str:
    events.append(f"open {given}")
    return "value"


def generator(given: Annotated[str, Depends(below)]) -> Iterator[str]:
    events.append(f"open {given}")
    yield "value"
    events.append("close")


async def async_generator(given: Annotated[str, Depends(below)]) -> AsyncIterator[str]:
    events.append(f"open {given}")
    yield "value"
    events.append("close")


class Methods:
    def function(self, given: Annotated[str, Depends(below)]) -> str:
        return function(given)

    async def coroutine(self, given: Annotated[str, Depends(below)]) -> str:
        return await coroutine(given)

    def generator(self, given: Annotated[str, Depends(below)]) -> Iterator[str]:
        yield from generator(given)

    async def async_generator(self, given: Annotated[str, Depends(below)]) -> AsyncIterator[str]:
        async with contextlib.asynccontextmanager(async_generator)(given) as value:
            yield value

    @classmethod
    async def class_coroutine(cls, given: Annotated[str, Depends(below)]) -> str:
        return await coroutine(given)

    @classmethod
    def class_generator(cls, given: Annotated[str, Depends(below)]) -> Iterator[str]:
        yield from generator(given)

    @staticmethod
    async def static_coroutine(given: Annotated[str, Depends(below)]) -> str:
        return await coroutine(given)

    @staticmethod
    def static_generator(given: Annotated[str, Depends(below)]) -> Iterator[str]:
        yield from generator(given)

    @contextlib.contextmanager
    def manager(self, given: Annotated[str, Depends(below)]) -> Iterator[str]:
        yield from generator(given)

    @contextlib.asynccontextmanager
    async def async_manager(self, given: Annotated[str, Depends(below)]) -> AsyncIterator[str]:
        async with contextlib.asynccontextmanager(async_generator)(given) as value:
            yield value

    partial = functools.partialmethod(function)


def instance_of(method: Any) -> Any:
    """An instance of a class that has *method* as its `__call__`."""
    return type("Instance", (), {"__call__": method})()


def wrapped(call: Callable[..., Any]) -> Callable[..., Any]:
    """What most decorators do: a plain function around any kind of callable."""

    @functools.wraps(call)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return call(*args, **kwargs)

    return wrapper


def closure_over(value: str) -> Callable[..., Any]:
    async def closure(given: Annotated[str, Depends(below)]) -> str:
        events.append(f"open {given}")
        return value

    return closure


def generator_closure_over(value: str) -> Callable[..., Any]:
    def closure(given: Annotated[str, Depends(below)]) -> Iterator[str]:
        events.append(f"open {given}")
        yield value
        events.append("close")

    return closure


def awaiting_decorator(call: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(call)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        return await call(*args, **kwargs)

    return wrapper


def generating_decorator(call: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(call)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        yield from call(*args, **kwargs)

    return wrapper


def async_decorator_of_generator(call: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(call)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        with contextlib.contextmanager(call)(*args, **kwargs) as value:
            yield value

    return wrapper


def with_more(more: str, *, even_more: str, given: Annotated[str, Depends(below)]) -> str:
    assert (more, even_more) == ("more", "even more")
    return function(given)


PLAIN = {
    "def": function,
    "async def": coroutine,
    "generator": generator,
    "async generator": async_generator,
}
CALLABLES: dict[str, Any] = {
    **PLAIN,
    **{f"partial of {name}": functools.partial(call) for name, call in PLAIN.items()},
    **{f"wrapper of {name}": wrapped(call) for name, call in PLAIN.items()},
    **{f"wrapper of wrapper of {name}": wrapped(wrapped(call)) for name, call in PLAIN.items()},
    **{f"partial of wrapper of {n}": functools.partial(wrapped(c)) for n, c in PLAIN.items()},
    "nested partial with arguments": functools.partial(
        functools.partial(with_more, "more"), even_more="even more"
    ),
    "instance, def": instance_of(Methods.function),
    "instance, async def": instance_of(Methods.coroutine),
    "instance, generator": instance_of(Methods.generator),
    "instance, async generator": instance_of(Methods.async_generator),
    "instance, manager": instance_of(Methods.manager),
    "partial of instance, generator": functools.partial(instance_of(Methods.generator)),
    "partial of instance, async def": functools.partial(instance_of(Methods.coroutine)),
    "bound method, def": Methods().function,
    "bound method, async def": Methods().coroutine,
    "bound method, generator": Methods().generator,
    "bound method, async generator": Methods().async_generator,
    "bound method, manager": Methods().manager,
    "bound method, async manager": Methods().async_manager,
    "bound partial method": Methods().partial,
    "class method, async def": Methods.class_coroutine,
    "class method, generator": Methods.class_generator,
    "class method of an instance, generator": Methods().class_generator,
    "static method, async def": Methods.static_coroutine,
    "static method, generator": Methods.static_generator,
    "closure, async def": closure_over("value"),
    "closure, generator": generator_closure_over("value"),
    "contextmanager": contextlib.contextmanager(generator),
    "asynccontextmanager": contextlib.asynccontextmanager(async_generator),
    "partial of contextmanager": functools.partial(contextlib.contextmanager(generator)),
    "partial of asynccontextmanager": functools.partial(
        contextlib.asynccontextmanager(async_generator)
    ),
    "wrapper of contextmanager": wrapped(contextlib.contextmanager(generator)),
    "wrapper of asynccontextmanager": wrapped(contextlib.asynccontextmanager(async_generator)),
    "async wrapper of async def": awaiting_decorator(coroutine),
    "generator wrapper of generator": generating_decorator(generator),
    "async generator wrapper of generator": async_decorator_of_generator(generator),
    "cached function": functools.lru_cache(function),
}
LEAVES_OPEN = ("generator", "manager")


@pytest.mark.parametrize("name", CALLABLES)
async def test_every_kind_and_form_of_callable_provides_its_value(
    name: str, container: Container
) -> None:
    if name == "cached function":
        CALLABLES[name].cache_clear()

    async def main(value: Annotated[str, Depends(CALLABLES[name])]) -> str:
        events.append("main")
        return value

    assert await container.call(main) == "value"
    opens = any(word in name for word in LEAVES_OPEN)
    assert events == ["open below", "main", *(["close"] if opens else [])]


@pytest.mark.parametrize("name", [name for name in CALLABLES if "generator" not in name])
async def test_what_does_not_yield_can_be_called_itself(name: str, container: Container) -> None:
    if "manager" in name:
        with pytest.raises(GraphError) as caught:
            _ = container.call(CALLABLES[name])
        assert [fault.kind for fault in caught.value.faults] == ["root"]
        return
    if name == "cached function":
        CALLABLES[name].cache_clear()
    assert await container.call(CALLABLES[name]) == "value"


async def test_def_runs_in_a_worker_thread_and_async_def_on_the_loop(container: Container) -> None:
    class Constructed:
        def __init__(self) -> None:
            self.thread = threading.get_ident()

    def plain() -> int:
        return threading.get_ident()

    def opened() -> Iterator[list[int]]:
        threads = [threading.get_ident()]
        yield threads
        threads.append(threading.get_ident())

    async def awaited() -> int:
        return threading.get_ident()

    async def opened_on_loop() -> AsyncIterator[list[int]]:
        threads = [threading.get_ident()]
        yield threads
        threads.append(threading.get_ident())

    async def main(
        a: Annotated[Constructed, Depends()],
        b: Annotated[int, Depends(plain)],
        c: Annotated[list[int], Depends(opened)],
        d: Annotated[int, Depends(awaited)],
        e: Annotated[list[int], Depends(opened_on_loop)],
    ) -> tuple[list[int], list[int]]:
        assert here not in (a.thread, b, *c)
        assert {d, *e} == {here}
        return c, e

    here = threading.get_ident()
    in_threads, on_loop = await container.call(main)
    assert len(in_threads) == 2
    assert here not in in_threads
    assert on_loop == [here, here]


async def test_a_def_root_runs_in_a_worker_thread(container: Container) -> None:
    def main(value: Annotated[str, Depends(coroutine)]) -> tuple[str, int]:
        return value, threading.get_ident()

    value, thread = await container.call(main)
    assert value == "value"
    assert thread != threading.get_ident()


async def test_a_class_is_constructed_whatever_its_call_method_does(container: Container) -> None:
    class Repository:
        def __init__(self, given: Annotated[str, Depends(below)]) -> None:
            self.given = given

        async def __call__(self) -> Iterator[str]:
            raise NotImplementedError

    async def main(repository: Annotated[Repository, Depends()]) -> Repository:
        return repository

    repository = await container.call(main)
    assert type(repository) is Repository
    assert repository.given == "below"


@pytest.mark.asyncio_only("trio refuses to run a function in a thread that returns a coroutine")
async def test_the_undecorated_coroutine_of_a_plain_wrapper_is_the_value(
    container: Container,
) -> None:
    """Without functools.wraps nothing says that what the function returns is to be awaited."""

    def wrapper() -> Any:
        return coroutine("given")

    async def main(value: Annotated[Any, Depends(wrapper)]) -> Any:
        return value

    value = await container.call(main)
    assert inspect.iscoroutine(value)
    assert await value == "value"


@pytest.mark.skipif(sys.version_info < (3, 12), reason="inspect.markcoroutinefunction is new")
async def test_a_function_marked_as_coroutine_function_is_awaited(container: Container) -> None:
    def marked() -> Any:
        return coroutine("given")

    vars(inspect)["markcoroutinefunction"](marked)

    async def main(value: Annotated[str, Depends(marked)]) -> str:
        return value

    assert await container.call(main) == "value"


def consumes(call: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(call)
    def wrapper(*args: Any, **kwargs: Any) -> list[Any]:
        return list(call(*args, **kwargs))

    return wrapper


async def test_a_wrapper_that_consumes_its_generator_is_named_when_it_runs(
    container: Container,
) -> None:
    misread = consumes(generator)

    async def main(value: Annotated[str, Depends(misread)]) -> None: ...

    with pytest.raises(WrongKindError) as caught:
        await container.call(main)
    assert f"generator ({place_of(generator)})" in str(caught.value)
    assert "returned list" in str(caught.value)


async def test_a_wrapper_that_runs_its_coroutine_is_named_when_it_runs(
    container: Container,
) -> None:
    @functools.wraps(coroutine)
    def misread(*args: Any, **kwargs: Any) -> str:
        return "value"

    async def main(value: Annotated[str, Depends(misread)]) -> None: ...

    with pytest.raises(WrongKindError) as caught:
        await container.call(main)
    assert f"coroutine ({place_of(coroutine)})" in str(caught.value)
    assert "returned str" in str(caught.value)


@pytest.mark.parametrize("wraps", [generator, async_generator])
def test_an_async_wrapper_around_a_generator_is_refused(wraps: Callable[..., Any]) -> None:
    @functools.wraps(wraps)
    async def wrapper(*args: Any, **kwargs: Any) -> Any: ...

    async def main(value: Annotated[Any, Depends(wrapper)]) -> None: ...

    fault = only_fault_of(main)
    assert fault.kind == "wrapper"
    assert wraps.__name__ in fault.message


async def test_two_wrappers_around_one_function_are_two_dependencies(container: Container) -> None:
    first, second = wrapped(coroutine), wrapped(coroutine)

    async def main(
        a: Annotated[str, Depends(first)], b: Annotated[str, Depends(second)]
    ) -> None: ...

    await container.call(main)
    assert events == ["open below", "open below"]
