"""Routers included in routers: prefixes, dependencies, options, and routes that come later."""

import pytest

from tenure import GraphError
from tenure.web import APIRouter, App, Depends, Security
from tenure.web.exceptions import FastAPIError
from tenure.web.responses import PlainTextResponse
from tenure.web.security import SecurityScopes
from tests.web.apps.client import get, request


def says(words, name):
    async def dependency():
        words.append(name)

    return Depends(dependency)


async def test_a_prefix_may_hold_parameters_for_everything_below_it():
    app, users, items = App(), APIRouter(prefix="/users/{user_id}"), APIRouter(prefix="/items")

    def twice(user_id: int):
        return 2 * user_id

    @items.get("/{item_id}")
    async def read(item_id: str, user_id: int, doubled=Depends(twice)):
        return [item_id, user_id, doubled]

    users.include_router(items)
    app.include_router(users, prefix="/{version}")
    assert (await get(app, "/v1/users/3/items/pen")).json() == ["pen", 3, 6]
    assert (await get(app, "/v1/users/x/items/pen")).status == 422


async def test_dependencies_run_from_the_outside_in():
    words: list[str] = []
    app = App(dependencies=[says(words, "app")])
    outer = APIRouter(dependencies=[says(words, "outer")])
    inner = APIRouter(dependencies=[says(words, "inner")])

    @inner.get("/", dependencies=[says(words, "route")])
    async def read(parameter=says(words, "parameter")):
        words.append("endpoint")

    outer.include_router(inner, prefix="/inner", dependencies=[says(words, "inner included")])
    app.include_router(outer, dependencies=[says(words, "outer included")])
    await get(app, "/inner/")
    assert words == [
        "app",
        "outer included",
        "outer",
        "inner included",
        "inner",
        "route",
        "parameter",
        "endpoint",
    ]


async def test_routes_that_are_added_after_the_inclusion_are_served():
    app, router, below = App(), APIRouter(), APIRouter()
    app.include_router(router, prefix="/a")
    router.include_router(below, prefix="/b")
    assert (await get(app, "/a/b/late")).status == 404

    @below.get("/late")
    async def late():
        return "late"

    assert (await get(app, "/a/b/late")).json() == "late"


async def test_the_first_route_that_matches_answers_wherever_it_comes_from():
    app, router = App(), APIRouter()

    @router.get("/{name}")
    async def anything(name: str):
        return "router"

    @app.get("/before")
    async def before():
        return "app"

    app.include_router(router)

    @app.get("/after")
    async def after():
        return "app"

    assert (await get(app, "/before")).json() == "app"
    assert (await get(app, "/after")).json() == "router"


async def test_a_router_may_be_included_twice_with_other_dependencies():
    app, router = App(), APIRouter()

    async def scopes(asked: SecurityScopes):
        return asked.scopes

    @router.get("/")
    async def read(found=Depends(scopes)):
        return found

    words: list[str] = []
    app.include_router(router, prefix="/free")
    app.include_router(router, prefix="/watched", dependencies=[says(words, "watched")])
    await get(app, "/free/")
    assert words == []
    await get(app, "/watched/")
    assert words == ["watched"]


async def test_oauth_scopes_of_an_inclusion_reach_its_own_dependency_only():
    app, router = App(), APIRouter()
    seen: list[list[str]] = []

    async def user(asked: SecurityScopes):
        seen.append(asked.scopes)
        return asked.scopes

    @router.get("/")
    async def read(mine=Security(user, scopes=["me"])):
        return mine

    app.include_router(router, dependencies=[Security(user, scopes=["all"])])
    assert (await get(app, "/")).json() == ["me"]
    assert seen == [["all"], ["me"]]


async def test_the_response_class_nearest_to_the_route_counts():
    def spelling(word):
        return type(word, (PlainTextResponse,), {"media_type": f"text/{word}"})

    app = App(default_response_class=spelling("app"))
    own, plain = APIRouter(default_response_class=spelling("own")), APIRouter()
    for router in (app, own, plain):

        @router.get("/default")
        async def default():
            return ""

        @router.get("/said", response_class=spelling("route"))
        async def said():
            return ""

    app.include_router(own, prefix="/own", default_response_class=spelling("inclusion"))
    app.include_router(plain, prefix="/plain", default_response_class=spelling("inclusion"))

    async def spelled(path):
        return ((await get(app, path)).header("content-type") or "").partition(";")[0]

    assert await spelled("/default") == "text/app"
    assert await spelled("/own/default") == "text/own"
    assert await spelled("/plain/default") == "text/inclusion"
    assert await spelled("/own/said") == "text/route"


async def test_a_route_is_named_with_its_whole_path():
    app, router = App(), APIRouter(prefix="/items")

    @router.get("/{item_id}", name="item")
    async def read(item_id: int): ...

    app.include_router(router, prefix="/v1")
    assert app.url_path_for("item", item_id=3) == "/v1/items/3"


async def test_a_redirect_leads_to_the_other_spelling_of_an_included_path():
    app, router = App(), APIRouter(prefix="/items")

    @router.post("/")
    async def create(): ...

    app.include_router(router)
    answer = await request(app, "POST", "/items?a=1")
    assert (answer.status, answer.header("location")) == (307, "http://server/items/?a=1")


async def test_another_method_of_an_included_path_is_refused_with_what_is_allowed():
    app, router = App(), APIRouter()

    @router.put("/a")
    async def put(): ...

    app.include_router(router)
    answer = await request(app, "DELETE", "/a")
    assert (answer.status, answer.header("allow")) == (405, "PUT")


def test_an_inclusion_in_a_circle_is_refused():
    one, two = APIRouter(), APIRouter()
    one.include_router(two, prefix="/two")
    with pytest.raises(FastAPIError, match="included in itself"):
        two.include_router(one, prefix="/one")
    with pytest.raises(FastAPIError, match="included in itself"):
        one.include_router(one, prefix="/one")


def test_a_path_of_nothing_at_all_is_refused():
    app, router = App(), APIRouter()

    @router.get("")
    async def nothing(): ...

    with pytest.raises(FastAPIError, match="nothing"):
        app.include_router(router)


def test_wrong_dependencies_of_an_inclusion_are_refused_where_it_is_made():
    def needs(x, /): ...

    with pytest.raises(GraphError, match=r"'x' of .*needs"):
        App().include_router(APIRouter(), dependencies=[Depends(needs)])
