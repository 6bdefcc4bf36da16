"""A module whose annotations are text, as many are: the programs of `test_annotations`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from tenure import Depends

if TYPE_CHECKING:
    import decimal

    from tests.engine.support import run as nowhere

T = TypeVar("T")


async def uses_what_comes_later(
    later: Annotated[Later, Depends()], default: Later = Depends()
) -> bool:
    return later is default


class Later:
    pass


def get_later(later: Annotated[Later, Depends()]) -> Later:
    return later


class Holder(Generic[T]):
    def __init__(self, held: Annotated[T, Depends()]) -> None:
        self.held = held


async def uses_a_generic_class(holder: Annotated[Holder[Later], Depends()]) -> Any:
    return type(holder.held)


@dataclass
class Data:
    later: Annotated[Later, Depends()]


async def uses_a_dataclass(data: Annotated[Data, Depends()]) -> Any:
    return type(data.later)


async def types_known_to_checkers_only(
    a: Annotated[decimal.Decimal, Depends(get_later)],
    b: Annotated[decimal.Decimal | None, Depends(get_later)],
    c: Annotated[list[decimal.Decimal], Depends(get_later)],
    d: Annotated[Callable[[decimal.Decimal], decimal.Context], Depends(get_later)],
    e: decimal.Decimal = Depends(get_later),
    f: dict[str, decimal.Decimal] | None = Depends(get_later),
) -> decimal.Decimal:
    return a


async def calls_what_checkers_know(a: Annotated[int, Depends(nowhere)]) -> None: ...


async def calls_a_type_that_checkers_know(a: Annotated[decimal.Decimal, Depends()]) -> None: ...


async def takes_a_type_that_checkers_know(amount: decimal.Decimal) -> None: ...


def make_main() -> Any:
    """What the annotations name is local, and gone once this has returned."""

    class Local:
        pass

    async def main(local: Annotated[Local, Depends()]) -> Any:
        return type(local).__name__

    return main


def make_main_that_captures() -> Any:
    """The body of the function uses the local name, so it keeps it."""

    class Local:
        pass

    async def main(local: Annotated[Local, Depends()]) -> bool:
        return type(local) is Local

    return main


def use_locally(use: Callable[[Any], Any]) -> Any:
    """Hand functions to *use* while the names in their annotations still exist."""

    class Outer:
        pass

    def inner_factory() -> Any:
        class Inner:
            def __init__(self, outer: Annotated[Outer, Depends()]) -> None:
                self.outer = outer

        def get_inner(inner: Annotated[Inner, Depends()]) -> Inner:
            return inner

        class Service:
            async def run(self, inner: Annotated[Inner, Depends(get_inner)]) -> list[str]:
                return [type(inner).__name__, type(inner.outer).__name__]

        use(Service().run)

        async def main(
            inner: Annotated[Inner, Depends(get_inner)], outer: Annotated[Outer, Depends()]
        ) -> list[str]:
            return [type(inner).__name__, type(outer).__name__]

        use(main)
        return main

    return inner_factory()


def shadow(use: Callable[[Any], Any]) -> None:
    class Later:
        is_local = True

    async def main(later: Annotated[Later, Depends()]) -> bool:
        return hasattr(later, "is_local")

    use(main)


def shadow_twice(use: Callable[[Any], Any]) -> None:
    class Local:
        level = "outer"

    def inner() -> None:
        class Local:
            level = "inner"

        async def main(local: Annotated[Local, Depends()]) -> str:
            return local.level

        use(main)

    inner()
