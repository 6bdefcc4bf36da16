"""The services that some tests talk to, where they answer, and what happens where they do not."""

import os
import socket

import pytest

_HOST = "127.0.0.1"
_PORTS = {"postgresql": 5432, "redis": 6379, "rabbitmq": 5672, "nats": 4222}


def require_service(name: str) -> tuple[str, int]:
    """Answer the host and port of a service, or skip the test because nothing answers there.

    Under CI (the environment variable `CI` is `true`) the test fails instead: there a missing
    service is a fault of the set-up, and a skip would hide it.
    """
    port = _PORTS[name]
    try:
        socket.create_connection((_HOST, port), timeout=5).close()
    except OSError as error:
        reason = f"{name} does not answer on {_HOST}:{port} ({error})"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return _HOST, port
