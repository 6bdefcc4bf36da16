"""Callers of a ledger in the same process, and what they often do."""

import warnings
from typing import Any

with warnings.catch_warnings():
    # Starlette's test client prefers another HTTP library, and works with this one.
    warnings.simplefilter("ignore")
    from tenure.web.testclient import TestClient

READER = {"X-API-Key": "reader-key"}
WRITER = {"X-API-Key": "writer-key"}
ADMIN = {"X-API-Key": "admin-key"}

__all__ = ["ADMIN", "READER", "WRITER", "TestClient", "balances", "transfer"]


def transfer(client: TestClient, body: dict[str, Any], **headers: str) -> Any:
    return client.post("/transfers", json=body, headers=WRITER | headers)


def balances(client: TestClient) -> dict[str, int]:
    accounts = client.get("/accounts", headers=READER).json()
    return {account["name"]: account["balance"] for account in accounts}
