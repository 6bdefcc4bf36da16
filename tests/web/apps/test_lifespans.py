"""Starting and stopping: applications, their routers, what they mount, and the state they leave."""

from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Host

from tenure import GraphError
from tenure.web import APIRouter, App, Request
from tests.web.apps.client import get, running


@pytest.fixture
def words():
    return []


@pytest.fixture
def lifespan(words):
    """Makes lifespans that say when they run and leave some state."""

    def make(name, **state):
        @asynccontextmanager
        async def lives(app):
            words.append(f"+{name}")
            try:
                yield state
            finally:
                words.append(f"-{name}")

        return lives

    return make


def shows_state(app):
    @app.get("/state")
    async def state(request: Request):
        return request.state._state

    return app


async def test_what_a_lifespan_yields_is_the_state_of_every_request(lifespan, words):
    app = shows_state(App(lifespan=lifespan("app", pool="open")))
    async with running(app) as client:
        answer = await client.request(app, "GET", "/state")
        assert answer.json() == {"pool": "open"}
        assert words == ["+app"]
    assert words == ["+app", "-app"]


async def test_an_application_may_be_started_again(lifespan, words):
    app = App(lifespan=lifespan("app"))
    for _ in range(2):
        async with running(app):
            pass
    assert words == ["+app", "-app"] * 2


async def test_routers_live_within_the_application_and_its_state_wins(lifespan, words):
    app = shows_state(App(lifespan=lifespan("app", one="app")))
    outer = APIRouter(lifespan=lifespan("outer", one="outer", two="outer"))
    inner = APIRouter(lifespan=lifespan("inner", two="inner", three="inner"))
    outer.include_router(inner)
    app.include_router(outer)
    async with running(app) as client:
        answer = await client.request(app, "GET", "/state")
        assert answer.json() == {"one": "app", "two": "outer", "three": "inner"}
    assert words == ["+app", "+outer", "+inner", "-inner", "-outer", "-app"]


async def test_mounted_applications_live_within_the_one_that_mounts_them(lifespan, words):
    app, below = App(lifespan=lifespan("app")), App(lifespan=lifespan("below", pool="below"))
    app.mount("/below", shows_state(below))
    async with running(app) as client:
        answer = await client.request(app, "GET", "/below/state")
        assert answer.json() == {"pool": "below"}
    assert words == ["+app", "+below", "-below", "-app"]


async def test_they_do_behind_middleware_a_host_and_an_application_of_starlette(lifespan, words):
    app = App(lifespan=lifespan("app"))
    app.mount("/wrapped", GZipMiddleware(GZipMiddleware(App(lifespan=lifespan("wrapped")))))
    app.router.routes.append(Host("api.example.org", App(lifespan=lifespan("host"))))
    between = Starlette(lifespan=lifespan("between"))
    between.mount("/", App(lifespan=lifespan("inmost")))
    app.mount("/between", between)
    async with running(app):
        assert words == ["+app", "+wrapped", "+host", "+between", "+inmost"]
    assert words[5:] == ["-inmost", "-between", "-host", "-wrapped", "-app"]


async def test_applications_may_be_mounted_in_themselves(lifespan, words):
    app, below = App(lifespan=lifespan("app")), App(lifespan=lifespan("below"))
    shows_state(app)
    app.mount("/v1", app)
    app.mount("/below", below)
    below.mount("/above", app)
    for path in ("/state", "/v1/v1/state", "/below/above/v1/state"):
        async with running(app) as client:
            assert (await client.request(app, "GET", path)).json() == {}
    assert words == ["+app", "+below", "-below", "-app"] * 3


async def test_applications_that_declare_the_same_function_run_it_each():
    started = []

    @asynccontextmanager
    async def lifespan(app):
        started.append(app)
        yield

    app, below = App(lifespan=lifespan), App(lifespan=lifespan)
    app.mount("/below", below)
    async with running(app):
        assert started == [app, below]


async def test_the_lifespan_of_a_mounted_application_may_be_declared_as_its_parents(
    lifespan, words
):
    """As mounted applications of Starlette have to be started where nobody else does it."""
    for below in (App(lifespan=lifespan("below")), Starlette(lifespan=lifespan("below"))):
        app = App(lifespan=below.router.lifespan_context)
        app.mount("/below", below)
        async with running(app):
            assert words == ["+below"]
        assert words == ["+below", "-below"]
        words.clear()


async def test_a_mounted_application_that_its_parent_starts_is_started_once(lifespan, words):
    below = App(lifespan=lifespan("below"))

    @asynccontextmanager
    async def starts_it(app):
        async with below.router.lifespan_context(below):
            yield

    app = App(lifespan=starts_it)
    app.mount("/below", below)
    async with running(app):
        assert words == ["+below"]
    assert words == ["+below", "-below"]


async def test_handlers_of_start_and_stop_run_once_each_in_order():
    words: list[str] = []

    def says(word):
        return lambda: words.append(word)

    app, router = App(on_startup=[says("app")]), APIRouter(on_startup=[says("router")])
    app.include_router(router)

    async def last():
        words.append("last")

    app.add_event_handler("startup", last)
    app.add_event_handler("shutdown", says("stopped"))
    async with running(app):
        assert words == ["app", "last", "router"]
    assert words[-1] == "stopped"


async def test_a_start_that_fails_closes_what_is_open_and_says_why(lifespan, words):
    @asynccontextmanager
    async def fails(app):
        raise ConnectionError("no database")
        yield

    app, router = App(lifespan=lifespan("app")), APIRouter(lifespan=fails)
    app.include_router(router)
    with pytest.raises(ConnectionError, match="no database"):
        async with running(app):
            pass
    assert words == ["+app", "-app"]


async def test_names_that_are_never_defined_stop_the_start(lifespan, words):
    app = App(lifespan=lifespan("app"))

    @app.get("/")
    async def endpoint(value: "NeverDefined"):  # type: ignore[name-defined] # noqa: F821
        ...

    with pytest.raises(GraphError, match="'NeverDefined'"):
        async with running(app):
            pass
    assert words == []


async def test_the_start_reports_the_faults_of_all_routes():
    app = App()

    @app.get("/one")
    async def one(value: "FirstName"):  # type: ignore[name-defined] # noqa: F821
        ...

    @app.get("/two")
    async def two(value: "SecondName"):  # type: ignore[name-defined] # noqa: F821
        ...

    with pytest.raises(GraphError) as caught:
        async with running(app):
            pass
    text = str(caught.value)
    assert "'FirstName'" in text
    assert "'SecondName'" in text


async def test_the_start_checks_what_is_mounted():
    app, below = App(), App()

    @below.get("/")
    async def endpoint(value: "NeverDefined"):  # type: ignore[name-defined] # noqa: F821
        ...

    app.mount("/below", below)
    with pytest.raises(GraphError, match="'NeverDefined'"):
        async with running(app):
            pass


async def test_requests_are_answered_without_a_start_too(lifespan, words):
    app = App(lifespan=lifespan("app"))

    @app.get("/")
    async def endpoint():
        return "answered"

    assert (await get(app, "/")).json() == "answered"
    assert words == []
