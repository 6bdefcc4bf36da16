"""What several programs are made of."""

from collections.abc import Callable
from typing import Any


class Custom(Exception):
    """An error that a program has a handler for."""


def nothing() -> None:
    """An exit that has nothing more to do."""


def watching(record: Callable[[str], None], *, asynchronous: bool = True) -> Callable[..., Any]:
    """Makers of generators that record their opening, what they see, and their exit."""

    def asynchronously(name: str, exit: Callable[[], None] = nothing) -> Any:  # noqa: A002
        async def opened() -> Any:
            record(f"+{name}")
            try:
                yield name
            except BaseException as error:
                record(f"!{name}:{type(error).__name__}")
                raise
            finally:
                record(f"-{name}")
            exit()

        return opened

    def synchronously(name: str, exit: Callable[[], None] = nothing) -> Any:  # noqa: A002
        def opened() -> Any:
            record(f"+{name}")
            try:
                yield name
            except BaseException as error:
                record(f"!{name}:{type(error).__name__}")
                raise
            finally:
                record(f"-{name}")
            exit()

        return opened

    return asynchronously if asynchronous else synchronously
