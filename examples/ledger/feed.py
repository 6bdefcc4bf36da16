"""The feed: every committed transfer, to everyone who listens."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from examples.ledger import logs


@dataclass(eq=False)
class Subscription:
    """One listener: what it has not received yet, and whether it was given up."""

    inbox: MemoryObjectReceiveStream[str]
    outbox: MemoryObjectSendStream[str]
    dropped: anyio.Event = field(default_factory=anyio.Event)


class Feed:
    """Hands each message to every subscriber, and waits for none of them.

    A subscriber has room for a bounded number of messages. One that lets it fill up is dropped:
    it can come back and read what it missed from the statements, while a transfer that had to
    wait for it could not be committed for anyone.
    """

    def __init__(self, backlog: int) -> None:
        self._backlog = backlog
        self._subscriptions: set[Subscription] = set()

    @property
    def subscribers(self) -> int:
        """How many are listening."""
        return len(self._subscriptions)

    @contextmanager
    def subscription(self) -> Iterator[Subscription]:
        """Listen from now on until the end of the block."""
        outbox, inbox = anyio.create_memory_object_stream[str](self._backlog)
        subscription = Subscription(inbox, outbox)
        with inbox, outbox:
            self._subscriptions.add(subscription)
            logs.feed.info("subscriber joined, %d listening", self.subscribers)
            try:
                yield subscription
            finally:
                self._subscriptions.discard(subscription)
                logs.feed.info("subscriber left, %d listening", self.subscribers)

    def publish(self, message: str) -> None:
        """Put the message in every subscriber's queue; drop those that have no room left."""
        for subscription in tuple(self._subscriptions):
            try:
                subscription.outbox.send_nowait(message)
            except anyio.WouldBlock:
                self._subscriptions.discard(subscription)
                subscription.dropped.set()
                logs.feed.info("subscriber dropped, it is %d behind", self._backlog)
