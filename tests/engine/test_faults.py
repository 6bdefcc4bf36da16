"""Mistakes in a declaration: found before anything runs, all at once, with the way to them."""

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from tenure import Container, Depends, GraphError, TenureError
from tests.engine.support import faults_of, only_fault_of, place_of


def cycle_of(*names: str) -> Callable[..., Any]:
    """Functions of these names, each depending on the next and the last on the first."""
    scope: dict[str, Any] = {"Depends": Depends}
    for name in names:
        exec(f"def {name}(needs=None): ...", scope)
    for name, needs in zip(names, [*names[1:], names[0]], strict=True):
        scope[name].__defaults__ = (Depends(scope[needs]),)
    made: Callable[..., Any] = scope[names[0]]
    return made


def above(call: Callable[..., Any]) -> Callable[..., Any]:
    async def main(value: Annotated[Any, Depends(call)]) -> None: ...

    return main


def test_a_function_that_depends_on_itself() -> None:
    fault = only_fault_of(above(cycle_of("a")))
    assert fault.kind == "cycle"
    assert "a → a" in fault.message
    assert len(fault.chain.splitlines()) == 3


def test_a_root_that_depends_on_itself() -> None:
    fault = only_fault_of(cycle_of("a"))
    assert fault.kind == "cycle"
    assert "a → a" in fault.message


def test_a_cycle_is_drawn_from_the_root_with_its_beginning_and_end() -> None:
    fault = only_fault_of(above(cycle_of("a", "b", "c")))
    assert fault.kind == "cycle"
    assert "a → b → c → a" in fault.message
    steps = [line.split("(")[0].strip(" └─") for line in fault.chain.splitlines()]
    assert steps[:-1] == ["main", "a", "b", "c"]
    assert "begins here" in fault.chain.splitlines()[1]
    assert "again" in fault.chain.splitlines()[-1]
    assert fault.hint


def test_a_cycle_that_is_reached_in_two_ways_is_one_fault() -> None:
    cycle = cycle_of("a", "b")

    async def main(
        one: Annotated[Any, Depends(cycle)], two: Annotated[Any, Depends(above(cycle))]
    ) -> None: ...

    assert only_fault_of(main).kind == "cycle"


def test_two_cycles_are_two_faults() -> None:
    async def main(
        one: Annotated[Any, Depends(cycle_of("a", "b"))],
        two: Annotated[Any, Depends(cycle_of("c"))],
    ) -> None: ...

    assert [fault.kind for fault in faults_of(main)] == ["cycle", "cycle"]


def test_uncached_declarations_make_cycles_as_well() -> None:
    def endless(again: Any = None) -> None: ...

    endless.__defaults__ = (Depends(endless, use_cache=False),)
    assert only_fault_of(above(endless)).kind == "cycle"


def test_a_diamond_is_no_cycle() -> None:
    def top() -> int:
        return 1

    def left(top: Annotated[int, Depends(top)]) -> int:
        return top

    def right(top: Annotated[int, Depends(top)], left: Annotated[int, Depends(left)]) -> int:
        return top + left

    async def main(
        left: Annotated[int, Depends(left)], right: Annotated[int, Depends(right)]
    ) -> None: ...

    Container().explain(main)


@dataclass
class Unhashable:
    """A dataclass compares by its fields, so it has no hash."""

    name: str = "unhashable"

    async def __call__(self) -> str:
        return self.name


def test_an_unhashable_dependency() -> None:
    async def main(value: Annotated[Any, Depends(Unhashable())]) -> None: ...

    fault = only_fault_of(main)
    assert fault.kind == "unhashable"
    assert "Unhashable" in fault.message
    assert f"arameter 'value' of main ({place_of(main)})" in fault.message
    assert "frozen=True" in fault.hint


async def test_an_unhashable_root_can_be_called(container: Container) -> None:
    """It is shared with nobody."""
    assert await container.call(Unhashable("a")) == "a"
    assert await container.call(Unhashable("b")) == "b"


@pytest.mark.parametrize("value", [3, "text", object(), ()], ids=repr)
def test_a_dependency_that_cannot_be_called(value: Any) -> None:
    async def main(thing: Any = Depends(value)) -> None: ...

    fault = only_fault_of(main)
    assert fault.kind == "uncallable"
    assert f"arameter 'thing' of main ({place_of(main)})" in fault.message


def test_a_root_that_cannot_be_called() -> None:
    assert only_fault_of(3).kind == "uncallable"


def test_depends_that_names_nothing() -> None:
    async def main(thing=Depends()) -> None: ...

    fault = only_fault_of(main)
    assert fault.kind == "empty"
    assert "arameter 'thing' of main" in fault.message


def test_any_number_of_arguments() -> None:
    def variadic(*args: Any, **kwargs: Any) -> None: ...

    first, second = faults_of(above(variadic))
    assert (first.kind, second.kind) == ("variadic", "variadic")
    assert f"arameter 'args' of variadic ({place_of(variadic)})" in first.message
    assert f"arameter 'kwargs' of variadic ({place_of(variadic)})" in second.message


def test_a_decorator_that_forgot_functools_wraps_is_told_so() -> None:
    def decorate(call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            return call(*args, **kwargs)

        return wrapper

    @decorate
    def function(value: int = Depends(int)) -> int:
        return value

    first, _ = faults_of(above(function))
    assert "functools.wraps" in first.hint


def test_positional_only_parameters() -> None:
    def positional(value: int = Depends(lambda: 1), /) -> None: ...

    fault = only_fault_of(above(positional))
    assert fault.kind == "positional"
    assert f"arameter 'value' of positional ({place_of(positional)})" in fault.message


def test_a_positional_only_parameter_that_a_partial_fills_is_no_fault() -> None:
    def positional(value: int, /, other: int = Depends(lambda: 1)) -> None: ...

    Container().explain(above(functools.partial(positional, 1)))


def test_a_parameter_that_nobody_fills() -> None:
    def needs(name: str) -> None: ...

    fault = only_fault_of(above(needs))
    assert fault.kind == "unprovided"
    assert f"arameter 'name' of needs ({place_of(needs)})" in fault.message
    assert "Depends" in fault.hint


def test_a_root_that_yields() -> None:
    async def opens() -> AsyncIterator[None]:
        yield

    def opens_in_thread() -> Iterator[None]:
        yield

    assert only_fault_of(opens).kind == "root"
    assert only_fault_of(opens_in_thread).kind == "root"


def test_a_lambda_and_a_partial_have_names_and_places_too() -> None:
    def needs(name: str) -> None: ...

    fault = only_fault_of(above(functools.partial(needs)))
    assert f"partial(needs) ({place_of(needs)})" in fault.message
    in_lambda = lambda name: name  # noqa: E731
    fault = only_fault_of(above(in_lambda))
    assert f"<lambda> ({place_of(in_lambda)})" in fault.message


def test_all_faults_of_a_graph_are_reported_at_once_in_declared_order() -> None:
    def needs(name: str, *more: int) -> None: ...

    def positional(value: int, /) -> None: ...

    class Service:
        def __init__(self, needs: Annotated[None, Depends(needs)], unknown: "Nowhere") -> None:  # type: ignore[name-defined]  # noqa: F821
            ...

    async def main(
        service: Annotated[Service, Depends()],
        cycle: Annotated[None, Depends(cycle_of("a", "b"))],
        three: Any = Depends(3),  # type: ignore[arg-type]
        unhashable: Any = Depends(Unhashable()),
        empty=Depends(),
        both: Annotated[int, Depends(needs)] = Depends(needs),
        scope: Any = Depends(Service, scope="nowhere"),  # type: ignore[arg-type]
        positional: Any = Depends(positional),
        *,
        nobody: int,
    ) -> None: ...

    with pytest.raises(GraphError) as caught:
        Container().explain(main)
    assert sorted(fault.kind for fault in caught.value.faults) == sorted(
        [
            "unprovided",
            "variadic",
            "unresolved",
            "cycle",
            "uncallable",
            "unhashable",
            "empty",
            "twice",
            "scope",
            "positional",
            "unprovided",
        ]
    )
    text = str(caught.value)
    assert text.startswith("11 faults")
    for number, fault in enumerate(caught.value.faults, 1):
        assert f"{number}. {fault}" in text
        assert fault.chain.splitlines()[0] == f"main  ({place_of(main)})"
        assert fault.hint


def test_nothing_runs_when_something_is_wrong() -> None:
    """Not even what stands before the fault; and the call does not have to be awaited."""

    def runs() -> None:
        raise AssertionError

    async def main(runs: Annotated[None, Depends(runs)], nobody: int) -> None: ...

    with pytest.raises(GraphError):
        _ = Container().call(main)


def test_each_error_is_a_tenure_error_and_a_runtime_error() -> None:
    async def main(nobody: int) -> None: ...

    for kind in (GraphError, TenureError, RuntimeError):
        with pytest.raises(kind):
            Container().explain(main)
