"""Two lifetimes within one unit of work, and what may depend on what."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import anyio
import pytest

from tenure import Container, Depends, GraphError, ScopeError
from tests.engine.support import faults_of, only_fault_of, place_of

events: list[str] = []


@pytest.fixture(autouse=True)
def no_events() -> None:
    events.clear()


def opened(name: str) -> Callable[..., Any]:
    async def generator() -> AsyncIterator[str]:
        events.append(f"+{name}")
        try:
            yield name
        except BaseException as error:
            events.append(f"{name} sees {type(error).__name__}")
            raise
        finally:
            events.append(f"-{name}")

    return generator


R1, F1, R2, F2 = opened("R1"), opened("F1"), opened("R2"), opened("F2")


async def nests(
    fails: bool,
    f1: Annotated[str, Depends(F1, scope="function")],
    r1: Annotated[str, Depends(R1)],
    f2: Annotated[str, Depends(F2, scope="function")],
    r2: Annotated[str, Depends(R2, scope="request")],
) -> str:
    events.append("main")
    if fails:
        raise LookupError
    return f1 + r1 + f2 + r2


async def test_wide_scopes_open_first_so_that_exits_nest(container: Container) -> None:
    assert await container.call(nests, fails=False) == "F1R1F2R2"
    assert events == ["+R1", "+R2", "+F1", "+F2", "main", "-F2", "-F1", "-R2", "-R1"]


async def test_a_failure_goes_through_the_narrow_scope_first(container: Container) -> None:
    with pytest.raises(LookupError):
        await container.call(nests, fails=True)
    inner_first = ["F2", "F1", "R2", "R1"]
    seen = [part for name in inner_first for part in (f"{name} sees LookupError", f"-{name}")]
    assert events == ["+R1", "+R2", "+F1", "+F2", "main", *seen]


async def test_what_needs_a_narrow_scope_waits_for_it_and_nothing_else_does(
    container: Container,
) -> None:
    async def before() -> str:
        events.append("before")
        return "before"

    async def uses_narrow(value: Annotated[str, Depends(F1, scope="function")]) -> str:
        events.append(f"uses {value}")
        return value

    async def main(
        f1: Annotated[str, Depends(F1, scope="function")],
        uses: Annotated[str, Depends(uses_narrow)],
        before: Annotated[str, Depends(before)],
        r1: Annotated[str, Depends(R1)],
    ) -> None:
        events.append("main")

    await container.call(main)
    assert events == ["before", "+R1", "+F1", "uses F1", "main", "-F1", "-R1"]


async def test_without_a_wide_scope_the_declared_order_stays(container: Container) -> None:
    async def between() -> None:
        events.append("between")

    async def main(
        f1: Annotated[str, Depends(F1, scope="function")],
        between: Annotated[None, Depends(between)],
        f2: Annotated[str, Depends(F2, scope="function")],
    ) -> None: ...

    await container.call(main)
    assert events == ["+F1", "between", "+F2", "-F2", "-F1"]


async def test_task_groups_in_both_scopes_nest_whatever_their_order(container: Container) -> None:
    async def child(name: str) -> None:
        events.append(name)

    async def group_of() -> AsyncIterator[Any]:
        async with anyio.create_task_group() as group:
            yield group

    async def other_group_of() -> AsyncIterator[Any]:
        async with anyio.create_task_group() as group:
            yield group

    async def main(
        narrow: Annotated[Any, Depends(group_of, scope="function")],
        wide: Annotated[Any, Depends(other_group_of)],
    ) -> str:
        narrow.start_soon(child, "narrow")
        wide.start_soon(child, "wide")
        return "result"

    assert await container.call(main) == "result"
    assert sorted(events) == ["narrow", "wide"]


def plain_over(call: Callable[..., Any], scope: Any = None) -> Callable[..., Any]:
    async def plain(value: Annotated[Any, Depends(call, scope=scope)]) -> Any:
        return value

    return plain


def generator_over(call: Callable[..., Any], scope: Any = None) -> Callable[..., Any]:
    def generator(value: Annotated[Any, Depends(call, scope=scope)]) -> Iterator[Any]:
        yield value

    return generator


def class_over(call: Callable[..., Any], scope: Any = None) -> Callable[..., Any]:
    class Service:
        def __init__(self, value: Annotated[Any, Depends(call, scope=scope)]) -> None:
            self.value = value

    return Service


def root_over(call: Callable[..., Any], scope: Any = None) -> Callable[..., Any]:
    async def main(value: Annotated[Any, Depends(call, scope=scope)]) -> Any:
        return value

    return main


async def plain() -> str:
    return "plain"


REFUSED = {
    "directly": generator_over(F1, "function"),
    "through a function": generator_over(plain_over(F1, "function")),
    "through a class": generator_over(class_over(F1, "function")),
    "through three of them": generator_over(
        plain_over(class_over(plain_over(F1, "function"))), "request"
    ),
    "through a function of scope request": generator_over(plain_over(F1, "function"), "request"),
    "a plain function declared function": generator_over(plain, "function"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_request_generator_cannot_hold_what_ends_before_it(name: str) -> None:
    main = root_over(REFUSED[name])
    with pytest.raises(ScopeError) as caught:
        Container().explain(main)
    [fault] = caught.value.faults
    assert fault.kind == "scope"
    assert fault.message.endswith(
        'has a scope of "request", it cannot depend on dependencies with scope "function".'
    )
    first, second, *_, last = fault.chain.splitlines()
    assert place_of(main) in first
    assert place_of(REFUSED[name]) in second
    assert place_of(plain if "plain" in name else F1) in last


ALLOWED = {
    "function over function": root_over(generator_over(F1, "function"), "function"),
    "function over request": root_over(generator_over(R1), "function"),
    "request over request": root_over(generator_over(R1, "request")),
    "plain over function": root_over(plain_over(F1, "function")),
    "plain of scope request over function": root_over(plain_over(F1, "function"), "request"),
    "root over function": root_over(F1, "function"),
    "function over plain over function": root_over(
        generator_over(plain_over(F1, "function")), "function"
    ),
    "plain declared function, not below a generator": root_over(plain, "function"),
}


@pytest.mark.parametrize("name", ALLOWED)
async def test_what_ends_first_may_hold_what_ends_later(name: str, container: Container) -> None:
    await container.call(ALLOWED[name])
    opens = [event for event in events if event.startswith("+")]
    closes = [event.replace("-", "+") for event in events if event.startswith("-")]
    assert closes == opens[::-1]


def test_all_violations_are_reported_at_once() -> None:
    first, second = generator_over(F1, "function"), generator_over(plain_over(F2, "function"))

    async def main(
        a: Annotated[Any, Depends(first)],
        b: Annotated[Any, Depends(R1)],
        c: Annotated[Any, Depends(second)],
    ) -> None: ...

    faults = faults_of(main)
    assert [place_of(F1) in fault.chain for fault in faults] == [True, True]
    assert [len(fault.chain.splitlines()) for fault in faults] == [3, 4]


def test_violations_are_reported_together_with_other_faults() -> None:
    async def main(a: Annotated[Any, Depends(REFUSED["directly"])], nobody: int) -> None: ...

    with pytest.raises(GraphError) as caught:
        Container().explain(main)
    assert type(caught.value) is GraphError
    assert {fault.kind for fault in caught.value.faults} == {"unprovided", "scope"}


def test_an_unknown_scope_is_refused_with_the_known_ones() -> None:
    async def main(a: Any = Depends(F1, scope="session")) -> None:  # type: ignore[arg-type]
        ...

    fault = only_fault_of(main)
    assert fault.kind == "scope"
    assert "scope='session'" in fault.message
    assert f"arameter 'a' of main ({place_of(main)})" in fault.message
    assert "'request'" in fault.hint
    assert "'function'" in fault.hint


async def test_the_narrow_scope_ends_right_after_the_function_returned(
    container: Container,
) -> None:
    """Also a failure of its exit is seen by the wide scope."""

    async def fails_late() -> AsyncIterator[None]:
        yield
        raise LookupError

    async def main(
        r1: Annotated[str, Depends(R1)],
        f1: Annotated[None, Depends(fails_late, scope="function")],
    ) -> str:
        events.append("main")
        return "never seen"

    with pytest.raises(LookupError):
        await container.call(main)
    assert events == ["+R1", "main", "R1 sees LookupError", "-R1"]
