"""A dependency yields exactly once; who does not is named, with its place."""

import contextlib
import functools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import anyio
import pytest

from tenure import (
    Container,
    DependencyError,
    Depends,
    DidNotYieldError,
    SwallowedError,
    TenureError,
    YieldedTwiceError,
)
from tests.engine.support import place_of

events: list[str] = []


@pytest.fixture(autouse=True)
def no_events() -> None:
    events.clear()


class Planned(Exception):  # noqa: N818
    pass


def never() -> Iterator[None]:
    if events is None:
        yield


async def async_never() -> AsyncIterator[None]:
    await anyio.lowlevel.checkpoint()
    if events is None:
        yield


def returns_early() -> Iterator[None]:
    if not events:
        return
    yield


def twice() -> Iterator[int]:
    try:
        yield 1
        yield 2
    finally:
        events.append("closed")


async def async_twice() -> AsyncIterator[int]:
    try:
        yield 1
        await anyio.lowlevel.checkpoint()
        yield 2
    finally:
        await anyio.lowlevel.checkpoint()
        events.append("closed")


def twice_after_failure() -> Iterator[int]:
    try:
        yield 1
    except Planned:
        yield 2
    finally:
        events.append("closed")


async def async_twice_after_failure() -> AsyncIterator[int]:
    try:
        yield 1
    except Planned:
        await anyio.lowlevel.checkpoint()
        yield 2
    finally:
        events.append("closed")


def swallows() -> Iterator[None]:
    with contextlib.suppress(Planned):
        yield


async def async_swallows() -> AsyncIterator[None]:
    try:
        yield
    except Planned:
        await anyio.lowlevel.checkpoint()


class Methods:
    def __init__(self, call: Callable[..., Any]) -> None:
        self.call = call

    def __call__(self) -> Iterator[Any]:
        yield from self.call()

    def method(self) -> Iterator[Any]:
        yield from self.call()


class AsyncMethods:
    async def method(self) -> AsyncIterator[None]:
        with contextlib.suppress(Planned):
            yield


def forms_of(sync: Callable[..., Any], asynchronous: Callable[..., Any]) -> dict[str, Any]:
    """How a generator may be declared, with the name and the place that errors give it."""
    return {
        "generator": (sync, sync.__name__, sync),
        "async generator": (asynchronous, asynchronous.__name__, asynchronous),
        "partial": (functools.partial(sync), f"partial({sync.__name__})", sync),
        "contextmanager": (contextlib.contextmanager(sync), sync.__name__, sync),
        "asynccontextmanager": (
            contextlib.asynccontextmanager(asynchronous),
            asynchronous.__name__,
            asynchronous,
        ),
        "method": (Methods(sync).method, "Methods.method", Methods.method),
        "instance": (Methods(sync), "Methods instance", Methods.__call__),
    }


FORMS = list(forms_of(never, async_never))


async def failing() -> None:
    raise Planned


async def outer() -> AsyncIterator[None]:
    """Stands above the one that is at fault, and sees what came of it."""
    try:
        yield
    except BaseException as error:
        events.append(type(error).__name__)
        raise


def main_with(call: Any, *, fails: bool = False) -> Callable[..., Any]:
    async def main(
        outer: Annotated[None, Depends(outer)], value: Annotated[Any, Depends(call)]
    ) -> str:
        events.append("main")
        if fails:
            raise Planned
        return "result"

    return main


def names(error: DependencyError, name: str, function: Callable[..., Any]) -> bool:
    assert isinstance(error, TenureError)
    return str(error).startswith(f"{name} ({place_of(function)})")


@pytest.mark.parametrize("form", FORMS)
async def test_none_is_an_error_that_names_the_dependency(form: str, container: Container) -> None:
    call, name, function = forms_of(never, async_never)[form]
    with pytest.raises(DidNotYieldError) as caught:
        await container.call(main_with(call))
    assert names(caught.value, name, function)
    assert events == ["DidNotYieldError"]


async def test_an_early_return_does_not_yield(container: Container) -> None:
    with pytest.raises(DidNotYieldError) as caught:
        await container.call(main_with(returns_early))
    assert names(caught.value, "returns_early", returns_early)


@pytest.mark.parametrize("form", FORMS)
async def test_two_is_an_error_that_names_the_dependency_and_closes_it(
    form: str, container: Container
) -> None:
    call, name, function = forms_of(twice, async_twice)[form]
    with pytest.raises(YieldedTwiceError) as caught:
        await container.call(main_with(call))
    assert names(caught.value, name, function)
    assert events == ["main", "closed", "YieldedTwiceError"]


@pytest.mark.parametrize("form", FORMS)
async def test_two_after_a_failure_keeps_the_failure_as_cause(
    form: str, container: Container
) -> None:
    call, name, function = forms_of(twice_after_failure, async_twice_after_failure)[form]
    with pytest.raises(YieldedTwiceError) as caught:
        await container.call(main_with(call, fails=True))
    assert names(caught.value, name, function)
    assert isinstance(caught.value.__cause__, Planned)
    assert events == ["main", "closed", "YieldedTwiceError"]


@pytest.mark.parametrize("form", FORMS)
async def test_swallowed_is_an_error_that_names_the_dependency(
    form: str, container: Container
) -> None:
    call, name, function = forms_of(swallows, async_swallows)[form]
    with pytest.raises(SwallowedError) as caught:
        await container.call(main_with(call, fails=True))
    assert names(caught.value, name, function)
    assert "swallowed Planned" in str(caught.value)
    assert isinstance(caught.value.__cause__, Planned)
    assert events == ["main", "SwallowedError"]


@pytest.mark.parametrize("call", [swallows, async_swallows])
async def test_the_failure_of_another_dependency_may_not_be_swallowed_either(
    call: Any, container: Container
) -> None:
    async def main(
        value: Annotated[Any, Depends(call)], failing: Annotated[None, Depends(failing)]
    ) -> None:
        events.append("main")

    with pytest.raises(SwallowedError) as caught:
        await container.call(main)
    assert names(caught.value, call.__name__, call)
    assert events == []


async def test_each_that_swallows_is_named_with_what_it_swallowed(container: Container) -> None:
    async def swallows_everything() -> AsyncIterator[None]:
        with contextlib.suppress(BaseException):
            yield

    async def main(
        a: Annotated[None, Depends(swallows_everything)],
        b: Annotated[None, Depends(AsyncMethods().method)],
    ) -> None:
        raise Planned

    with pytest.raises(SwallowedError) as caught:
        await container.call(main)
    assert names(caught.value, "swallows_everything", swallows_everything)
    inner = caught.value.__cause__
    assert isinstance(inner, SwallowedError)
    assert names(inner, "AsyncMethods.method", AsyncMethods.method)
    assert isinstance(inner.__cause__, Planned)


async def test_the_function_scope_knows_the_same_errors(container: Container) -> None:
    async def main(
        outer: Annotated[None, Depends(outer)],
        value: Annotated[None, Depends(swallows, scope="function")],
    ) -> None:
        raise Planned

    with pytest.raises(SwallowedError) as caught:
        await container.call(main)
    assert names(caught.value, "swallows", swallows)
    assert events == ["SwallowedError"]


async def test_on_success_swallowing_code_does_nothing(container: Container) -> None:
    assert await container.call(main_with(swallows)) == "result"
    assert await container.call(main_with(async_swallows)) == "result"


def stubborn() -> Iterator[int]:
    yield 1
    with contextlib.suppress(GeneratorExit):
        yield 2
    with contextlib.suppress(GeneratorExit):
        yield 3


async def test_a_generator_that_cannot_be_closed_is_still_named(container: Container) -> None:
    """It yields again even when it is told to end."""
    with pytest.raises(YieldedTwiceError) as caught:
        await container.call(main_with(stubborn))
    assert names(caught.value, "stubborn", stubborn)
    assert isinstance(caught.value.__context__, RuntimeError)
    assert "ignored GeneratorExit" in str(caught.value.__context__)


def fails_to_close() -> Iterator[int]:
    yield 1
    try:
        yield 2
    finally:
        raise LookupError


async def async_fails_to_close() -> AsyncIterator[int]:
    yield 1
    try:
        yield 2
    finally:
        raise LookupError


@pytest.mark.parametrize("call", [fails_to_close, async_fails_to_close])
async def test_what_goes_wrong_while_it_is_closed_is_kept_behind_the_error(
    call: Any, container: Container, request: pytest.FixtureRequest
) -> None:
    if call is async_fails_to_close and "compiled" in request.node.callspec.id:
        request.applymarker(pytest.mark.xfail(reason="the plan's own StopIteration replaces it"))
    with pytest.raises(YieldedTwiceError) as caught:
        await container.call(main_with(call))
    assert names(caught.value, call.__name__, call)
    assert isinstance(caught.value.__context__, LookupError)
