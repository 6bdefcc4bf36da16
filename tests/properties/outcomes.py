"""What came of a run, in a form in which runs can be compared."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import anyio

import tenure
from tests.properties.oracle import BrokeProtocolError
from tests.properties.programs import PlannedBaseError, PlannedError, World, label_of

__all__ = ["Outcome", "observe"]

_BROKEN: dict[type[BaseException], str] = {
    tenure.DidNotYieldError: "yielded nothing",
    tenure.YieldedTwiceError: "yielded twice",
    tenure.SwallowedError: "swallowed",
}

Chain = tuple[Any, ...]


@dataclass(frozen=True)
class Outcome:
    """Everything that can be observed of a run."""

    events: tuple[tuple[str, ...], ...]
    returned: str
    raised: Chain | None
    """What came out, with the causes and contexts behind it."""


async def observe(world: World, run: Callable[[], Awaitable[Any]]) -> Outcome:
    """Run once; exceptions that the program did not plan and no contract explains come out."""
    try:
        returned = label_of(await run())
    except (PlannedError, PlannedBaseError) as error:
        assert world.raised[str(error)] is error
        return _outcome(world, "", error)
    except (BrokeProtocolError, tenure.DependencyError) as error:
        return _outcome(world, "", error)
    return _outcome(world, returned, None)


def _outcome(world: World, returned: str, error: BaseException | None) -> Outcome:
    events = tuple(
        tuple("broken protocol" if _is_broken(word) else word for word in event)
        for event in world.events
    )
    return Outcome(events, returned, chain_of(error))


def _is_broken(word: str) -> bool:
    return word == BrokeProtocolError.__name__ or word in {each.__name__ for each in _BROKEN}


def chain_of(error: BaseException | None) -> Chain | None:
    """An exception with what is behind it.

    Of the planned ones, both links. Of the engine's own, whatever is behind it: that nothing
    gets lost matters, not by which link it hangs.
    """
    if error is None:
        return None
    if isinstance(error, PlannedError | PlannedBaseError):
        return (str(error), chain_of(error.__cause__), chain_of(error.__context__))
    if isinstance(error, BrokeProtocolError):
        name = (error.what, error.index)
    elif type(error) in _BROKEN:
        found = re.search(r"[nN]ode_(\d+)", str(error))
        assert found, f"names no dependency: {error}"
        name = (_BROKEN[type(error)], int(found[1]))
    elif isinstance(error, anyio.get_cancelled_exc_class()):
        return ("cancelled",)
    elif isinstance(error, GeneratorExit | StopIteration | StopAsyncIteration | RuntimeError):
        return None  # how contextlib and the engine drive generators
    else:
        raise AssertionError(f"unplanned: {error!r}") from error
    return (*name, chain_of(error.__cause__ or error.__context__))
