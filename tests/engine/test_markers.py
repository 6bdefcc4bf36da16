"""How a dependency is declared: in the annotation, as a default, through an alias."""

import sys
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from typing_extensions import TypeAliasType

from tenure import Container, Depends
from tests.engine.support import only_fault_of, run


def get_number() -> int:
    return 1


def get_other_number() -> int:
    return 2


class Settings:
    name = "settings"


Number = Annotated[int, Depends(get_number)]
NamedNumber = TypeAliasType("NamedNumber", Annotated[int, Depends(get_number)])
NumberOfNumber = TypeAliasType("NumberOfNumber", NamedNumber)


async def test_annotation_default_and_alias_declare_the_same_dependency(
    container: Container,
) -> None:
    calls: list[str] = []

    def get_value() -> object:
        calls.append("called")
        return object()

    alias = Annotated[object, Depends(get_value)]

    async def main(
        annotated: Annotated[object, Depends(get_value)],
        aliased: alias,  # type: ignore[valid-type]
        default: object = Depends(get_value),
        *,
        keyword_only: object = Depends(get_value),
        untyped=Depends(get_value),
    ) -> set[int]:
        return {id(each) for each in (annotated, aliased, default, keyword_only, untyped)}

    assert len(await container.call(main)) == 1
    assert calls == ["called"]


async def test_depends_without_a_callable_calls_the_annotation(container: Container) -> None:
    async def main(
        annotated: Annotated[Settings, Depends()], default: Settings = Depends()
    ) -> Settings:
        assert annotated is default
        return annotated

    assert type(await container.call(main)) is Settings


async def test_the_last_depends_of_an_annotation_wins(container: Container) -> None:
    async def main(number: Annotated[Number, "documentation", Depends(get_other_number)]) -> int:
        return number

    assert await container.call(main) == 2


async def test_depends_stands_among_other_metadata(container: Container) -> None:
    async def main(number: Annotated[int, "before", Depends(get_number), {"after": []}]) -> int:
        return number

    assert await container.call(main) == 1


def test_depends_both_in_the_annotation_and_as_default_is_refused() -> None:
    async def main(number: Number = Depends(get_other_number)) -> None: ...

    fault = only_fault_of(main)
    assert fault.kind == "twice"
    assert "arameter 'number' of main" in fault.message


async def test_a_default_value_beside_depends_in_the_annotation_is_not_used(
    container: Container,
) -> None:
    async def main(number: Number = 99) -> int:
        return number

    assert await container.call(main) == 1


async def test_parameters_with_a_default_are_left_alone(container: Container) -> None:
    async def main(number: Number, limit: int = 20, *, page: str = "first") -> tuple[int, int, str]:
        return number, limit, page

    assert await container.call(main) == (1, 20, "first")


async def test_arguments_of_the_call_fill_what_no_depends_fills(container: Container) -> None:
    async def main(number: Number, limit: int, page: str = "first") -> tuple[int, int, str]:
        return number, limit, page

    assert await container.call(main, limit=5) == (1, 5, "first")
    assert await container.call(main, limit=6, page="last") == (1, 6, "last")
    assert await container.call(main, page="last", limit=None) == (1, None, "last")


def test_an_argument_that_the_function_does_not_take_is_refused() -> None:
    async def main(limit: int) -> None: ...

    with pytest.raises(TypeError, match=r"main \(.*test_markers.py:\d+\) takes .* size"):
        _ = Container().call(main, limit=1, size=2)


def test_an_argument_in_the_place_of_a_dependency_is_refused() -> None:
    async def main(number: Number) -> None: ...

    with pytest.raises(TypeError, match=r"main \(.*test_markers.py:\d+\) declares number"):
        _ = Container().call(main, number=2)


def test_arguments_fill_the_root_only() -> None:
    def below(limit: int) -> int:
        return limit

    async def main(limit: int, below: Annotated[int, Depends(below)]) -> None: ...

    fault = only_fault_of(main, "limit")
    assert fault.kind == "unprovided"
    assert "arameter 'limit' of test_arguments_fill_the_root_only" not in fault.message
    assert "arameter 'limit' of below" in fault.message


async def test_depends_through_a_named_type_alias(container: Container) -> None:
    async def main(
        number: NamedNumber, again: NumberOfNumber, documented: Annotated[NamedNumber, "words"]
    ) -> tuple[int, int, int]:
        return number, again, documented

    assert await container.call(main) == (1, 1, 1)


STATEMENTS = """
from typing import Annotated

from tenure import Depends


def get_number() -> int:
    return 1


class Settings:
    pass


class Store[T]:
    def __init__(self, made: Annotated[T, Depends()]) -> None:
        self.made = made


class Sorted[K, T](Store[T]):
    pass


type Number = Annotated[int, Depends(get_number)]
type Same = Number
type Made[T] = Annotated[T, Depends()]
type StoreOf[T] = Annotated[Store[T], Depends()]
type Later = Annotated[Afterwards, Depends()]
type Never = Annotated[Nowhere, Depends()]


class Afterwards:
    pass


async def aliases(number: Number, same: Same, later: Later, text: "Number") -> list:
    return [number, same, type(later).__name__, text]


async def generic_alias(settings: Made[Settings], store: StoreOf[Settings]) -> list:
    return [type(settings).__name__, type(store.made).__name__]


async def generic_classes(
    store: Annotated[Store[Settings], Depends()],
    sorted: Annotated[Sorted[int, Settings], Depends()],
) -> list:
    return [type(store.made).__name__, type(sorted.made).__name__]


async def generic_function[T: int](number: Annotated[T, Depends(get_number)]) -> T:
    return number


async def unknown(value: Never) -> None: ...
"""


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the type statement is new")
def test_type_statements_and_generic_classes_of_python_3_12() -> None:
    names: dict[str, Any] = {"__name__": "statements"}
    exec(compile(STATEMENTS, "statements.py", "exec", dont_inherit=True), names)
    assert run(names["aliases"]) == [1, 1, "Afterwards", 1]
    assert run(names["generic_alias"]) == ["Settings", "Settings"]
    assert run(names["generic_classes"]) == ["Settings", "Settings"]
    assert run(names["generic_function"]) == 1
    fault = only_fault_of(names["unknown"])
    assert fault.kind == "unresolved"
    assert "'Nowhere'" in fault.message
    assert "arameter 'value' of unknown (statements.py:" in fault.message


def test_one_marker_serves_many_parameters_of_many_functions() -> None:
    marker = Depends(get_number)
    assert marker == Depends(get_number)
    assert hash(marker) == hash(Depends(get_number))

    def below(number: int = marker) -> int:
        return number

    async def main(first: int = marker, below: int = Depends(below)) -> int:
        return first + below

    assert run(main) == 2


def test_generators_in_both_styles_are_one() -> None:
    events: list[str] = []

    def opened() -> Iterator[int]:
        events.append("open")
        yield 1
        events.append("close")

    async def main(
        first: Annotated[int, Depends(opened)], second: int = Depends(opened)
    ) -> None: ...

    run(main)
    assert events == ["open", "close"]
