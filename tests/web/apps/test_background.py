"""Background tasks: after the response, before the exits; none is lost, none fails for another."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import anyio
import anyio.lowlevel
import pytest
from starlette import background as starlette
from starlette.responses import FileResponse

from tenure import Container, GraphError
from tenure.web import (
    App,
    BackgroundTasks,
    Depends,
    Header,
    HTTPException,
    Query,
    Request,
    Response,
    WebSocket,
)
from tenure.web.background import LateBackgroundTaskError
from tenure.web.responses import JSONResponse, StreamingResponse
from tests.web.apps.client import Answer, Client, Socket

words: list[str] = []


@pytest.fixture(autouse=True)
def no_words() -> None:
    words.clear()


async def send(app: App, target: str = "/") -> Answer:
    return await Client(words.append).request(app, "GET", target)


async def session() -> AsyncIterator[str]:
    words.append("+session")
    try:
        yield "session"
    except BaseException as error:
        words.append(f"session sees {type(error).__name__}")
        raise
    finally:
        await anyio.lowlevel.checkpoint()
        words.append("-session")


def plain_session() -> Iterator[str]:
    words.append("+plain")
    yield "plain"
    words.append("-plain")


Session = Annotated[str, Depends(session)]
Plain = Annotated[str, Depends(plain_session)]


def fail(text: str = "broken") -> None:
    words.append("fails")
    raise ValueError(text)


def note(word: str) -> None:
    words.append(word)


AROUND = ["+session", "send 200", "send end", "fails", "after", "-session"]


@pytest.mark.parametrize(
    "make",
    [
        lambda tasks: None,
        lambda tasks: Response(background=tasks),
        lambda tasks: JSONResponse(1, background=tasks),
    ],
    ids=["value", "response", "json"],
)
async def test_a_failing_task_stops_nobody_and_is_reported(
    make: Callable[[Any], Any], caplog: pytest.LogCaptureFixture
):
    app = App()

    @app.get("/", dependencies=[Depends(session)])
    async def endpoint(tasks: BackgroundTasks) -> Any:
        tasks.add_task(fail)
        tasks.add_task(note, "after")
        return make(tasks)

    with caplog.at_level(logging.ERROR, logger="tenure.web"):
        answer = await send(app)
    assert words == AROUND
    assert isinstance(answer.error, ValueError)
    (record,) = caplog.records
    assert "fail (" in record.message
    assert __file__ in record.message


OWN: dict[str, Callable[[], Any]] = {
    "one": lambda: starlette.BackgroundTask(fail),
    "several": lambda: starlette.BackgroundTasks(
        [starlette.BackgroundTask(fail), starlette.BackgroundTask(note, "after")]
    ),
    "ours": lambda: BackgroundTasks(
        [starlette.BackgroundTask(fail), starlette.BackgroundTask(note, "after")]
    ),
}


@pytest.mark.parametrize("own", OWN)
@pytest.mark.parametrize("kind", ["whole", "stream", "file"])
async def test_tasks_of_a_response_are_treated_alike(own: str, kind: str):
    app = App()

    @app.get("/", dependencies=[Depends(session)])
    async def endpoint() -> Any:
        background = OWN[own]()
        if kind == "stream":
            return StreamingResponse(iter(["1"]), background=background)
        if kind == "file":
            return FileResponse(__file__, background=background)
        return Response(background=background)

    answer = await send(app)
    expected = ["fails", "after", "-session"] if own != "one" else ["fails", "-session"]
    assert words[-len(expected) :] == expected
    assert isinstance(answer.error, ValueError)


async def test_tasks_of_a_response_run_before_those_that_were_added():
    app = App()

    @app.get("/")
    async def endpoint(tasks: BackgroundTasks) -> Response:
        tasks.add_task(note, "added")
        return Response(background=starlette.BackgroundTask(note, "own"))

    await send(app)
    assert words == ["send 200", "send end", "own", "added"]


async def test_a_response_that_is_a_constant_keeps_its_own_task_only():
    app, constant = App(), Response(background=starlette.BackgroundTask(note, "own"))

    @app.get("/")
    async def endpoint(tasks: BackgroundTasks) -> Response:
        tasks.add_task(note, "added")
        return constant

    for _ in range(2):
        words.clear()
        await send(app)
        assert words[2:] == ["own", "added"]


async def test_several_failures_reach_the_server_as_a_group():
    app = App()

    @app.get("/")
    async def endpoint(tasks: BackgroundTasks) -> None:
        tasks.add_task(fail, "one")
        tasks.add_task(fail, "two")

    error = (await send(app)).error
    assert isinstance(error, ExceptionGroup)
    assert [str(each) for each in error.exceptions] == ["one", "two"]


async def test_a_task_of_a_stream_that_was_left_fails_alone():
    app = App()

    @app.get("/", dependencies=[Depends(session)])
    async def endpoint(tasks: BackgroundTasks) -> AsyncIterator[int]:
        tasks.add_task(fail)
        yield 1
        yield 2

    answer = await Client(words.append, leaves_after=2).request(app, "GET", "/")
    assert words[-3:] == ["fails", "session sees ClientDisconnect", "-session"]
    assert answer.error is None


async def test_one_added_by_the_exit_of_a_request_scope_is_refused():
    app = App()

    async def late(tasks: BackgroundTasks) -> AsyncIterator[None]:
        yield
        tasks.add_task(note, "never")

    @app.get("/", dependencies=[Depends(session), Depends(late)])
    async def endpoint() -> None: ...

    answer = await send(app)
    assert isinstance(answer.error, LateBackgroundTaskError)
    assert words[-2:] == ["session sees LateBackgroundTaskError", "-session"]


async def test_a_websocket_runs_none():
    app = App()

    @app.websocket("/")
    async def endpoint(socket: WebSocket, tasks: BackgroundTasks) -> None:
        tasks.add_task(note, "never")

    socket = await Socket.talk(app, "/")
    assert isinstance(socket.error, LateBackgroundTaskError)
    assert "WebSocket" in str(socket.error)


# Tasks with dependencies of their own.


async def mail(to: str, session: Session, plain: Plain, *, subject: str = "none") -> None:
    words.append(f"mail {to} {subject} {session} {plain}")


def plain_mail(to: str, session: str = Depends(session)) -> None:
    words.append(f"mail {to} {session}")


SOLVED = ["+session", "+plain", "mail you greetings session plain", "-plain", "-session"]


async def test_dependencies_of_a_task_are_solved_for_it():
    app = App()

    @app.get("/", dependencies=[Depends(session)])
    async def endpoint(tasks: BackgroundTasks) -> None:
        tasks.add_task(mail, "you", subject="greetings")  # type: ignore[call-arg]
        tasks.add_task(plain_mail, "me")

    answer = await send(app)
    assert answer.error is None
    assert words == [
        "+session",
        "send 200",
        "send end",
        *SOLVED,
        *["+session", "mail me session", "-session"],
        "-session",
    ]


async def test_what_is_passed_is_not_solved():
    app = App()

    @app.get("/")
    async def endpoint(tasks: BackgroundTasks) -> None:
        tasks.add_task(mail, "you", "mine", "too")
        tasks.add_task(plain_mail, "me", session="mine")

    assert (await send(app)).error is None
    assert words[2:] == ["mail you none mine too", "mail me mine"]


async def test_a_failing_task_rolls_back_its_own_unit_only():
    app = App()

    async def failing(inner: Session) -> None:
        raise ValueError(inner)

    @app.get("/", dependencies=[Depends(session)])
    async def endpoint(tasks: BackgroundTasks) -> None:
        tasks.add_task(failing)  # type: ignore[call-arg]
        tasks.add_task(note, "after")

    answer = await send(app)
    assert isinstance(answer.error, ValueError)
    expected = ["+session", "session sees ValueError", "-session", "after", "-session"]
    assert words[3:] == expected


async def settings() -> dict[str, str]:
    return {"from": "the application"}


Settings = Annotated[dict[str, str], Depends(settings, scope="app")]


async def test_they_share_what_is_of_scope_app_and_see_overrides():
    app = App()

    async def other_session(request_free: Settings) -> str:
        return f"other {request_free['from']}"

    @app.get("/")
    async def endpoint(tasks: BackgroundTasks, own: Settings) -> None:
        own["from"] = "the request"
        tasks.add_task(plain_mail, "me")

    app.dependency_overrides[session] = other_session
    async with app.container:
        answer = await send(app)
        assert answer.error is None
        assert words[-1] == "mail me other the request"
        with app.container.override({session: lambda: "of this test"}):
            await send(app)
        assert words[-1] == "mail me of this test"
        app.dependency_overrides.clear()
        await send(app)
        assert words[-2:] == ["mail me session", "-session"]


def needs_a_request(request: Request) -> str:
    return str(request.url)


def by_name(token: Annotated[str, Header()]) -> str:
    return token


def takes_request(url: str = Depends(needs_a_request)) -> None: ...


def takes_header(to: str, token: str = Depends(by_name)) -> None: ...


def takes_query(session: Session, number: int = Query()) -> None: ...


@pytest.mark.parametrize(
    ("task", "arguments", "parameter"),
    [
        (takes_request, (), "'request' of needs_a_request"),
        (takes_header, ("you",), "'token' of by_name"),
        (takes_query, (), "'number' of takes_query"),
    ],
)
async def test_what_only_a_request_could_fill_is_an_error_when_it_is_added(
    task: Callable[..., Any], arguments: tuple[Any, ...], parameter: str
):
    app, errors = App(), []

    @app.get("/")
    async def endpoint(tasks: BackgroundTasks) -> None:
        with pytest.raises(GraphError, match=parameter) as caught:
            tasks.add_task(task, *arguments)
        errors.append(caught.value)
        raise HTTPException(418)

    assert (await send(app)).status == 418
    assert len(errors) == 1


@pytest.mark.parametrize(
    ("arguments", "keywords", "complaint"),
    [
        ((), {}, "to"),
        (("you", "s", "p", "?"), {}, None),
        (("you",), {"to": "me"}, "'to' twice"),
        (("you",), {"unknown": 1}, "unknown"),
        (("you",), {"session": "mine"}, "session"),
    ],
)
def test_arguments_that_do_not_fit(
    arguments: tuple[Any, ...], keywords: dict[str, Any], complaint: str | None
):
    tasks: Any = BackgroundTasks()
    if complaint is None:
        tasks.add_task(mail, *arguments)  # nothing to solve: the call says it
        return
    with pytest.raises((TypeError, GraphError), match=complaint):
        tasks.add_task(mail, *arguments, **keywords)


async def test_tasks_of_no_application_are_solved_too():
    tasks: Any = BackgroundTasks()
    tasks.add_task(mail, "you", subject="greetings")
    await tasks()
    assert words == SOLVED


class Mailer:
    def send(self, to: str, session: Session) -> None:
        words.append(f"{to} {session}")


async def test_methods_and_functions_in_c():
    tasks: Any = BackgroundTasks()
    tasks.add_task(Mailer().send, "you")
    tasks.add_task(words.append, "in C")
    await tasks()
    assert words == ["+session", "you session", "-session", "in C"]


def test_a_container_checks_without_running() -> None:
    container = Container()
    container.check(mail, "to")
    with pytest.raises(GraphError):
        container.check(takes_header, "to")
    assert words == []
