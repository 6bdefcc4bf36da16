"""Return types against annotations: what is wrong for certain is found, and nothing else."""

import pytest

HEAD = """
    import contextlib
    import collections.abc
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from decimal import Decimal
    from typing import Generic, Literal, NewType, Optional, Protocol, TypedDict, TypeVar, Union

    T = TypeVar("T")
    UserId = NewType("UserId", int)

    class Animal: ...
    class Dog(Animal): ...
    class Stone: ...
    class Box(Generic[T]): ...
    class Named(Protocol):
        name: str
    class Options(TypedDict):
        size: int
"""

# What a dependency is annotated to return, and its parameter to take.
WRONG = [
    ("str", "int"),
    ("Stone", "Animal"),
    ("None", "str"),
    ("str | None", "int"),
    ("int | str", "Animal | None | bytes"),
    ("Box[int]", "Stone"),
    ("Options", "Stone"),
    ("Literal['a']", "int"),
    ("UserId", "str"),
    ("list[int]", "Mapping[str, int]"),
    ("Awaitable[str]", "str"),
    ("type[Stone]", "Stone"),
    ("str", "Annotated[int, 'metadata']"),
    ("Decimal", "int"),
    ("Iterator[str]", "str"),
]
RIGHT = [
    ("str", "str"),
    ("Dog", "Animal"),
    ("Animal", "Dog"),  # it may be one
    ("str | None", "str"),  # it may be there
    ("Any", "int"),
    ("int", "Any"),
    ("int", "object"),
    ("object", "int"),
    ("int", "float"),
    ("bool", "int"),
    ("T", "int"),
    ("Stone", "Named"),
    ("Named", "Stone"),
    ("Options", "dict[str, Any]"),
    ("dict[str, int]", "Mapping[str, Any]"),
    ("Box[int]", "Box[str]"),  # arguments are not compared
    ("Literal['a']", "str"),
    ("UserId", "int"),
    ("Nowhere", "int"),
    ("Callable[[], int]", "Callable[..., Any]"),
    ("Optional[int]", "Union[str, None]"),
    ("Sequence[str]", "list[str]"),
]


def program(returned: str, taken: str) -> str:
    return f"""{HEAD}
    async def value() -> {returned}: ...

    @app.get("/")
    async def read(value: Annotated[{taken}, Depends(value)]): ...
    """


def rules(report):
    return [(each.rule, each.level) for each in report.findings if each.level != "note"]


@pytest.mark.parametrize(("returned", "taken"), WRONG)
def test_what_can_never_fit_is_found(checked, returned: str, taken: str) -> None:
    report = checked(program(returned, taken))
    assert rules(report) == [("contradiction", "error")]
    (finding,) = report.findings
    assert finding.message.startswith("Parameter 'value' of read is annotated with ")


@pytest.mark.parametrize(("returned", "taken"), RIGHT)
def test_what_may_fit_is_let_alone(checked, returned: str, taken: str) -> None:
    assert checked(program(returned, taken)).findings == []


def test_every_kind_of_callable_is_looked_at(checked) -> None:
    report = checked(f"""{HEAD}
    async def generator() -> AsyncIterator[str]: yield ""
    async def nothing() -> collections.abc.AsyncGenerator[None]: yield
    @contextlib.asynccontextmanager
    async def manager() -> AsyncIterator[str]: yield ""
    async def function(number: int) -> str: ...
    class Instance:
        async def __call__(self) -> str: ...
        async def method(self) -> str: ...

    @app.get("/")
    async def read(
        one: Annotated[int, Depends(generator)],
        two: Annotated[int, Depends(nothing)],
        three: Annotated[int, Depends(manager)],
        four: Annotated[int, Depends(partial(function, number=1))],
        five: Annotated[int, Depends(Instance())],
        six: Annotated[int, Depends(Instance().method)],
        seven: Annotated[int, Depends(Stone)],
        eight: Annotated[Stone, Depends(Stone)],
        nine: Annotated[None, Depends(nothing)],
        ten: Annotated[int, Depends(Box[int])],
        eleven=Depends(generator),
    ): ...
    """)
    assert rules(report) == [("contradiction", "error")] * 8
    wrong = {each.message.split("'")[1] for each in report.findings if each.level == "error"}
    assert wrong == {"one", "two", "three", "four", "five", "six", "seven", "ten"}
    (made,) = [each for each in report.findings if "'seven'" in each.message]
    assert made.message.endswith(") makes Stone.")
    assert made.hint == "annotate it with Stone, or depend on something else"


def test_a_function_that_yields_is_annotated_as_an_iterator(checked) -> None:
    report = checked("""
        async def session() -> str: yield ""
        def other() -> str | None: yield ""

        @app.get("/")
        async def read(
            one: Annotated[int, Depends(session)],
            two: Annotated[int, Depends(session)],
            three: Annotated[int, Depends(other)],
        ): ...
    """)
    assert [(each.rule, each.message, each.hint) for each in report.findings[:2]] == [
        (
            "yield-annotation",
            "session yields, but is annotated to return str.",
            "write -> AsyncIterator[str]",
        ),
        (
            "yield-annotation",
            "other yields, but is annotated to return str | None.",
            "write -> Iterator[str | None]",
        ),
    ]


def test_the_declared_parameter_of_a_dependency_counts_too(checked) -> None:
    report = checked("""
        async def number() -> int: ...
        async def text(number: Annotated[str, Depends(number)]) -> str: ...

        @app.get("/")
        async def read(text: Annotated[str, Depends(text)]): ...
    """)
    assert rules(report) == [("contradiction", "error")]
    assert report.findings[0].line == 10
