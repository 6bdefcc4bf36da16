"""Failures that come when the response has gone: the client is served, the log says it once."""

import pytest

from tests.web.servers.wire import Connection, Site, head

FAILED = ["+wide", "+narrow", "-narrow", "wide sees {}", "-wide raised"]


def _ask(site: Site, connection: Connection, target: str) -> int:
    connection.send(head("GET", target, "Connection: close"))
    return connection.status()


def _times(site: Site, text: str) -> int:
    """How often the log has *text*, once it has it."""
    log = site.when_logged(text)
    return sum(line.endswith(text) for line in log.splitlines())


@pytest.mark.parametrize(("path", "body"), [("late", b'"fine"'), ("items", b"1\n2\n")])
def test_an_exit_that_fails_is_logged_once(site: Site, path: str, body: bytes) -> None:
    case = site.case()
    with site.connection() as connection:
        assert _ask(site, connection, f"/{case}/{path}") == 200
        received = connection.read_to_end()
    assert body in received or all(line in received for line in body.splitlines())
    assert _times(site, f"LookupError: first exit of {case}") == 1
    assert site.closed(case) == [each.format("LookupError") for each in FAILED]


def test_exits_that_fail_are_logged_together(site: Site) -> None:
    case = site.case()
    with site.connection() as connection:
        assert _ask(site, connection, f"/{case}/twice") == 200
        assert b'"fine"' in connection.read_to_end()
    assert _times(site, f"KeyError: 'second exit of {case}'") == 1
    if site.server != "granian":  # which shows an exception without its context
        assert _times(site, f"LookupError: first exit of {case}") == 1
        log = site.log()
        first, second = log.index(f"first exit of {case}"), log.index(f"second exit of {case}'")
        # One traceback with both: the one that came first is the other's context.
        assert log.count("During handling of the above exception", first, second) == 1
    assert site.closed(case) == [each.format("KeyError") for each in FAILED]


def test_a_background_task_that_fails_is_logged(site: Site) -> None:
    """By name when it fails, and by the server when all is over."""
    case = site.case()
    with site.connection() as connection:
        assert _ask(site, connection, f"/{case}/task") == 200
        assert b'"fine"' in connection.read_to_end()
    assert site.closed(case) == ["+wide", "+narrow", "-narrow", "-wide returned"]
    assert 1 <= _times(site, f"LookupError: task of {case}") <= 2


@pytest.mark.parametrize("query", ["", "?child=true"])
def test_an_http_error_out_of_a_held_group_is_the_answer(site: Site, query: str) -> None:
    case, before = site.case(), site.log()
    with site.connection() as connection:
        assert _ask(site, connection, f"/{case}/group{query}") == 418
        assert b"tea" in connection.read_to_end()
    notes = site.closed(case)
    assert (notes[:3], notes[-1]) == (["+wide", "+narrow", "-narrow"], "-wide raised")
    assert "Traceback" not in site.log()[len(before) :]
