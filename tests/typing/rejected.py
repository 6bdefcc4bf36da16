"""Wrong uses of the engine: each line with an `ignore` is an error, or the checker complains."""

from collections.abc import AsyncIterator
from typing import Annotated

from tenure import Container, Depends


async def get_number() -> int:
    return 1


async def get_session() -> AsyncIterator[str]:
    yield "session"


async def main(number: Annotated[int, Depends(get_number)]) -> str:
    return str(number)


not_callable: int = Depends(3)  # type: ignore[arg-type]
called: int = Depends(get_number())  # type: ignore[arg-type]
unknown_scope: int = Depends(get_number, scope="session")  # type: ignore[arg-type]
positional_option: int = Depends(get_number, False)  # type: ignore[call-arg]
lazy_option: int = Depends(get_number, scope="app", lazy="yes")  # type: ignore[arg-type]
unknown_option: int = Depends(get_number, cache=False)  # type: ignore[call-arg]
wrong_option: int = Depends(get_number, use_cache="no")  # type: ignore[arg-type]


async def calls() -> None:
    container = Container()
    result = await container.call(main)
    wrong_result: int = result  # type: ignore[assignment]
    not_awaited: str = container.call(main)  # type: ignore[assignment]
    await container.call()  # type: ignore[call-overload]
    await container.call(main())  # type: ignore[call-arg,call-overload]
    await container.call("main")  # type: ignore[call-overload]
    await container.call(function=main)  # type: ignore[call-overload]
    container.explain(3)  # type: ignore[arg-type]
    container.explain(main, 3)  # type: ignore[arg-type]
    Container(compiled=False)  # type: ignore[call-arg]
    Container(True)  # type: ignore[arg-type,call-arg]
    print(wrong_result, not_awaited)


async def more_calls() -> None:
    container = Container(backend=3)  # type: ignore[arg-type]
    wrong_value: int = await container.get(get_session)  # type: ignore[arg-type]
    wrong_run: int = container.run(main)  # type: ignore[assignment]
    await container.run(main)  # type: ignore[misc]
    container.run("main")  # type: ignore[call-overload]
    container.inject(3)  # type: ignore[call-overload]
    container.command(3)  # type: ignore[call-overload]
    wrong_command: int = container.command(main)()  # type: ignore[assignment]
    container.override({get_number: 3})  # type: ignore[dict-item]
    async with container.override({}):  # type: ignore[attr-defined]
        pass
    with container.scope():  # type: ignore[attr-defined]
        pass
    async with container.scope() as scope:
        wrong_call: int = await scope.call(main)  # type: ignore[arg-type]
        await scope.get("main")  # type: ignore[call-overload]
    print(wrong_value, wrong_run, wrong_call, wrong_command)
