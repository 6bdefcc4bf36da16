"""Workers of the ledger's jobs as processes of their own, and the queue they share."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.examples.processes import PATIENCE, ROOT

# Enough to hold several messages, and few enough that no worker takes all of them.
JOBS_AT_A_TIME = 4


@dataclass
class Worker:
    """A running worker: what PostgreSQL knows its connections as, and its log."""

    name: str
    process: asyncio.subprocess.Process
    log_file: Path

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    async def kill(self) -> None:
        """End all of it at once; it has no say in it."""
        os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()

    async def stop(self) -> int:
        """Ask it to end, and tell its exit status."""
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()


def environment(**variables: str) -> dict[str, str]:
    """That of a process that is to find the ledger."""
    places = [os.environ.get("PYTHONPATH", ""), str(ROOT), str(ROOT / "src")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, places))} | variables


@asynccontextmanager
async def running_workers(
    folder: Path, count: int, variables: dict[str, str]
) -> AsyncIterator[list[Worker]]:
    """Start workers that share a queue; they are gone at the end of the block, by force if need be.

    Each is Taskiq's own program: a process that watches over another, both in one group.
    """
    async with AsyncExitStack() as stack:
        workers = [await _start(folder, f"worker-{number}", variables) for number in range(count)]
        for worker in workers:
            stack.push_async_callback(_end, worker)
        try:
            yield workers
        except BaseException:
            for worker in workers:
                print(f"The log of {worker.name} ends with:", worker.log[-5_000:], sep="\n")
            raise


async def _start(folder: Path, name: str, variables: dict[str, str]) -> Worker:
    log_file = folder / f"{name}.log"
    program = (sys.executable, "-m", "taskiq", "worker", "examples.ledger.jobs:broker")
    options = ("--workers", "1", "--max-async-tasks", str(JOBS_AT_A_TIME))
    # In seconds: a worker that is asked to end leaves its jobs that long before it cancels them.
    patience = ("--wait-tasks-timeout", "1")
    with log_file.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *program,
            *options,
            *patience,
            cwd=folder,
            env=environment(**variables, LEDGER_APPLICATION_NAME=name),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    return Worker(name, process, log_file)


async def _end(worker: Worker) -> None:
    if worker.process.returncode is None:
        await worker.kill()


async def remove_queue(url: str, queue: str) -> None:
    """Leave nothing of the queue on the server."""
    scheme = urlsplit(url).scheme
    if scheme == "nats":
        import nats

        client = await nats.connect(url)
        await client.jetstream().delete_stream(queue)
        await client.close()
    elif scheme == "redis":
        from redis.asyncio import Redis

        async with Redis.from_url(url) as redis:
            await redis.delete(queue, f"autoclaim:{queue}:{queue}")
    else:
        import aio_pika

        async with await aio_pika.connect(url) as connection:
            channel = await connection.channel()
            for name in (queue, f"{queue}.dead"):
                await channel.queue_delete(name)
            await channel.exchange_delete(queue)
