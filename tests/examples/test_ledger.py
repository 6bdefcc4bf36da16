"""What the ledger answers, in process, on each database."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tenure.web import WebSocketDisconnect
from tests.examples.callers import ADMIN, READER, WRITER, TestClient, balances, transfer

Rows = Callable[[str], list[tuple[Any, ...]]]


def test_an_account_is_opened_once_and_read(client: TestClient) -> None:
    opened = client.post("/accounts", json={"name": "dave"}, headers=ADMIN)
    assert (opened.status_code, opened.json()["balance"]) == (201, 0)
    number = opened.json()["id"]
    assert client.get(f"/accounts/{number}", headers=READER).json() == opened.json()
    again = client.post("/accounts", json={"name": "dave"}, headers=ADMIN)
    assert (again.status_code, again.json()) == (
        409,
        {"detail": "there is an account 'dave' already"},
    )
    assert client.get("/accounts/99", headers=READER).status_code == 404


def test_a_text_that_no_database_can_keep_is_refused(client: TestClient) -> None:
    account = client.post("/accounts", json={"name": "a\x00b"}, headers=ADMIN)
    assert account.status_code == 422
    transfer = {"source": 1, "target": 2, "amount": 1, "memo": "a\x00b"}
    assert client.post("/transfers", json=transfer, headers=ADMIN).status_code == 422


def test_accounts_are_listed_by_pages(client: TestClient) -> None:
    page = client.get("/accounts", params={"after": 1, "limit": 2}, headers=READER).json()
    assert [account["name"] for account in page] == ["alice", "bob"]


def test_a_transfer_moves_money_in_two_entries(client: TestClient, rows: Rows) -> None:
    answer = transfer(client, {"source": 2, "target": 3, "amount": 2500, "memo": "rent"})
    assert answer.status_code == 201
    number = answer.json()["id"]
    assert client.get(f"/transfers/{number}", headers=READER).json() == answer.json()
    assert balances(client) == {
        "treasury": -300_000,
        "alice": 97_500,
        "bob": 102_500,
        "carol": 100_000,
    }
    query = f"SELECT account_id, amount, balance FROM entry WHERE transfer_id = {number} ORDER BY 1"
    assert rows(query) == [(2, -2500, 97_500), (3, 2500, 102_500)]


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({"source": 2, "target": 3, "amount": 100_001}, 409, "account 2 has 100000, which is"),
        ({"source": 2, "target": 99, "amount": 1}, 404, "there is no account 99"),
        ({"source": 99, "target": 2, "amount": 1}, 404, "there is no account 99"),
    ],
)
def test_a_refused_transfer_leaves_nothing(
    client: TestClient, rows: Rows, body: dict[str, Any], status: int, detail: str
) -> None:
    before = balances(client)
    answer = transfer(client, body)
    assert answer.status_code == status
    assert answer.json()["detail"].startswith(detail)
    assert balances(client) == before
    assert rows("SELECT count(*) FROM transfer") == [(3,)]
    assert rows("SELECT count(*) FROM audit") == [(0,)]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"amount": 0}, ["body", "amount"]),
        ({"amount": 10.5}, ["body", "amount"]),
        ({"amount": "10"}, ["body", "amount"]),
        ({"target": 2}, ["body"]),
        ({"fee": 1}, ["body", "fee"]),
        ({"memo": "m" * 141}, ["body", "memo"]),
    ],
)
def test_a_faulty_order_is_named_before_anything_opens(
    client: TestClient, change: dict[str, Any], place: list[str]
) -> None:
    answer = transfer(client, {"source": 2, "target": 3, "amount": 100} | change)
    assert answer.status_code == 422
    assert [fault["loc"] for fault in answer.json()["detail"]] == [place]


def test_a_repeated_order_is_done_once(client: TestClient, rows: Rows) -> None:
    body = {"source": 2, "target": 3, "amount": 100}
    key = {"Idempotency-Key": "k1"}
    first, second = transfer(client, body, **key), transfer(client, body, **key)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json()
    assert second.headers["Idempotent-Replay"] == "true"
    other = transfer(client, body | {"amount": 200}, **key)
    assert other.status_code == 409
    assert balances(client)["alice"] == 99_900
    # The key is the caller's own: another caller's order under the same word is another order.
    theirs = client.post("/transfers", json=body, headers=ADMIN | key)
    assert theirs.status_code == 201
    assert rows("SELECT count(*) FROM transfer WHERE idempotency_key = 'k1'") == [(2,)]


@pytest.mark.parametrize(
    ("headers", "status", "detail"),
    [
        ({}, 401, "send your key in the header X-API-Key"),
        ({"X-API-Key": "guess"}, 401, "the key in X-API-Key is not known"),
        (READER, 403, "the key of 'reader' lacks ledger:write"),
    ],
)
def test_a_caller_without_the_right_is_refused(
    client: TestClient, headers: dict[str, str], status: int, detail: str
) -> None:
    body = {"source": 2, "target": 3, "amount": 100}
    answer = client.post("/transfers", json=body, headers=headers)
    assert (answer.status_code, answer.json()) == (status, {"detail": detail})


def test_what_was_done_is_audited_after_the_response(client: TestClient) -> None:
    number = transfer(client, {"source": 2, "target": 3, "amount": 100}).json()["id"]
    assert client.get("/audit", headers=WRITER).status_code == 403
    entries = client.get("/audit", headers=ADMIN).json()
    assert [(e["holder"], e["action"], e["subject_id"]) for e in entries] == [
        ("writer", "transfer", number)
    ]


def test_a_statement_is_one_line_an_entry(client: TestClient) -> None:
    for amount in (100, 200):
        transfer(client, {"source": 2, "target": 3, "amount": amount, "memo": f"m{amount}"})
    with client.stream("GET", "/accounts/3/statement", headers=READER) as answer:
        assert answer.headers["content-type"] == "application/jsonl"
        lines = [json.loads(line) for line in answer.iter_lines()]
    assert [(line["amount"], line["balance"], line["memo"]) for line in lines] == [
        (100_000, 100_000, "opening balance"),
        (100, 100_100, "m100"),
        (200, 100_300, "m200"),
    ]
    assert client.get("/accounts/99/statement", headers=READER).status_code == 404


def test_the_feed_tells_what_was_committed_and_only_that(client: TestClient) -> None:
    with client.websocket_connect("/feed", headers=READER) as socket:
        transfer(client, {"source": 2, "target": 3, "amount": 100_001})
        posted = transfer(client, {"source": 2, "target": 3, "amount": 100}).json()
        assert socket.receive_json() == posted
        assert client.get("/health").json()["subscribers"] == 1
    assert client.get("/health").json()["subscribers"] == 0


def test_the_feed_is_not_for_strangers(client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/feed"):
        pass
