"""Broken WebSockets over real sockets: a close, and what was opened is closed as disconnected."""

import pytest

from tests.web.servers.wire import Connection, Site, frame, handshake

TEXT, BINARY, CLOSE, PING, CONTINUATION = 1, 2, 8, 9, 0

GONE = ["+wide", "+narrow", "-narrow", "wide sees WebSocketDisconnect", "-wide disconnected"]


def _leaves(connection: Connection, how: str) -> None:
    if how == "reset":
        connection.reset()


@pytest.mark.parametrize(
    "sent",
    [
        frame(0xB, b"x"),
        frame(0x3, b"x"),
        frame(TEXT, b"x", mask=False),
        frame(TEXT, b"\xff\xfe"),
        frame(TEXT, b"abc", is_last=False) + frame(CLOSE, b"\x03\xe8"),
        frame(TEXT, b"abc", is_last=False) + frame(TEXT, b"abc"),
        frame(CONTINUATION, b"abc"),
        frame(TEXT | 0x70, b"abc"),
        frame(PING, b"a" * 200),
        frame(PING, b"a", is_last=False),
        frame(CLOSE, b"\x00\x05"),
        frame(CLOSE, b"a"),
        frame(CLOSE, b"\x03\xe8\xff"),
    ],
    ids=range(13),
)
def test_a_frame_that_breaks_the_protocol_ends_it(site: Site, sent: bytes) -> None:
    case = site.case()
    with site.connection() as connection:
        site.websocket(connection, f"/{case}/texts")
        connection.send(frame(TEXT, b"hello"))
        connection.receive()
        assert connection.received.endswith(b"hello")
        connection.send(sent)
        connection.read_to_end()
    assert site.closed(case) == GONE


def test_a_frame_larger_than_anything(site: Site) -> None:
    case = site.case()
    with site.connection() as connection:
        site.websocket(connection, f"/{case}/texts")
        connection.send(frame(TEXT, b"x" * 1000, length=1 << 40))
        if site.server != "hypercorn":  # which waits for more of it
            connection.read_to_end()
    assert site.closed(case) == GONE


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("sent", [b"", frame(TEXT, b"a" * 100)[:20], frame(TEXT, is_last=False)])
def test_a_client_that_leaves_in_the_middle(site: Site, sent: bytes, how: str) -> None:
    case = site.case()
    with site.connection() as connection:
        site.websocket(connection, f"/{case}/texts")
        connection.send(sent)
        _leaves(connection, how)
    assert site.closed(case) == GONE


@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_client_that_leaves_who_never_receives(site: Site, how: str) -> None:
    """The endpoint has asked to be cancelled then."""
    case = site.case()
    with site.connection() as connection:
        site.websocket(connection, f"/{case}/deaf")
        connection.send(frame(TEXT, b"is anybody there?"))
        site.when(case, lambda notes: "waits" in notes)
        _leaves(connection, how)
    notes = site.closed(case)
    assert notes == [*GONE[:2], "waits", "-narrow", "wide sees CancelledError", GONE[-1]]


def test_who_reads_is_told_and_not_cancelled(site: Site) -> None:
    case = site.case()
    with site.connection() as connection:
        site.websocket(connection, f"/{case}/polite")
        connection.send(frame(TEXT, b"hello") + frame(CLOSE, b"\x03\xe9"))
        connection.read_to_end()
    notes = site.closed(case)
    assert notes == ["+wide", "+narrow", "hello", "goodbye", "-narrow", "-wide returned"]


@pytest.mark.parametrize("at", [1, 30, -4, -1])
def test_a_handshake_that_is_cut_off_opens_nothing(site: Site, at: int) -> None:
    case = site.case()
    with site.connection() as connection:
        connection.send(handshake(f"/{case}/texts")[:at])
    assert site.closed(case) == []


@pytest.mark.parametrize("instead", [{"key": ""}, {"version": "99"}, {"key": "not base 64"}])
def test_a_handshake_that_is_wrong(site: Site, instead: dict[str, str]) -> None:
    case = site.case()
    with site.connection() as connection:
        connection.send(handshake(f"/{case}/texts", **instead))
        status = connection.status()
    assert 400 <= status < 500 or (status, instead) == (101, {"key": "not base 64"})
    assert site.closed(case) == ([] if status != 101 else GONE)


@pytest.mark.parametrize(
    ("path", "sent", "seen"),
    [
        ("values", frame(TEXT, b"{"), {"JSONDecodeError"}),
        ("values", frame(TEXT, b"[" * 60_000), {"RecursionError"}),
        ("values", frame(TEXT, b"9" * 5000), {"ValueError"}),
        ("texts", frame(BINARY, b"\xff"), {"KeyError", "TypeError"}),
    ],
)
def test_what_the_endpoint_cannot_read_ends_it(
    site: Site, path: str, sent: bytes, seen: set[str]
) -> None:
    """The endpoint fails, as it does everywhere, and the server ends the connection."""
    case = site.case()
    with site.connection() as connection:
        site.websocket(connection, f"/{case}/{path}")
        connection.send(sent)
        connection.read_to_end()
    notes = site.closed(case)
    assert notes[3].removeprefix("wide sees ") in seen
    assert (notes[:3], notes[4:]) == (GONE[:3], ["-wide raised"])
