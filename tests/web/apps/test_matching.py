"""Which route answers: found by the text of its path, or by whatever else a route matches by."""

import re

from starlette.routing import Match

from tenure.web import App
from tenure.web.routing import APIRoute
from tests.web.apps.client import get


def says(word):
    async def endpoint():
        return word

    return endpoint


async def test_the_first_declared_route_that_matches_answers():
    app = App()
    declared = ["/{one}/b", "/a/{two}", "/a/b", "/{rest:path}", "/a", "/{number:int}"]
    for path in declared:
        app.get(path)(_first_of(path))
    answers = {
        "/a/b": "/{one}/b",
        "/a/c": "/a/{two}",
        "/x/b": "/{one}/b",
        "/a": "/{rest:path}",
        "/3": "/{rest:path}",
        "/x/y/z": "/{rest:path}",
        "/a/": "/{rest:path}",
    }
    assert {path: (await get(app, path)).json() for path in answers} == answers


def _first_of(path):
    names = re.findall(r"{(\w+)", path)
    source = f"async def endpoint({', '.join(names)}): return {path!r}"
    namespace: dict[str, object] = {}
    exec(source, namespace)
    return namespace["endpoint"]


async def test_routes_may_be_taken_out_and_put_in_while_the_application_runs():
    app = App()
    app.get("/a")(says("first"))
    app.get("/b")(says("second"))
    assert (await get(app, "/b")).json() == "second"
    route = app.router.routes.pop()
    assert (await get(app, "/b")).status == 404
    app.router.routes.insert(0, route)
    assert (await get(app, "/b")).json() == "second"
    del app.routes[:]
    assert (await get(app, "/a")).status == 404


async def test_a_pattern_that_was_replaced_counts():
    app = App()
    app.get("/Items")(says("items"))
    for route in app.routes:
        assert isinstance(route, APIRoute)
        route.path_regex = re.compile(route.path_regex.pattern, re.IGNORECASE)
    assert (await get(app, "/items")).json() == "items"


async def test_a_route_class_may_match_in_its_own_way():
    class ByEnding(APIRoute):
        def matches(self, scope):
            if scope["path"].endswith(".json"):
                return Match.FULL, {"endpoint": self.endpoint, "path_params": {}}
            return super().matches(scope)

    app = App()
    app.router.route_class = ByEnding
    app.get("/json")(says("json"))
    assert (await get(app, "/json")).json() == "json"
    assert (await get(app, "/anything.json")).json() == "json"
