"""What the framework itself fills in: in endpoints, dependencies, classes and WebSockets."""

import pytest

from tenure import GraphError
from tenure.web import (
    App,
    BackgroundTasks,
    Depends,
    Request,
    Response,
    Security,
    WebSocket,
)
from tenure.web.requests import HTTPConnection
from tenure.web.security import SecurityScopes
from tests.web.apps.client import Socket, get

BELOW = pytest.mark.parametrize("place", ["endpoint", "function", "class", "generator", "listed"])


def app_with(place, asks):
    """An application where *asks*, a function of one injected value, stands in some place."""
    app = App()
    name = next(iter(asks.__annotations__))
    kind = asks.__annotations__[name]
    found: list[object] = []

    if place == "class":

        class Asks:
            def __init__(self, value: kind):  # type: ignore[valid-type]
                self.answer = asks(value)

        @app.get("/")
        async def by_class(given: Asks = Depends()):
            return given.answer

    elif place == "generator":

        async def generator(value: kind):  # type: ignore[valid-type]
            yield asks(value)

        @app.get("/")
        async def by_generator(given=Depends(generator)):
            return given

    elif place == "listed":

        async def listed(value: kind):  # type: ignore[valid-type]
            found.append(asks(value))

        @app.get("/", dependencies=[Depends(listed)])
        async def by_list():
            return found[-1]

    elif place == "function":

        @app.get("/")
        def by_function(given=Depends(asks)):
            return given

    else:
        app.get("/")(asks)
    return app


@BELOW
async def test_the_request(place):
    def path(value: Request):
        return value.url.path

    assert (await get(app_with(place, path), "/")).json() == "/"


@BELOW
async def test_the_connection_which_is_the_request(place):
    def kind(value: HTTPConnection):
        return type(value).__name__

    assert (await get(app_with(place, kind), "/")).json() == "Request"


@BELOW
async def test_the_response_whose_headers_are_sent(place):
    def mark(value: Response):
        value.headers["x-mark"] = "here"
        value.set_cookie("a", "b")
        value.status_code = 202

    answer = await get(app_with(place, mark), "/")
    assert (answer.status, answer.header("x-mark")) == (202, "here")
    assert "a=b" in (answer.header("set-cookie") or "")


@BELOW
async def test_the_tasks_that_run_when_all_is_sent(place):
    ran: list[str] = []

    def later(value: BackgroundTasks):
        value.add_task(ran.append, "ran")
        return list(ran)

    assert (await get(app_with(place, later), "/")).json() == []
    assert ran == ["ran"]


async def test_all_get_the_same_response_and_the_same_tasks():
    app = App()

    async def below(response: Response, tasks: BackgroundTasks, request: Request):
        return response, tasks, request

    @app.get("/")
    async def endpoint(
        response: Response, tasks: BackgroundTasks, request: Request, given=Depends(below)
    ):
        return [
            mine is theirs for mine, theirs in zip((response, tasks, request), given, strict=True)
        ]

    assert (await get(app, "/")).json() == [True, True, True]


async def test_an_injected_value_needs_no_default_and_does_not_mind_one():
    app = App()

    @app.get("/")
    async def endpoint(request: Request = None, response: Response = None):  # type: ignore[assignment]
        return [type(request).__name__, type(response).__name__]

    assert (await get(app, "/")).json() == ["Request", "Response"]


async def test_scopes_add_up_from_the_outside_in_and_tell_calls_apart():
    app = App()
    calls: list[str] = []

    async def innermost(asked: SecurityScopes):
        calls.append(asked.scope_str)
        return asked.scopes

    async def middle(below=Security(innermost, scopes=["b"])):
        return below

    @app.get("/")
    async def endpoint(
        one=Security(middle, scopes=["a"]),
        again=Security(middle, scopes=["a", "b"]),
        other=Security(innermost, scopes=["b", "a", "b"]),
        bare=Depends(innermost),
    ):
        return [one, again, other, bare]

    assert (await get(app, "/")).json() == [["a", "b"], ["a", "b"], ["a", "b"], []]
    assert calls == ["a b", ""]


async def test_a_websocket_gives_itself_as_the_connection():
    app = App()

    async def below(connection: HTTPConnection, response: Response, tasks: BackgroundTasks):
        return connection

    @app.websocket("/ws")
    async def endpoint(socket: WebSocket, connection=Depends(below)):
        await socket.accept()
        await socket.send_text(str(connection is socket))

    assert (await Socket.talk(app, "/ws")).texts == ["True"]


@pytest.mark.parametrize(("kind", "route"), [(Request, "websocket"), (WebSocket, "get")])
def test_the_connection_of_the_other_kind_is_refused_however_deep_it_stands(kind, route):
    app = App()

    async def deep(value: kind): ...  # type: ignore[valid-type]

    async def between(below=Depends(deep)): ...

    with pytest.raises(GraphError, match=rf"'value' of .*deep \({__file__}:") as caught:

        @getattr(app, route)("/")
        async def endpoint(below=Depends(between)): ...

    (fault,) = caught.value.faults
    way = [line.split()[-2] for line in fault.chain.splitlines()]
    assert way == ["endpoint", "between", "deep"]
