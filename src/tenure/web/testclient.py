"""The test client, by Starlette; needs ``httpx2`` installed."""

from starlette.testclient import TestClient

__all__ = ["TestClient"]
