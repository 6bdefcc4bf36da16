"""Classes as dependencies, generic ones above all."""

import functools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

import pytest

from tenure import Container, Depends
from tests.engine.support import only_fault_of

T = TypeVar("T")
K = TypeVar("K")


def get_answer() -> int:
    return 42


class Session:
    def __init__(self) -> None:
        self.statements: list[str] = []


async def test_a_class_with_a_constructor_is_given_its_dependencies(container: Container) -> None:
    class Service:
        def __init__(
            self, session: Annotated[Session, Depends()], answer: int = Depends(get_answer)
        ) -> None:
            self.session, self.answer = session, answer

    async def main(service: Annotated[Service, Depends()]) -> Service:
        return service

    service = await container.call(main)
    assert type(service) is Service
    assert type(service.session) is Session
    assert service.answer == 42


async def test_constructors_are_found_wherever_classes_have_them(container: Container) -> None:
    class Inherits(Session):
        pass

    class Creates:
        answer: int

        def __new__(cls, answer: Annotated[int, Depends(get_answer)]) -> "Creates":
            made = super().__new__(cls)
            made.answer = answer
            return made

    class Empty:
        pass

    @dataclass
    class Data:
        answer: Annotated[int, Depends(get_answer)]
        session: Session = Depends()  # noqa: RUF009

    @dataclass(frozen=True, kw_only=True)
    class MoreData:
        answer: int = Depends(get_answer)

    class Named(NamedTuple):
        answer: Annotated[int, Depends(get_answer)]

    async def main(
        inherits: Annotated[Inherits, Depends()],
        creates: Annotated[Creates, Depends()],
        empty: Annotated[Empty, Depends()],
        data: Annotated[Data, Depends()],
        more_data: Annotated[MoreData, Depends()],
        named: Annotated[Named, Depends()],
    ) -> list[Any]:
        return [inherits, creates, empty, data, more_data, named]

    inherits, creates, empty, data, more_data, named = await container.call(main)
    assert type(inherits) is Inherits
    assert inherits.statements == []
    assert type(creates) is Creates
    assert type(empty) is Empty
    assert type(data.session) is Session
    assert [creates.answer, data.answer, more_data.answer, named.answer] == [42] * 4


async def test_a_partial_of_a_class_is_constructed_with_its_arguments(container: Container) -> None:
    class Page:
        def __init__(self, size: int, session: Annotated[Session, Depends()]) -> None:
            self.size, self.session = size, session

    async def main(page: Annotated[Page, Depends(functools.partial(Page, 20))]) -> Page:
        return page

    page = await container.call(main)
    assert (type(page), page.size, type(page.session)) == (Page, 20, Session)


class User:
    pass


class Order:
    pass


class Store(Generic[T]):
    def __init__(self, make: Annotated[T, Depends()]) -> None:
        self.made = make


class Repository(Generic[T]):
    def __init__(self, store: Annotated[Store[T], Depends()], other: Store[T] = Depends()) -> None:
        self.store = store
        self.other = other


class UserRepository(Repository[User]):
    pass


class Named(Repository[T], Generic[K, T]):
    pass


class OrdersByUser(Named[User, Order]):
    pass


class Handler(Generic[T]):
    """Its own type variable goes through two more classes."""

    def __init__(self, repository: Annotated[Named[str, T], Depends()]) -> None:
        self.repository = repository


@pytest.mark.parametrize(
    ("call", "stored"),
    [
        (Repository[User], User),
        (Repository[Order], Order),
        (UserRepository, User),
        (Named[int, User], User),
        (OrdersByUser, Order),
    ],
    ids=str,
)
async def test_type_variables_of_a_generic_class_are_substituted(
    call: Any, stored: type, container: Container
) -> None:
    async def main(repository: Annotated[Any, Depends(call)]) -> Any:
        return repository

    repository = await container.call(main)
    assert isinstance(repository, getattr(call, "__origin__", call))
    assert type(repository.store.made) is stored
    assert repository.other is repository.store


async def test_substitution_reaches_through_several_generic_classes(container: Container) -> None:
    async def main(
        users: Annotated[Handler[User], Depends()],
        orders: Annotated[Handler[Order], Depends()],
        partial: Annotated[Any, Depends(functools.partial(Handler[User]))],
    ) -> list[Any]:
        return [users, orders, partial]

    users, orders, partial = await container.call(main)
    assert type(users.repository.store.made) is User
    assert type(orders.repository.store.made) is Order
    assert partial.repository is users.repository


async def test_one_parametrisation_is_shared_and_two_are_not(container: Container) -> None:
    async def main(
        first: Annotated[Repository[User], Depends()],
        again: Repository[User] = Depends(),
        named: Any = Depends(Repository[User]),
        other: Repository[Order] = Depends(),
    ) -> list[Any]:
        return [first, again, named, other]

    first, again, named, other = await container.call(main)
    assert first is again is named
    assert other is not first


async def test_a_type_variable_names_a_generic_class_that_was_given(container: Container) -> None:
    """`T` itself may stand for another parametrised class."""

    class Holder(Generic[T]):
        def __init__(self, held: Annotated[T, Depends()]) -> None:
            self.held = held

    async def main(holder: Annotated[Holder[Store[User]], Depends()]) -> Any:
        return holder.held

    held = await container.call(main)
    assert isinstance(held, Store)
    assert type(held.made) is User


async def test_a_type_variable_in_a_depends_is_substituted(container: Container) -> None:
    class Factory(Generic[T]):
        def __init__(self, store: Any = Depends(Store[T])) -> None:  # type: ignore[valid-type]
            self.store = store

    async def main(factory: Annotated[Factory[User], Depends()]) -> Any:
        return factory.store

    assert type((await container.call(main)).made) is User


def test_an_open_type_variable_is_a_fault_at_declaration() -> None:
    async def main(store: Store[User] = Depends(Store)) -> None: ...

    fault = only_fault_of(main)
    assert fault.kind == "uncallable"
    assert "~T in " in fault.message
    assert "arameter 'make' of Store" in fault.message


async def test_a_generator_that_serves_a_class_is_closed_after_it(container: Container) -> None:
    events: list[str] = []

    async def get_session() -> AsyncIterator[Session]:
        events.append("open")
        yield Session()
        events.append("close")

    class Service:
        def __init__(self, session: Annotated[Session, Depends(get_session)]) -> None:
            events.append("construct")
            self.session = session

    async def main(service: Annotated[Service, Depends()]) -> None:
        events.append("main")

    await container.call(main)
    assert events == ["open", "construct", "main", "close"]


@pytest.mark.parametrize("call", [dict, str, int], ids=lambda call: call.__name__)
def test_a_builtin_without_signature_is_refused_or_needs_nothing(call: Any) -> None:
    """Some built-in classes tell their signature and some do not: neither is called by surprise."""

    async def main(value: Annotated[Any, Depends(call)]) -> None: ...

    fault = only_fault_of(main)
    assert fault.kind in {"signature", "variadic", "positional", "unprovided"}
    assert call.__name__ in fault.message


def test_declaring_constructs_nothing() -> None:
    class Fails:
        def __init__(self) -> None:
            raise ValueError

    async def main(value: Annotated[Fails, Depends()]) -> None: ...

    assert "Fails" in Container().explain(main)
