"""Plain functions are read off their code, and come out as ``inspect`` says."""

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import pytest

from tenure import Depends
from tenure.graph.providers import Provider, provider_of
from tenure.graph.signatures import declared_parameters, is_plain_function


def make() -> list[Callable[..., Any]]:
    """Functions nobody has looked at, of every form."""

    def nothing(): ...

    def positional(a, b: int, /, c: str, d=4, *, e, f: int = 6, **more: float): ...

    def variadic(a, *rest: int, b: str = "b"): ...

    def named(*, a, b=2): ...

    def defaults(a, /, b=2, c: "int" = 3): ...

    def by_position(a=1, b=None, /): ...

    async def coroutine(depends: Annotated[int, Depends(nothing)], text: "Later" = None): ...  # type: ignore[name-defined]  # noqa: F821

    def generator(a: list[int]) -> Iterator[int]:
        yield 1

    async def async_generator(a: "list[str] | None") -> AsyncIterator[int]:
        yield 1

    return [
        nothing,
        positional,
        variadic,
        named,
        defaults,
        by_position,
        coroutine,
        generator,
        async_generator,
        lambda a, *b, c=1, **d: None,
    ]


FORMS = range(len(make()))


@pytest.mark.parametrize("form", FORMS)
def test_the_parameters_are_those_of_the_signature(form: int) -> None:
    function = make()[form]
    assert is_plain_function(function)
    expected = [
        (each.name, each.annotation, each.default, each.kind)
        for each in inspect.signature(function).parameters.values()
    ]
    assert [tuple(each) for each in declared_parameters(function)] == expected


@pytest.mark.parametrize("form", FORMS)
def test_the_short_way_finds_what_the_long_way_does(form: int) -> None:
    plain, marked = make()[form], make()[form]
    vars(marked)["of_the_programs"] = True
    assert not is_plain_function(marked)
    assert facts(provider_of(plain)) == facts(provider_of(marked))


def facts(provider: Provider) -> Any:
    return (
        provider.kind,
        provider.indirect,
        [
            # Each set of functions has its own ``nothing`` to depend on.
            (each.name, str(each.annotation).split(" at 0x")[0], each.default, each.kind)
            for each in provider.parameters
        ],
        [each.missing for each in provider.parameters],
        provider.name,
        provider.place,
        provider.word,
        provider.problems,
    )


def test_what_a_function_says_of_itself_counts() -> None:
    def function(a: int) -> None: ...

    vars(function)["__signature__"] = inspect.signature(lambda b: b)
    assert [each.name for each in declared_parameters(function)] == ["b"]
