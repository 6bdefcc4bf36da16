"""One uvicorn worker with one of the applications: ``python -m benchmarks.serve NAME``.

Prints the port, which the system chooses, and serves until it is terminated.
"""

from __future__ import annotations

import socket
import sys

import uvicorn

from benchmarks.requests import FRAMEWORKS, forget

__all__: list[str] = []


def main() -> None:
    app = FRAMEWORKS[sys.argv[1]](forget)
    listening = socket.create_server(("127.0.0.1", 0), backlog=256)
    print(listening.getsockname()[1], flush=True)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        timeout_keep_alive=600,  # connections rest while the other contenders have their turns
    )
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
