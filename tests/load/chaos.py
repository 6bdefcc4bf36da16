"""Clients of a ledger whose server and database fail under them, and what they can be sure of."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.examples.storm import Client, Tally
from tests.load.servers import free_port

_LOST = (ConnectionError, asyncio.IncompleteReadError, TimeoutError, OSError)


class InDoubtError(Exception):
    """The server has failed: the order may be in the books or not."""


class Survivor(Client):
    """A client that knows that servers fail: what it was not told, it does not claim."""

    pending: tuple[str, ...] = ()

    def order(self) -> dict[str, Any]:
        made = super().order()
        self.pending = (*self.pending, made["memo"])
        return made

    def note(self, deed: str, status: int, expected: set[int]) -> None:
        if status == 500:
            self.tally.counts[f"{deed} 500"] += 1
            raise InDoubtError
        super().note(deed, status, expected)

    async def do(self, deed: str) -> bool:
        """One deed; what a failure leaves open is unknown. False where nobody answered."""
        self.pending = ()
        try:
            async with asyncio.timeout(60):
                await getattr(self, deed)()
        except InDoubtError:
            self._doubt()
        except _LOST as error:
            self._doubt()
            if not isinstance(error, ConnectionRefusedError):
                self.tally.counts[f"lost: {type(error).__name__}"] += 1
                return True
            await asyncio.sleep(0.1)  # until there is a server again
            return False
        return True

    def _doubt(self) -> None:
        tally = self.tally
        for memo in self.pending:
            if memo not in tally.acknowledged:
                tally.absent.discard(memo)
                tally.unknown.add(memo)


@dataclass
class Crowd:
    """So many clients at once, until so many requests were made."""

    requests: int
    seed: int
    port: int = field(default_factory=free_port)
    clients: int = 24
    tally: Tally = field(default_factory=Tally)
    made: int = 0
    deeds: Counter[str] = field(default_factory=Counter)

    WEIGHTS = (
        ("transfer", 10),
        ("transfer_repeated", 3),
        ("transfer_at_once_twice", 3),
        ("overdraw", 2),
        ("blunder", 2),
        ("read_statement", 1),
        ("leave_unanswered", 3),
        ("leave_and_come_back", 2),
        ("leave_in_the_body", 3),
        ("leave_the_statement", 3),
    )
    REQUESTS = (("transfer_repeated", 2), ("transfer_at_once_twice", 2), ("leave_and_come_back", 3))

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(self.clients):
                group.create_task(self._one(number))

    async def _one(self, number: int) -> None:
        random = Random(f"{self.seed}/{number}")
        client = Survivor([self.port], f"c{number}", self.tally, random)
        names, weights = zip(*self.WEIGHTS, strict=True)
        while self.made < self.requests:
            [deed] = random.choices(names, weights)
            if await client.do(deed):
                self.deeds[deed] += 1
                self.made += dict(self.REQUESTS).get(deed, 1)

    async def until(self, part: float) -> None:
        """Wait until this part of all requests was made."""
        while self.made < part * self.requests:  # noqa: ASYNC110 (counted by many)
            await asyncio.sleep(0.05)
