"""``make soak``: random graphs under cancellation, the ledger on real servers, hostile requests.

make soak                                    all of it, which takes hours
make soak ARGS="graphs --count 1000"         one part, and how much of it
make soak ARGS="servers --requests 2000 --server uvicorn"
make soak ARGS="hostile --seconds 60"
"""

import argparse
import asyncio
import random
import tempfile
from pathlib import Path

PARTS = ("graphs", "servers", "hostile")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all, unless named")
    parser.add_argument("--count", type=int, default=100_000, help="random graphs")
    parser.add_argument("--requests", type=int, default=20_000, help="to the ledger on uvicorn")
    parser.add_argument("--server", action="append", help="uvicorn, granian, hypercorn; or all")
    parser.add_argument("--seconds", type=float, default=600, help="of hostile requests")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    parts = options.parts or PARTS
    print(f"seed {options.seed}", flush=True)
    if "graphs" in parts:
        from tests.load.graphs import survive

        survive(options.count, options.seed)
    if "servers" in parts:
        from tests.load.ledger import weather

        for server in options.server or ("uvicorn", "granian", "hypercorn"):
            # What the other servers do differently shows in a fifth of the requests.
            requests = options.requests if server == "uvicorn" else options.requests // 5
            with tempfile.TemporaryDirectory(prefix="soak-") as folder:
                asyncio.run(weather(server, requests, options.seed, Path(folder)))
    if "hostile" in parts:
        from tests.load.hostile import survive_hostility

        survive_hostility(options.seconds, options.seed)


if __name__ == "__main__":
    main()
