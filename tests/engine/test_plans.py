"""The generated function: its text, its tracebacks, its names, and that it can go away."""

import asyncio
import gc
import keyword
import linecache
import re
import traceback
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import pytest

from tenure import Container, Depends
from tests.engine.support import place_of, run


def get_number() -> int:
    return 1


def get_names() -> Iterator[list[str]]:
    yield ["name"]


async def get_session() -> AsyncIterator[str]:
    yield "session"


def plans_in_linecache() -> set[str]:
    return {name for name in linecache.cache if name.startswith("<tenure plan ")}


def test_a_traceback_shows_the_line_of_the_plan() -> None:
    async def main(number: Annotated[int, Depends(get_number)]) -> None:
        raise LookupError

    with pytest.raises(LookupError) as caught:
        run(main)
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert frames[-1].name == "main"
    assert frames[-2].filename.startswith("<tenure plan ")
    assert frames[-2].name == "solve_main"
    assert frames[-2].line == "result = await main(number)"


def test_the_file_name_of_a_plan_says_which_function_it_runs() -> None:
    async def main() -> None:
        raise LookupError

    with pytest.raises(LookupError) as caught:
        run(main)
    frames = traceback.extract_tb(caught.value.__traceback__)
    [name] = {frame.filename for frame in frames if frame.filename.startswith("<tenure plan ")}
    line = main.__code__.co_firstlineno
    assert re.fullmatch(rf"<tenure plan \d+ test_plans\.py:{line} solve_main>", name)


def test_explain_shows_every_dependency_with_its_place() -> None:
    async def main(
        number: Annotated[int, Depends(get_number)],
        names: Annotated[list[str], Depends(get_names)],
        session: Annotated[str, Depends(get_session, scope="function")],
        size: int,
    ) -> None: ...

    source = Container().explain(main, "size")
    for dependency in (get_number, get_names, get_session):
        assert f"{dependency.__name__} at {place_of(dependency)}" in source
    assert 'scope "function"' in source
    assert "main(number, names, session, size)" in source


def test_explain_is_the_text_that_runs() -> None:
    async def main(number: Annotated[int, Depends(get_number)]) -> None: ...

    container = Container()
    before = plans_in_linecache()
    source = container.explain(main)
    [name] = plans_in_linecache() - before
    assert "".join(linecache.getlines(name)) == source


def test_the_text_of_a_plan_survives_a_check_of_the_line_cache() -> None:
    """Debuggers and `traceback` check it against the files on disk."""

    async def main() -> None: ...

    container = Container()
    before = plans_in_linecache()
    container.explain(main)
    [name] = plans_in_linecache() - before
    linecache.checkcache()
    assert linecache.getline(name, 1) == "async def solve_main(scope, source):\n"


def test_plans_are_freed_with_their_container() -> None:
    """At once, by counting references."""

    async def main(
        number: Annotated[int, Depends(get_number)], session: Annotated[str, Depends(get_session)]
    ) -> None: ...

    gc.collect()
    before = plans_in_linecache()
    container = Container()
    container.explain(main)
    function = weakref.ref(main)
    plan = weakref.ref(next(iter(container._calls._programs.values())).function)
    assert plan() is not None
    assert len(plans_in_linecache()) == len(before) + 1
    gc.disable()
    try:
        del container
        assert plan() is None
        assert plans_in_linecache() == before
        del main
        assert function() is None
    finally:
        gc.enable()


def test_plans_that_have_run_and_failed_are_freed_as_well() -> None:
    gc.collect()
    before = plans_in_linecache()

    def use() -> weakref.ref[Any]:
        async def main(fails: bool, session: Annotated[str, Depends(get_session)]) -> None:
            if fails:
                raise LookupError

        run(main, fails=False)
        with pytest.raises(LookupError):
            run(main, fails=True)
        return weakref.ref(main)

    function = use()
    gc.collect()  # the traceback that pytest keeps is a cycle
    assert function() is None
    assert plans_in_linecache() == before


@pytest.mark.xfail(reason="what is known of a class holds the class")
def test_a_class_that_names_itself_is_freed() -> None:
    """What is known of a callable does not keep it alive."""

    def declare() -> weakref.ref[Any]:
        class Node:
            def __init__(self, parent: "Node | None" = None) -> None:
                self.parent = parent

            @classmethod
            def make(cls, number: Annotated[int, Depends(get_number)]) -> "Node":
                return cls()

        async def main(
            node: Annotated[Node, Depends()], made: Annotated[Node, Depends(Node.make)]
        ) -> None: ...

        Container().explain(main)
        return weakref.ref(Node)

    node = declare()
    gc.collect()
    assert node() is None


def test_a_second_call_uses_the_plan_of_the_first() -> None:
    async def main(size: int = 1) -> int:
        return size

    container = Container()
    container.explain(main)
    before = plans_in_linecache()
    container.explain(main)
    assert plans_in_linecache() == before
    container.explain(main, "size")
    assert len(plans_in_linecache()) == len(before) + 1


async def with_everything(
    number: Annotated[int, Depends(get_number)],
    names: Annotated[list[str], Depends(get_names)],
    session: Annotated[str, Depends(get_session, scope="function")],
    size: int,
) -> None: ...


def names_in_a_plan() -> list[str]:
    """Every name in the text of a plan that has a step of each kind."""
    words = set(re.findall(r"[A-Za-z_]\w*", Container().explain(with_everything, "size")))
    return sorted(word for word in words if not keyword.iskeyword(word))


async def test_a_parameter_may_have_any_name(container: Container) -> None:
    """Also one that the plan uses for itself, for a dependency as for an argument."""
    scope: dict[str, Any] = {
        "Depends": Depends,
        "get_number_": get_number,
        "get_names_": get_names,
        "get_session_": get_session,
    }
    for name in [*names_in_a_plan(), "__x", "_", "__class__", "print", "self", "ﬁ"]:
        for dependency, value in (
            ("get_number_", 1),
            ("get_names_", ["name"]),
            ("get_session_", "session"),
        ):
            exec(
                f"async def main({name}=Depends({dependency}), *, kept=Depends(get_session_), "
                f"more=Depends(get_names_, use_cache=False)): return {name}, kept, more",
                scope,
            )
            assert await container.call(scope["main"]) == (value, "session", ["name"]), name
        exec(f"async def main({name}, kept=Depends(get_session_)): return {name}, kept", scope)
        given = {"fi" if name == "ﬁ" else name: 5}
        assert await container.call(scope["main"], **given) == (5, "session")


async def test_a_function_may_have_any_name(container: Container) -> None:
    for name in [*names_in_a_plan(), "__x", "lambda", "not an identifier", "", "a\nb"]:
        assert await call_named(name, container) == 1, name


def test_a_function_may_have_a_name_that_python_writes_in_another_way() -> None:
    assert asyncio.run(call_named("ﬁ", Container())) == 1


async def call_named(name: str, container: Container) -> int:
    async def dependency() -> AsyncIterator[int]:
        yield 1

    async def main(value: Annotated[int, Depends(dependency)]) -> int:
        return value

    for function in (dependency, main):
        function.__name__ = function.__qualname__ = name
    return await container.call(main)


@pytest.mark.parametrize(
    "text",
    [
        "a\n    raise SystemExit  #",
        "a\r    raise SystemExit",
        "a\x0c\x1c\x85\u2028raise SystemExit",
        "\udce9",
        "a\\",
        "\0",
        "'''",
    ],
    ids=ascii,
)
def test_no_text_of_the_user_becomes_code(text: str) -> None:
    """Names and places stand in comments; nothing in them may end the comment."""
    names: dict[str, Any] = {}
    file = text.replace("\0", "")
    code = compile("async def f(): yield 1\nasync def g(): return 2", file, "exec")
    exec(code, names)
    for function in (names["f"], names["g"]):
        function.__qualname__ = text

    async def main(f: Annotated[int, Depends(names["f"])], g: int = Depends(names["g"])) -> Any:
        return f, g

    main.__qualname__ = text
    assert run(main) == (1, 2)
    compile(Container().explain(main), "plan", "exec")


def test_two_dependencies_of_one_name_are_told_apart() -> None:
    def make(value: int) -> Callable[..., Any]:
        async def same() -> AsyncIterator[int]:
            yield value

        return same

    async def below(value: Annotated[int, Depends(make(1))]) -> int:
        return value

    async def main(
        value: Annotated[int, Depends(make(2))], below: Annotated[int, Depends(below)]
    ) -> tuple[int, int]:
        return value, below

    assert run(main) == (2, 1)
