"""Generators while they are observed: driven as ever, with the events of what happens to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Self

from tenure.observe.tellers import Teller

__all__ = ["ObservedAsyncGenerator", "ObservedGenerator"]


class ObservedGenerator:
    """A plain generator: the first ``next`` opens it, what follows closes it."""

    __slots__ = ("_generator", "_is_open", "_teller")

    def __init__(self, generator: Any, teller: Teller) -> None:
        self._generator = generator
        self._teller = teller
        self._is_open = False

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if self._is_open:
            return self._close(None, self._generator.__next__)
        self._teller.opening()
        try:
            value = self._generator.__next__()
        except StopIteration:
            self._teller.did_not_yield()
            raise
        except BaseException as error:
            self._teller.failed(error)
            raise
        self._is_open = True
        self._teller.opened()
        return value

    def throw(self, failure: BaseException) -> Any:
        """Deliver *failure* at its ``yield``."""
        return self._close(failure, self._generator.throw, failure)

    def close(self) -> None:
        """End it where it stands; it has told why before."""
        self._generator.close()

    def _close(
        self, failure: BaseException | None, resume: Callable[..., Any], *arguments: Any
    ) -> Any:
        self._teller.closing(failure)
        try:
            value = resume(*arguments)
        except StopIteration:
            self._teller.closed()
            raise
        except BaseException as error:
            self._teller.failed(error)
            raise
        self._teller.yielded_again()
        return value


class ObservedAsyncGenerator:
    """An async generator: the first ``__anext__`` opens it, what follows closes it."""

    __slots__ = ("_generator", "_is_open", "_teller")

    def __init__(self, generator: Any, teller: Teller) -> None:
        self._generator = generator
        self._teller = teller
        self._is_open = False

    @property
    def ag_frame(self) -> Any:
        """As the generator's: not None while its exit is not over."""
        return self._generator.ag_frame

    def __aiter__(self) -> Self:
        return self

    def __anext__(self) -> _Driven:
        if self._is_open:
            self._teller.closing(None)
            return _Driven(self._generator.__anext__(), self._exited)
        self._teller.opening()
        return _Driven(self._generator.__anext__(), self._entered)

    def athrow(self, failure: BaseException) -> _Driven:
        """Deliver *failure* at its ``yield``."""
        self._teller.closing(failure)
        return _Driven(self._generator.athrow(failure), self._exited)

    def aclose(self) -> Any:
        """End it where it stands; it has told why before."""
        return self._generator.aclose()

    def _entered(self, outcome: BaseException) -> None:
        if isinstance(outcome, StopIteration):
            self._is_open = True
            self._teller.opened()
        elif isinstance(outcome, StopAsyncIteration):
            raise self._teller.did_not_yield() from None
        else:
            self._teller.failed(outcome)

    def _exited(self, outcome: BaseException) -> None:
        if isinstance(outcome, StopIteration):
            self._teller.yielded_again()
        elif isinstance(outcome, StopAsyncIteration):
            self._teller.closed()
        else:
            self._teller.failed(outcome)


class _Driven:
    """What a step of an async generator is awaited by; tells how it came out."""

    __slots__ = ("_awaitable", "_came_out")

    def __init__(self, awaitable: Any, came_out: Callable[[BaseException], None]) -> None:
        self._awaitable = awaitable
        self._came_out = came_out

    def __await__(self) -> Self:
        return self

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        return self.send(None)

    def send(self, value: Any) -> Any:
        """Go on with *value*."""
        try:
            return self._awaitable.send(value)
        except BaseException as outcome:
            self._came_out(outcome)
            raise

    def throw(self, error: BaseException) -> Any:
        """Go on with *error*."""
        try:
            return self._awaitable.throw(error)
        except BaseException as outcome:
            self._came_out(outcome)
            raise

    def close(self) -> None:
        """Give up."""
        self._awaitable.close()
