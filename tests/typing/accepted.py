"""Right uses of the engine, for type checkers only: nothing here is run."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated, Generic, TypeVar, assert_type

from tenure import (
    ApplicationError,
    Container,
    DependencyError,
    Depends,
    DidNotYieldError,
    Fault,
    GraphError,
    ScopeError,
    SwallowedError,
    TenureError,
    TenureWarning,
    UnitOfWork,
    WrongKindError,
    YieldedTwiceError,
)

T = TypeVar("T")


class Session:
    def query(self) -> list[str]:
        return []


async def get_session() -> AsyncIterator[Session]:
    yield Session()


def get_session_in_thread() -> Iterator[Session]:
    yield Session()


@contextmanager
def session_manager() -> Generator[Session, None, None]:
    yield Session()


@asynccontextmanager
async def async_session_manager() -> AsyncGenerator[Session, None]:
    yield Session()


def get_number() -> int:
    return 1


class Repository(Generic[T]):
    def __init__(self, session: Annotated[Session, Depends(get_session)]) -> None:
        self.session = session


class Dependency:
    async def __call__(self) -> int:
        return 1

    def method(self) -> Iterator[int]:
        yield 1


async def async_main(
    month: int,
    session: Annotated[Session, Depends(get_session)],
    repository: Annotated[Repository[int], Depends()],
    managed: Annotated[Session, Depends(session_manager)],
    narrow: Annotated[Session, Depends(async_session_manager, scope="function")],
    wide: Annotated[Session, Depends(get_session_in_thread, scope="request", use_cache=False)],
    number: int = Depends(get_number),
    instance: int = Depends(Dependency()),
    method: int = Depends(Dependency().method),
    default: Repository[int] = Depends(),
    in_lambda: int = Depends(lambda: 1),
    plain: int = Depends(get_number, scope=None),
) -> str:
    assert_type(session, Session)
    assert_type(number, int)
    return ", ".join(repository.session.query())


def main(number: Annotated[int, Depends(get_number)]) -> list[int]:
    return [number]


class Main:
    def __init__(self, number: int = Depends(get_number)) -> None: ...

    async def run(self, number: int = Depends(get_number)) -> float:
        return 1.0


async def returns_an_awaitable() -> Awaitable[int]:
    return asyncio.get_running_loop().create_future()


async def calls() -> None:
    async with Container() as container:
        assert_type(container, Container)
        assert_type(await container.call(async_main, month=3), str)
        assert_type(await container.call(main), list[int])
        assert_type(await container.call(Main), Main)
        assert_type(await container.call(Main().run), float)
        assert_type(await container.call(Dependency()), int)
        assert_type(await container.call(lambda: 1), int)
        assert_type(await container.call(returns_an_awaitable), Awaitable[int])
        assert_type(container.explain(async_main, "month"), str)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(container.call(main))
        assert_type(task.result(), list[int])
    assert_type(await asyncio.wait_for(Container(interpreted=True).call(main), 1), list[int])


Pool = Annotated[list[int], Depends(get_number, scope="app", lazy=True)]


async def command(month: int, pool: Pool, *, verbose: bool = False) -> str:
    return f"{month} {pool} {verbose}"


class ManagedSession:
    def __enter__(self) -> "ManagedSession":
        return self

    def __exit__(self, *details: object) -> None: ...


async def values() -> None:
    async with Container(backend="trio", backend_options={}) as container:
        assert_type(await container.get(get_session), Session)
        assert_type(await container.get(get_session_in_thread), Session)
        assert_type(await container.get(async_session_manager), Session)
        assert_type(await container.get(session_manager), Session)
        assert_type(await container.get(get_number), int)
        assert_type(await container.get(Dependency()), int)
        async with container.scope() as scope:
            assert_type(scope, UnitOfWork)
            assert_type(await scope.call(async_main, month=3), str)
            assert_type(await scope.call(main), list[int])
            assert_type(await scope.get(get_session), Session)
            assert_type(await scope.get(get_number), int)
        with container.override({get_session: get_session_in_thread, get_number: lambda: 3}):
            await container.call(main)


def entry_points() -> None:
    container = Container()
    assert_type(container.run(async_main, month=3), str)
    assert_type(container.run(main), list[int])
    injected = container.inject(main)
    assert_type(injected(), list[int])

    @container.inject
    def decorated(month: int, number: Annotated[int, Depends(get_number)]) -> float:
        return month + number

    assert_type(decorated(3), float)
    asyncio.run(container.inject(command)(3, verbose=True))
    assert_type(container.command(command)(3, verbose=True), str)
    assert_type(container.command(main)(), list[int])


async def of_async_commands() -> None:
    assert_type(await Container().inject(command)(3), str)


def catches_more() -> None:
    try:
        Container().run(main)
    except ApplicationError as error:
        as_tenure_error: TenureError = error
        print(as_tenure_error, TenureWarning("text"))


def calls_from_outside() -> None:
    assert_type(asyncio.run(Container().call(main)), list[int])


def catches() -> None:
    try:
        Container().explain(main)
    except ScopeError as error:
        assert_type(error.faults, tuple[Fault, ...])
    except GraphError as error:
        for fault in error.faults:
            assert_type(fault.kind + fault.message + fault.chain + fault.hint, str)
    except (DidNotYieldError, YieldedTwiceError, SwallowedError, WrongKindError) as error:
        as_dependency_error: DependencyError = error
        as_tenure_error: TenureError = as_dependency_error
        as_runtime_error: RuntimeError = as_tenure_error
        print(as_runtime_error)
