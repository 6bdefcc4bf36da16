"""Two hundred clients that mean well, badly, or leave in the middle; and what they were told."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.examples.wire import ask, request, wire

CLIENTS = 200
DEEDS_EACH = 3
ACCOUNTS = range(2, 14)
TOO_MUCH = 10**9


@dataclass
class Tally:
    """What the clients were told about each order, by its memo, which is never used twice."""

    # The order is in the books, under this number.
    acknowledged: dict[str, int] = field(default_factory=dict)
    # The order is not in the books: refused, or never sent to its end.
    absent: set[str] = field(default_factory=set)
    # The client left before it was told.
    unknown: set[str] = field(default_factory=set)
    # How often each thing was done, and what came of it.
    counts: Counter[str] = field(default_factory=Counter)
    # What a client was told that it should not have been told.
    complaints: list[str] = field(default_factory=list)


@dataclass
class Client:
    """One client, which does a few things one after the other, and some of them badly."""

    ports: Sequence[int]
    name: str
    tally: Tally
    random: Random
    orders: int = 0

    @property
    def port(self) -> int:
        """Any of the processes will do: they keep the same books."""
        return self.random.choice(self.ports)

    def order(self) -> dict[str, Any]:
        self.orders += 1
        source, target = self.random.sample(ACCOUNTS, 2)
        amount = self.random.randint(1, 500)
        memo = f"{self.name}-{self.orders}"
        return {"source": source, "target": target, "amount": amount, "memo": memo}

    def note(self, deed: str, status: int, expected: set[int]) -> None:
        self.tally.counts[f"{deed} {status}"] += 1
        if status not in expected:
            self.tally.complaints.append(f"{self.name}: {deed} was answered with {status}")

    async def run(self) -> None:
        deeds: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (10, self.transfer),
            (3, self.transfer_repeated),
            (3, self.transfer_at_once_twice),
            (2, self.overdraw),
            (3, self.blunder),
            (3, self.leave_unanswered),
            (2, self.leave_and_come_back),
            (3, self.leave_in_the_body),
            (1, self.read_statement),
            (3, self.leave_the_statement),
        ]
        weights, choices = zip(*deeds, strict=True)
        for deed in self.random.choices(choices, weights, k=DEEDS_EACH):
            try:
                await deed()
            except Exception as error:
                error.add_note(f"{self.name} was about to {deed.__name__}, order {self.orders}")
                raise

    async def transfer(self) -> None:
        order = self.order()
        answer = await ask(self.port, "POST", "/transfers", "writer-key", order)
        self.note("transfer", answer.status, {201, 409, 503})
        if answer.status == 201:
            self.tally.acknowledged[order["memo"]] = answer.json()["id"]
        else:
            self.tally.absent.add(order["memo"])

    async def transfer_repeated(self) -> None:
        await self._ordered_twice(self.order(), at_once=False)

    async def transfer_at_once_twice(self) -> None:
        await self._ordered_twice(self.order(), at_once=True)

    async def _ordered_twice(self, order: dict[str, Any], *, at_once: bool) -> None:
        def send() -> Awaitable[Any]:
            return ask(
                *(self.port, "POST", "/transfers", "writer-key", order),
                Idempotency_Key=order["memo"],
            )

        answers = await asyncio.gather(send(), send()) if at_once else [await send(), await send()]
        for answer in answers:
            self.note("keyed transfer", answer.status, {200, 201, 409, 503})
        done = [answer for answer in answers if answer.status in {200, 201}]
        if not done:
            self.tally.absent.add(order["memo"])
            return
        self.tally.acknowledged[order["memo"]] = done[0].json()["id"]
        if len({answer.body for answer in done}) != 1:
            self.tally.complaints.append(f"{self.name}: one key, two transfers")

    async def overdraw(self) -> None:
        order = self.order() | {"amount": TOO_MUCH}
        answer = await ask(self.port, "POST", "/transfers", "writer-key", order)
        self.note("overdraft", answer.status, {409, 503})
        self.tally.absent.add(order["memo"])

    async def blunder(self) -> None:
        order = self.order()
        self.tally.absent.add(order["memo"])
        body, key, expected = self.random.choice(
            [
                (order | {"target": order["source"]}, "writer-key", 422),
                (order | {"amount": 1.5}, "writer-key", 422),
                (order | {"target": 10**6}, "writer-key", 404),
                (json.dumps(order).encode()[:-1], "writer-key", 422),
                (order, "reader-key", 403),
                (order, "no-key", 401),
            ]
        )
        answer = await ask(self.port, "POST", "/transfers", key, body)
        self.note("blunder", answer.status, {expected, 503})

    async def leave_unanswered(self) -> None:
        order = self.order()
        async with wire(self.port) as connection:
            await connection.send(request("POST", "/transfers", "writer-key", order))
            if self.random.random() < 0.5:
                connection.reset()
        self.tally.counts["left unanswered"] += 1
        self.tally.unknown.add(order["memo"])

    async def leave_and_come_back(self) -> None:
        order = self.order()
        sent = request("POST", "/transfers", "writer-key", order, Idempotency_Key=order["memo"])
        async with wire(self.port) as connection:
            await connection.send(sent)
        self.tally.counts["left and came back"] += 1
        await self._ordered_twice(order, at_once=False)

    async def leave_in_the_body(self) -> None:
        order = self.order()
        whole = request("POST", "/transfers", "writer-key", order)
        async with wire(self.port) as connection:
            await connection.send(whole[: -self.random.randint(1, 40)])
            if self.random.random() < 0.5:
                connection.reset()
        self.tally.counts["left in the body"] += 1
        self.tally.absent.add(order["memo"])

    async def read_statement(self) -> None:
        account = self.random.choice(ACCOUNTS)
        answer = await ask(self.port, "GET", f"/accounts/{account}/statement", "reader-key")
        self.note("statement", answer.status, {200, 503})
        balance = 0
        for line in answer.lines() if answer.status == 200 else ():
            balance += line["amount"]
            if line["balance"] != balance:
                self.tally.complaints.append(f"statement of {account} is out at {line}")
                break

    async def leave_the_statement(self) -> None:
        """Account 1 has a long history; this client has enough after a few lines."""
        async with wire(self.port, narrow=True) as connection:
            await connection.send(request("GET", "/accounts/1/statement", "reader-key"))
            head = await connection.reader.readuntil(b"\r\n\r\n")
            status = int(head.split()[1])
            self.note("statement", status, {200, 503})
            if status != 200:
                return
            for _ in range(self.random.randint(0, 5)):
                await connection.reader.readuntil(b"}\n")
            if self.random.random() < 0.5:
                connection.reset()
        self.tally.counts["left the statement"] += 1


async def storm(ports: Sequence[int], seed: int, clients: int = CLIENTS) -> Tally:
    """Let all of them loose at once."""
    tally = Tally()
    loose = [
        Client(ports, f"c{number}", tally, Random(f"{seed}/{number}")) for number in range(clients)
    ]
    async with asyncio.TaskGroup() as group:
        for client in loose:
            group.create_task(client.run())
    return tally
