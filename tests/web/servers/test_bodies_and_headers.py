"""Requests that are broken off or broken, over real sockets: a 4xx, and nothing left open."""

import pytest

from tests.web.servers.wire import Site, head

JSON = "Content-Type: application/json"
FORM = "Content-Type: application/x-www-form-urlencoded"
MULTIPART = "Content-Type: multipart/form-data; boundary=b"
PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhalf'
CHUNKED = "Transfer-Encoding: chunked"

OPENED = ["+wide", "+narrow"]
LEFT = [*OPENED, "-narrow", "wide sees ClientDisconnect", "-wide disconnected"]
REJECTED = [*OPENED, "-narrow", "wide sees RequestValidationError", "-wide raised"]
RETURNED = [*OPENED, "-narrow", "-wide returned"]


@pytest.mark.parametrize(
    "lines",
    [("Content-Length: 100", b'{"a": 1'), (CHUNKED, b'5\r\n{"a":\r\n50\r\n1')],
    ids=["length", "chunks"],
)
@pytest.mark.parametrize("leaves", ["close", "reset"])
@pytest.mark.parametrize(
    ("path", "content_type"),
    [("json", JSON), ("form", FORM), ("upload", MULTIPART), ("json", "X: y")],
)
def test_a_body_that_is_cut_off_opens_nothing(
    site: Site, path: str, content_type: str, lines: tuple[str, bytes], leaves: str
) -> None:
    """Bodies are read before anything is opened: nobody learns of a request that never was."""
    case, before = site.case(), site.log()
    framing, body = lines
    with site.connection() as connection:
        connection.send(head("POST", f"/{case}/{path}", content_type, framing) + body)
        if leaves == "reset":
            connection.reset()
    assert site.closed(case) == []
    assert "Traceback" not in site.log()[len(before) :]


@pytest.mark.parametrize("leaves", ["close", "reset"])
@pytest.mark.parametrize("framing", ["Content-Length: 100", CHUNKED])
def test_a_body_that_is_cut_off_while_it_is_read(site: Site, framing: str, leaves: str) -> None:
    case = site.case()
    with site.connection() as connection:
        connection.send(head("POST", f"/{case}/stream", framing) + b"5\r\nhello\r\n9\r\nhe")
        site.when(case, lambda notes: "reads" in notes)
        if leaves == "reset":
            connection.reset()
    assert site.closed(case) == [*OPENED, "reads", *LEFT[2:]]


def test_a_client_that_leaves_cancels_who_asked_for_it(site: Site) -> None:
    case = site.case()
    with site.connection() as connection:
        connection.send(head("POST", f"/{case}/patient", "Content-Length: 100") + b"half")
        site.when(case, lambda notes: "waits" in notes)
    notes = site.closed(case)
    assert notes == [*OPENED, "waits", "-narrow", "wide sees CancelledError", "-wide disconnected"]


def test_a_slow_body_is_waited_for(site: Site) -> None:
    case, body = site.case(), b'{"a": 1}'
    with site.connection() as connection:
        connection.send(head("POST", f"/{case}/json", JSON, f"Content-Length: {len(body)}"))
        for byte in body:
            assert site.noted(case) == []
            connection.send(bytes([byte]))
        assert connection.status() == 200
    assert site.closed(case) == RETURNED


@pytest.mark.parametrize(
    ("path", "lines", "body"),
    [
        ("json", (CHUNKED,), b'zz\r\n{"a":\r\n'),
        ("json", (CHUNKED,), b"-1\r\n{}\r\n0\r\n\r\n"),
        ("json", ("Content-Length: -5",), b"{}"),
        ("json", ("Content-Length: 2", "Content-Length: 3"), b"{} "),
        ("json", ("Content-Length: " + "9" * 30,), b"{}"),
        ("json", ("Content-Length: 100000",), b"[" * 100_000),
        ("json", ("Content-Length: 20000",), b'{"a":' * 4000),
        ("json", ("Content-Length: 4",), b'"\xff\xfe"'),
        ("numbers", ("Content-Length: 50002",), b"[" + b"9" * 50_000 + b"]"),
        ("json", (CHUNKED,), b"3d0900\r\n" + b" " * 250_000),
        ("json", ("Content-Length: 250000",), b" " * 250_000),
        ("upload", (MULTIPART, "Content-Length: 3"), b"--b"),
        ("upload", (MULTIPART, f"Content-Length: {len(PART)}"), PART),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    site: Site, path: str, lines: tuple[str, ...], body: bytes
) -> None:
    case, before = site.case(), site.log()
    content_type = () if path == "upload" else (JSON,)
    with site.connection() as connection:
        connection.send(head("POST", f"/{case}/{path}", *content_type, *lines) + body)
        assert 400 <= connection.status() < 500
    assert site.closed(case) in ([], RETURNED, REJECTED)
    assert "Traceback" not in site.log()[len(before) :]


def test_a_body_that_grows_too_large_while_it_is_read(site: Site) -> None:
    case = site.case()
    with site.connection() as connection:
        connection.send(head("POST", f"/{case}/stream", CHUNKED))
        connection.send(b"186a0\r\n%b\r\n" % (b" " * 100_000) * 3 + b"0\r\n\r\n")
        assert connection.status() == 413
    notes = site.closed(case)
    assert (notes[:2], notes[-1]) == (OPENED, "-wide raised")


@pytest.mark.parametrize(
    "lines",
    [
        ["Words: a"] * 90,
        ["Words: " + "a" * 100_000],
        ["Number: " + "9" * 5000],
        ["Number: 1", "Number: x"],
        ["Words: \xff\xfe"],
        ["Words: \x00"],
        ["Words: a\r\n b"],
        ["Words : a"],
        [": a"],
        ["Words"],
        ["Host: other"],
        ["Cookie: " + "a=b; " * 2000],
        ["Content-Type: multipart/form-data; boundary=\xff"],
        ["Expect: 100-continue"],
        ["Connection: upgrade", "Upgrade: nothing"],
    ],
    ids=range(15),
)
@pytest.mark.parametrize("query", ["", "?q=%ff&q=%ED%A0%80", "?" + "q=1&" * 2000])
def test_headers_that_nobody_honest_sends(site: Site, lines: list[str], query: str) -> None:
    case, before = site.case(), site.log()
    with site.connection() as connection:
        connection.send(head("GET", f"/{case}/headers{query}", *lines))
        status = connection.status()
    assert status == 200 or 400 <= status < 500
    assert site.closed(case) == {200: RETURNED, 422: REJECTED}.get(status, [])
    assert "Traceback" not in site.log()[len(before) :]


@pytest.mark.parametrize("leaves", ["close", "reset"])
def test_a_stream_whose_client_leaves(site: Site, leaves: str) -> None:
    case = site.case()
    with site.connection() as connection:
        connection.send(head("GET", f"/{case}/endless"))
        assert connection.status() == 200
        if leaves == "reset":
            connection.reset()
    notes = site.closed(case)
    assert notes == [*OPENED, "-narrow", "body ends", *LEFT[3:]]


@pytest.mark.parametrize("path", ["json", "form", "numbers", "stream", "late"])
def test_what_a_client_sends_is_not_in_the_log(site: Site, path: str) -> None:
    """Neither where it is refused, nor where the application fails."""
    case, secret = site.case(), "d0-n0t-t3ll"
    body = f'{{"a": "{secret}", "b": '.encode()
    lines = [JSON, f"Content-Length: {len(body)}", f"Number: {secret}", f"Cookie: key={secret}"]
    with site.connection() as connection:
        method = "GET" if path == "late" else "POST"
        connection.send(head(method, f"/{case}/{path}", *lines) + body)
        assert connection.status()
    site.closed(case)
    if path == "late":
        site.when_logged(f"first exit of {case}")
    assert secret not in site.log()
