"""What several programs are made of."""

from collections.abc import Callable
from typing import Any


class Custom(Exception):  # noqa: N818 - named as users name theirs
    """An error that a program has a handler for."""


def nothing() -> None:
    """An exit that has nothing more to do."""


def watching(record: Callable[[str], None], *, asynchronous: bool = True) -> Callable[..., Any]:
    """Makers of generators that record their opening, what they see, and their exit."""

    def asynchronously(name: str, exit: Callable[[], None] = nothing) -> Any:
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

    def synchronously(name: str, exit: Callable[[], None] = nothing) -> Any:
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


def pair(record: Callable[[str], None], name: str) -> Any:
    """One async generator that records its opening, what it sees, and its exit."""
    return watching(record)(name)
