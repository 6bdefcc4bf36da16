"""``make soak``: what runs for longer than tests may, and finds what they do not.

make soak                                         some of everything, in a few minutes
make soak ARGS="--full"                           all of it at full size
make soak ARGS="graphs --count 1000"              one part, and how much of it
make soak ARGS="graphs --seed 1 --first 4711 --count 1"   one graph again
make soak ARGS="servers --server uvicorn --requests 2000"
make soak ARGS="wire"                             broken requests and WebSockets under each server
make soak ARGS="hostile --seconds 60"             requests that no honest client sends
make soak ARGS="fuzz --seconds 60"                the same, guided by what code they reach
make soak ARGS="schema --seconds 60"              requests made from the ledger's OpenAPI document
"""

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.load import quiet

PARTS = ("graphs", "servers", "wire", "hostile", "fuzz", "schema")
SERVERS = ("uvicorn", "granian", "hypercorn")
ROOT = Path(__file__).parents[2]
WIRE = "tests/web/servers"

# How much of each: unless told otherwise, and with --full.
GRAPHS = (3_000, 100_000)
REQUESTS = (2_000, 20_000)
SECONDS = (20, 300)


def main() -> None:
    options = _options()
    quiet()
    print(f"seed {options.seed}", flush=True)
    outcomes = [passed for part in options.parts or PARTS for passed in _run(part, options)]
    sys.exit(not all(outcomes))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make soak",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all, unless named")
    parser.add_argument("--full", action="store_true", help="the sizes of docs/guarantees.md")
    parser.add_argument("--count", type=int, help="random graphs")
    parser.add_argument("--first", type=int, default=0, help="number of the first graph")
    parser.add_argument("--requests", type=int, help="to the ledger on uvicorn")
    parser.add_argument("--server", action="append", choices=SERVERS, help="all, unless named")
    parser.add_argument("--seconds", type=float, help="of hostile, fuzz and schema, each")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    for name, sizes in (("count", GRAPHS), ("requests", REQUESTS), ("seconds", SECONDS)):
        if getattr(options, name) is None:
            setattr(options, name, sizes[options.full])
    return options


def _run(part: str, options: argparse.Namespace) -> Iterator[bool]:
    """Run one part; whether each piece of it passed. Another failure comes out as it is."""
    if part == "graphs":
        from tests.load.graphs import survive

        yield survive(options.count, options.seed, options.first)
    elif part == "servers":
        from tests.load.ledger import weather

        for server in options.server or SERVERS:
            # What the other servers do differently shows in a fifth of the requests.
            requests = options.requests if server == "uvicorn" else options.requests // 5
            with tempfile.TemporaryDirectory(prefix="soak-") as folder:
                asyncio.run(weather(server, requests, options.seed, Path(folder)))
    elif part == "wire":
        # The tests proper run them under the one server that is installed there.
        done = subprocess.run([sys.executable, "-m", "pytest", "-q", WIRE], cwd=ROOT, check=False)
        yield done.returncode == 0
    elif part == "hostile":
        from tests.load.hostile import survive_hostility

        survive_hostility(options.seconds, options.seed)
    elif part == "fuzz":
        from tests.load.fuzz import fuzz

        yield fuzz(options.seconds, options.seed)
    else:
        from tests.load.schema import conform

        with tempfile.TemporaryDirectory(prefix="soak-") as folder:
            yield asyncio.run(conform(options.seconds, options.seed, Path(folder)))


if __name__ == "__main__":
    main()
