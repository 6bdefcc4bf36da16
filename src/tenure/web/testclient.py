"""The test client, by Starlette; needs ``httpx`` installed."""

from starlette.testclient import TestClient

__all__ = ["TestClient"]
