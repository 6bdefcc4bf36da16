"""Plans whose sources differ in names only share what was compiled, and nobody sees it."""

import dis
import gc
import sys
import threading
import time
import traceback
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from types import CodeType
from typing import Any

import pytest

from tenure import Container, Depends
from tenure.plan import loader
from tenure.plan.shapes import shape_of

from .support import run


def ask(word: str) -> Callable[[], str]:
    def answer() -> str:
        return word

    return answer


async def first(size: str = Depends(ask("small"))) -> str:
    return f"first {size}"


async def second(colour: str = Depends(ask("red"))) -> str:
    return f"second {colour}"


async def opened(first: str = Depends(first)) -> AsyncIterator[str]:
    yield f"opened {first}"


def in_a_thread(source: str = Depends(second)) -> Iterator[str]:
    yield f"thread {source}"


async def uses_first(value: str = Depends(first)) -> str:
    return value


async def uses_second(other: str = Depends(second)) -> str:
    return other


async def everything(
    one: str = Depends(opened),
    two: str = Depends(in_a_thread, scope="function"),
    größe: str = Depends(uses_first),  # noqa: PLC2401 - what is tested
    match: str = Depends(uses_second, use_cache=False),
    हिन्दी: str = Depends(ask("vowel signs")),  # noqa: N803, PLC2401
    a·b: str = Depends(ask("a dot")),  # noqa: PLC2401
    _1_: str = Depends(ask("numbered")),
    locals: str = Depends(ask("a name of the plan's")),
) -> list[str]:
    return [one, two, größe, match, हिन्दी, a·b, _1_, locals]


ALL = (uses_first, uses_second, everything)


def instructions(code: CodeType) -> list[tuple[Any, ...]]:
    """What *code* does, with names for their numbers; the code inside it in its place."""
    found: list[tuple[Any, ...]] = []
    for each in dis.get_instructions(code):
        if isinstance(each.argval, CodeType):
            found.extend(instructions(each.argval))
        else:
            line = each.positions.lineno if each.positions else None
            # Cells are numbered by the alphabet, so that sets of them may come in another order.
            found.append((each.opname, each.argval, line))
    return found


@pytest.mark.parametrize("main", ALL)
def test_the_code_is_what_the_text_says(main: Any) -> None:
    source = Container().explain(main)
    shared = loader._code_of(source, "<plan>")
    direct = loader._function_in(compile(source, "<plan>", "exec"))
    assert sorted(map(repr, instructions(shared))) == sorted(map(repr, instructions(direct)))
    assert shared.co_varnames == direct.co_varnames
    assert sorted(shared.co_cellvars) == sorted(direct.co_cellvars)
    assert (shared.co_name, shared.co_qualname) == (direct.co_name, direct.co_qualname)
    assert [line for *_, line in shared.co_lines()] == [line for *_, line in direct.co_lines()]


def test_names_do_not_get_mixed_up() -> None:
    assert run(everything) == [
        "opened first small",
        "thread second red",
        "first small",
        "second red",
        "vowel signs",
        "a dot",
        "numbered",
        "a name of the plan's",
    ]


def test_plans_of_one_shape_are_compiled_once() -> None:
    first_source, second_source = (Container().explain(each) for each in (uses_first, uses_second))
    assert first_source != second_source
    compiled = loader._compiled.cache_info().misses
    loader._code_of(first_source, "<plan 1>")
    loader._code_of(second_source, "<plan 2>")
    assert loader._compiled.cache_info().misses == compiled
    names = [(shape_of(source) or ("",))[0] for source in (first_source, second_source)]
    assert names[0] == names[1]


def test_a_text_in_the_source_is_left_alone() -> None:
    source = "def answer():\n    value = 'value'\n    return value\n"
    assert shape_of(source) is None
    answer: Any = loader.load(source, "answer", "here:1", {})
    assert answer() == "value"


def test_each_traceback_has_its_own_names_and_lines() -> None:
    def failing(word: str) -> Any:
        async def fails(found: str = Depends(ask(word))) -> None:
            raise LookupError(found)

        return fails

    async def one(apple: str = Depends(failing("a"))) -> None: ...

    async def other(banana: str = Depends(failing("b"))) -> None: ...

    for main, name in ((one, "apple"), (other, "banana")):
        with pytest.raises(LookupError) as caught:
            run(main)
        codes = [
            frame.f_code
            for frame, _ in traceback.walk_tb(caught.value.__traceback__)
            if frame.f_code.co_filename.startswith("<tenure plan ")
        ]
        assert {code.co_qualname for code in codes} == {f"solve_{main.__name__}"}
        assert codes[-1].co_filename.endswith(f" solve_{main.__name__}>")
        lines = [
            each.line
            for each in traceback.extract_tb(caught.value.__traceback__)
            if each.filename == codes[-1].co_filename
        ]
        assert str(lines[-1]).startswith(f"{name} = await fails(")


def test_a_shape_keeps_nothing_of_the_program() -> None:
    def declare() -> weakref.ref[Any]:
        async def main(value: str = Depends(ask("kept?"))) -> str:
            return value

        assert run(main) == "kept?"
        return weakref.ref(main)

    main = declare()
    gc.collect()
    assert main() is None


class Garbage:
    """Lets other threads go on while it is collected."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        time.sleep(0)


@pytest.fixture
def hasty() -> Iterator[None]:
    """Garbage is collected all the time, and threads take turns as often as they can."""
    threshold, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.set_threshold(20)
    sys.setswitchinterval(1e-6)
    yield
    gc.set_threshold(*threshold)
    sys.setswitchinterval(interval)


def test_threads_compile_at_the_same_time(hasty: None) -> None:
    failures: list[BaseException] = []

    def compile_some(thread: int) -> None:
        try:
            for number in range(20):
                Garbage()
                source = f"def f_{thread}_{number}(a):\n    return [a.b, (a.c, [1, {{2: 3}}])]\n"
                loader._compiled(source)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=compile_some, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
