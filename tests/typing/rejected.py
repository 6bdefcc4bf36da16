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
positional_option: int = Depends(get_number, False)  # type: ignore[misc]
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
    Container(True)  # type: ignore[misc]
    print(wrong_result, not_awaited)
