"""The harness sees what it says it sees: differences, orders, odd clients, escaping errors."""

import asyncio
from collections.abc import Callable
from typing import Any

from .answer import Answer, describe
from .case import Ask, Case, Family, get, post, socket, together
from .expectation import Expectation
from .framework import FASTAPI


def run(application: Any, ask: Ask) -> Answer:
    """The answer of a bare ASGI application."""

    def build(web: Any, record: Callable[[str], None]) -> Any:
        async def served(scope: Any, receive: Any, send: Any) -> None:
            await application(scope, receive, send, record)

        return served

    return Case("bare", build, ask).run(FASTAPI)


async def echoing(scope: Any, receive: Any, send: Any, record: Callable[[str], None]) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        record("received")
        body, more = body + message["body"], message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": [[b"x-a", b"1"]]})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body"})
    record("afterwards")


def test_order_and_content() -> None:
    answer = run(echoing, post(body=(b"one", b"two")))
    assert answer.timeline == "received received send:start send:body send:end afterwards"
    assert Expectation(200, b"onetwo", headers={"x-a": "1", "x-b": None}).faults(answer) == []


def test_what_is_not_as_stated_is_told() -> None:
    answer = run(echoing, post(body=b"one"))
    faults = Expectation(201, b"two", headers={"x-a": "2"}, order="sent").faults(answer)
    assert [fault.partition(":")[0] for fault in faults] == [
        "order",
        "status",
        "content",
        "header x-a",
    ]


def test_a_difference_shows_both_sides() -> None:
    one, two = run(echoing, post(body=b"one")), run(echoing, post(body=b"two"))
    assert one.difference(run(echoing, post(body=b"one")), "a", "b") == ""
    assert "-        body: b'one'\n+        body: b'two'" in one.difference(two, "a", "b")


async def failing(scope: Any, receive: Any, send: Any, record: Callable[[str], None]) -> None:
    record("begun")
    raise FASTAPI.HTTPException(418, "tea")


def test_an_error_that_reaches_the_server() -> None:
    answer = run(failing, get())
    assert answer.timeline == "begun raised:HTTPException"
    assert answer.exchanges[0].error == "HTTPException(418, 'tea')"
    # An error that no case speaks of is a fault.
    assert Expectation().faults(answer)
    assert not Expectation(error="HTTPException").faults(answer)


def test_errors_in_groups_are_named() -> None:
    group = ExceptionGroup("two", [ValueError("x"), FASTAPI.exceptions.FastAPIError("y")])
    assert describe(group, FASTAPI) == "ExceptionGroup(ValueError('x'), FastAPIError())"


async def streaming(scope: Any, receive: Any, send: Any, record: Callable[[str], None]) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(3):
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
    record((await receive())["type"])
    record((await receive())["type"])


def test_a_client_that_leaves() -> None:
    older = run(streaming, get(leaves_after=2))
    assert older.timeline == "send:start send:body http.request http.disconnect"
    newer = run(streaming, get(leaves_after=2, spec_version="2.4"))
    assert newer.timeline == "send:start send:body raised:GoneError"


async def waiting(scope: Any, receive: Any, send: Any, record: Callable[[str], None]) -> None:
    record("here")
    await asyncio.Event().wait()


def test_a_request_cut_off_at_a_word() -> None:
    answer = run(waiting, get(cancelled_at="here"))
    assert answer.timeline == "here raised:CancelledError"


async def talking(scope: Any, receive: Any, send: Any, record: Callable[[str], None]) -> None:
    assert scope["path"] == "/caf\u00e9"
    while (message := await receive())["type"] != "websocket.disconnect":
        record(message.get("text", message["type"]))
    record(str(message["code"]))
    await send({"type": "websocket.close", "code": 4000, "reason": "bye"})


def test_websocket_frames() -> None:
    answer = run(talking, socket("/caf%C3%A9", "hi", 1001))
    assert answer.timeline == "websocket.connect hi 1001 ws:close"
    assert not Expectation(content=[("close", 4000, "bye")]).faults(answer)


async def living(scope: Any, receive: Any, send: Any, record: Callable[[str], None]) -> None:
    if scope["type"] == "http":
        record(scope["state"]["word"])
        scope["state"]["word"] = "changed"
        await echoing(scope, receive, send, lambda word: None)
        return
    scope["state"]["word"] = "given"
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    raise ZeroDivisionError


def test_lifespan_and_its_state() -> None:
    answer = run(living, together(get(), get(), lifespan=True))
    assert answer.timeline == (
        "startup.complete given send:start send:body send:end"
        " given send:start send:body send:end raised:ZeroDivisionError"
    )


def test_refusals_and_warnings_of_a_declaration() -> None:
    def build(web: Any, record: Any) -> Any:
        import warnings

        warnings.warn("old", web.exceptions.FastAPIDeprecationWarning, stacklevel=1)
        raise web.exceptions.DependencyScopeError("no")

    answer = Case("refused", build, get()).run(FASTAPI)
    assert answer.refused == "DependencyScopeError"
    assert answer.warnings == ("FastAPIDeprecationWarning",)
    assert Expectation().faults(answer) == ["refused: DependencyScopeError (no), not None"]


def test_a_family_numbers_its_cases() -> None:
    family = Family("family")

    @family.program(get("/a", name="first"), get("/b"))
    def program(web: Any, record: Any) -> Any: ...

    assert [case.name for case in family.cases] == ["program-first", "program-1"]
