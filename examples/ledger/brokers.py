"""The queue that jobs go through: NATS, RabbitMQ or Redis, by the URL of the server.

Each of them keeps a message until the job is done, and gives it to another worker when the one that
had it is gone.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from taskiq import AsyncBroker, InMemoryBroker, SimpleRetryMiddleware

from examples.ledger.settings import SettingsError

# How often a job is begun again after it has failed.
RETRIES = 5


@dataclass(frozen=True)
class BrokerSettings:
    """The settings of the queue."""

    # None: no server; who orders a job does it.
    url: str | None = None
    queue: str = "ledger"
    # After how many seconds a message that is not done is given to another worker. RabbitMQ does
    # not need to be told: it sees the connection of a worker that is gone break off.
    redelivery: int = 60

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "BrokerSettings":
        """Take from the environment what is set there, and the defaults for the rest."""
        url = environment.get("LEDGER_BROKER")
        if url is not None and urlsplit(url).scheme not in _BROKERS:
            # The URL is not shown: it may hold a password.
            raise SettingsError(
                "LEDGER_BROKER: write nats://host, amqp://user:password@host/ or redis://host"
            )
        redelivery = environment.get("LEDGER_REDELIVERY", str(cls.redelivery))
        if not redelivery.isdecimal() or int(redelivery) == 0:
            raise SettingsError(
                f"LEDGER_REDELIVERY={redelivery!r}: write whole seconds above zero, such as 60"
            )
        return cls(url, environment.get("LEDGER_QUEUE", cls.queue), int(redelivery))


def create_broker(settings: BrokerSettings) -> AsyncBroker:
    """Make the broker; it connects when it is started."""
    if settings.url is None:
        broker: AsyncBroker = InMemoryBroker(await_inplace=True)
    else:
        broker = _BROKERS[urlsplit(settings.url).scheme](settings.url, settings)
    broker.add_middlewares(SimpleRetryMiddleware(default_retry_count=RETRIES))
    return broker


def _nats(url: str, settings: BrokerSettings) -> AsyncBroker:
    from nats.js.api import ConsumerConfig
    from taskiq_nats import PullBasedJetStreamBroker

    return PullBasedJetStreamBroker(
        url,
        subject=f"{settings.queue}.jobs",
        stream_name=settings.queue,
        durable=settings.queue,
        consumer_config=ConsumerConfig(
            durable_name=settings.queue, ack_wait=float(settings.redelivery)
        ),
    )


def _rabbitmq(url: str, settings: BrokerSettings) -> AsyncBroker:
    from taskiq_aio_pika import AioPikaBroker, Exchange, Queue

    return AioPikaBroker(
        url,
        exchange=Exchange(name=settings.queue),
        task_queues=[Queue(name=settings.queue)],
        dead_letter_queue=Queue(name=f"{settings.queue}.dead"),
    )


def _redis(url: str, settings: BrokerSettings) -> AsyncBroker:
    from taskiq_redis import RedisStreamBroker

    return RedisStreamBroker(
        url,
        queue_name=settings.queue,
        consumer_group_name=settings.queue,
        consumer_id="0",  # what was sent before the first worker came counts, too
        xread_block=500,
        xread_count=10,
        idle_timeout=settings.redelivery * 1000,
        unacknowledged_lock_timeout=settings.redelivery,
    )


_BROKERS: dict[str, Callable[[str, BrokerSettings], AsyncBroker]] = {
    "nats": _nats,
    "amqp": _rabbitmq,
    "redis": _redis,
}
