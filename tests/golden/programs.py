"""The programs whose error texts and plans are kept beside this module, word for word."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from tenure import Depends

if TYPE_CHECKING:
    from decimal import Decimal

# Right ones, for the plans.


def get_settings() -> dict[str, str]:
    return {}


async def get_connection(
    settings: Annotated[dict[str, str], Depends(get_settings)],
) -> AsyncIterator[str]:
    yield "connection"


@contextlib.contextmanager
def open_transaction(connection: Annotated[str, Depends(get_connection)]) -> Iterator[str]:
    yield f"transaction on {connection}"


def timed(call: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(call)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return call(*args, **kwargs)

    return wrapper


@timed
async def get_user(transaction: Annotated[str, Depends(open_transaction)]) -> str:
    return f"user of {transaction}"


class Repository:
    def __init__(
        self,
        transaction: Annotated[str, Depends(open_transaction)],
        user: Annotated[str, Depends(get_user)],
    ) -> None:
        self.transaction, self.user = transaction, user


def lock_account() -> Iterator[None]:
    yield


async def nothing() -> str:
    return "result"


async def one_function(settings: Annotated[dict[str, str], Depends(get_settings)]) -> None: ...


async def one_generator(connection: Annotated[str, Depends(get_connection)]) -> None: ...


def in_a_thread(size: int, transaction: Annotated[str, Depends(open_transaction)]) -> None: ...


async def everything(
    lock: Annotated[None, Depends(lock_account, scope="function")],
    repository: Annotated[Repository, Depends()],
    again: Annotated[dict[str, str], Depends(get_settings, use_cache=False)],
    size: int,
    exiting: Annotated[str, Depends(get_connection)],
) -> None: ...


PLANS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "nothing": (nothing, ()),
    "one_function": (one_function, ()),
    "one_generator": (one_generator, ()),
    "in_a_thread": (in_a_thread, ("size",)),
    "everything": (everything, ("size",)),
}

# Wrong ones, for the faults of declarations.


def cycle_a(needs: Annotated[Any, Depends(lambda: 1)]) -> None: ...


def cycle_b(needs: Annotated[Any, Depends(cycle_a)]) -> None: ...


def cycle_c(needs: Annotated[Any, Depends(cycle_b)]) -> None: ...


cycle_a.__annotations__["needs"] = Annotated[Any, Depends(cycle_c)]


async def a_cycle(needs: Annotated[Any, Depends(cycle_c)]) -> None: ...


def through_itself(needs: Any = None) -> None: ...


through_itself.__defaults__ = (Depends(through_itself),)


async def a_cycle_of_one(needs: Annotated[Any, Depends(through_itself)]) -> None: ...


def lend_settings() -> Iterator[dict[str, str]]:
    yield {}


async def holds(lock: Annotated[Any, Depends(lock_account, scope="function")]) -> None: ...


async def session(holds: Annotated[None, Depends(holds)]) -> AsyncIterator[None]:
    yield


async def a_scope_that_ends_too_early(session: Annotated[None, Depends(session)]) -> None: ...


async def get_pool(settings: Annotated[dict[str, str], Depends(lend_settings)]) -> None: ...


async def an_application_that_holds_a_request(
    pool: Annotated[None, Depends(get_pool, scope="app")],
) -> None: ...


class Query:
    __tenure_needs__ = "an HTTP request"


async def get_page(number: Annotated[int, Query()]) -> None: ...


async def a_parameter_of_a_request(page: Annotated[None, Depends(get_page)]) -> None: ...


async def a_lazy_request(
    pool: Annotated[None, Depends(nothing, lazy=True)],
) -> None: ...


async def an_unknown_scope(
    lock: Any = Depends(lock_account, scope="session"),  # type: ignore[arg-type]
) -> None: ...


async def an_unknown_name(amount: Decimal) -> None: ...


async def a_dependency_for_checkers(amount: Annotated[Any, Depends(Decimal)]) -> None: ...


@dataclass
class Unhashable:
    def __call__(self) -> None: ...


async def an_unhashable_dependency(value: Any = Depends(Unhashable())) -> None: ...


async def an_uncallable_dependency(
    value: Any = Depends("text"),  # type: ignore[arg-type]
) -> None: ...


async def an_empty_depends(value=Depends()) -> None: ...


async def two_depends(value: Annotated[Any, Depends(nothing)] = Depends(nothing)) -> None: ...


def needs_a_name(name: str) -> None: ...


async def an_unprovided_parameter(value: Annotated[None, Depends(needs_a_name)]) -> None: ...


def takes_anything(*args: int, **kwargs: int) -> None: ...


async def variadic_parameters(value: Annotated[None, Depends(takes_anything)]) -> None: ...


def by_position(value: int, /) -> None: ...


async def a_positional_parameter(value: Annotated[None, Depends(by_position)]) -> None: ...


async def an_unreadable_signature(value: Annotated[Any, Depends(dict)]) -> None: ...


@functools.wraps(lock_account)
async def wraps_a_generator() -> None: ...


async def a_misleading_wrapper(value: Annotated[None, Depends(wraps_a_generator)]) -> None: ...


async def a_root_that_yields() -> AsyncIterator[None]:
    yield


class Service:
    def __init__(self, repository: Annotated[Repository, Depends()], name: str) -> None: ...


async def several_faults(
    service: Annotated[Service, Depends()],
    cycle: Annotated[None, Depends(cycle_c)],
    session: Annotated[None, Depends(session)],
    value: Any = Depends(3),  # type: ignore[arg-type]
) -> None: ...


FAULTS: dict[str, Any] = {
    call.__name__: call
    for call in (
        a_cycle,
        a_cycle_of_one,
        a_scope_that_ends_too_early,
        an_unknown_scope,
        an_application_that_holds_a_request,
        a_parameter_of_a_request,
        a_lazy_request,
        an_unknown_name,
        a_dependency_for_checkers,
        an_unhashable_dependency,
        an_uncallable_dependency,
        an_empty_depends,
        two_depends,
        an_unprovided_parameter,
        variadic_parameters,
        a_positional_parameter,
        an_unreadable_signature,
        a_misleading_wrapper,
        a_root_that_yields,
        several_faults,
    )
}
FAULTS["an_uncallable_root"] = 3

# Right declarations that break their word when they run.


def never_yields() -> Iterator[None]:
    if FAULTS is None:
        yield


async def yields_twice() -> AsyncIterator[None]:
    yield
    yield


class Swallows:
    def __call__(self) -> Iterator[None]:
        with contextlib.suppress(LookupError):
            yield


@functools.wraps(lock_account)
def consumes() -> list[None]:
    return [None]


@functools.wraps(nothing)
def runs() -> str:
    return "result"


async def no_yield(value: Annotated[None, Depends(never_yields)]) -> None: ...


async def two_yields(value: Annotated[None, Depends(yields_twice)]) -> None: ...


async def a_swallowed_failure(value: Any = Depends(Swallows())) -> None:
    raise LookupError


async def a_consumed_generator(value: Annotated[Any, Depends(consumes)]) -> None: ...


async def a_finished_coroutine(value: Annotated[Any, Depends(runs)]) -> None: ...


# What is limited.


def take_table() -> Iterator[str]:
    yield "table"


async def ask_waiter() -> str:
    return "waiter"


TABLE = Depends(take_table, max_concurrency=1, use_cache=False)


async def two_tables(mine: Annotated[str, TABLE], yours: Annotated[str, TABLE]) -> None: ...


async def dine(
    table: Annotated[str, TABLE], waiter: Annotated[str, Depends(ask_waiter, max_concurrency=3)]
) -> str:
    return f"{waiter} at {table}"


PLANS["limits"] = (dine, ())

ERRORS: dict[str, tuple[Any, dict[str, Any]]] = {
    "no_yield": (no_yield, {}),
    "a_slot_that_is_taken_twice": (two_tables, {}),
    "two_yields": (two_yields, {}),
    "a_swallowed_failure": (a_swallowed_failure, {}),
    "a_consumed_generator": (a_consumed_generator, {}),
    "a_finished_coroutine": (a_finished_coroutine, {}),
    "an_argument_too_many": (nothing, {"size": 1, "page": 2}),
    "an_argument_for_a_dependency": (one_function, {"settings": {}}),
}


# At the end: the lines of the others are in what is expected of them.


async def wait() -> None: ...


async def get_session() -> AsyncIterator[str]:
    yield "session"
    await wait()


async def get_writer(session: Annotated[str, Depends(get_session)]) -> AsyncIterator[str]:
    yield session
    await wait()


async def exits_that_wait(writer: Annotated[str, Depends(get_writer)]) -> None: ...


PLANS["exits_that_wait"] = (exits_that_wait, ())
