"""Which route answers: found by the text of its path, or by whatever else a route matches by."""

import re

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Match

from tenure.web import App
from tenure.web.routing import APIRoute
from tests.web.apps.client import Client, get


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
    for route in app.routes[-1:]:
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


async def test_what_takes_the_rest_answers_only_for_what_is_declared_after_it():
    app = App()
    app.get("/before/{one}")(_first_of("/before/{one}"))
    app.mount("/", _says_plainly("mounted"))
    app.get("/after/{one}")(_first_of("/after/{one}"))
    assert (await get(app, "/before/1")).json() == "/before/{one}"
    assert (await get(app, "/after/1")).text == "mounted"
    assert (await get(app, "/before/1/2")).text == "mounted"


def _says_plainly(text):
    async def app(asgi_scope, receive, send):
        await PlainTextResponse(text)(asgi_scope, receive, send)

    return app


async def test_a_path_with_several_methods_is_answered_by_the_route_of_the_method():
    app = App()
    app.get("/items/{one}")(says("read"))
    app.put("/items/{one}")(says("write"))
    client = Client()
    assert (await client.request(app, "PUT", "/items/1")).json() == "write"
    assert (await client.request(app, "GET", "/items/1")).json() == "read"
    refused = await client.request(app, "DELETE", "/items/1")
    assert (refused.status, refused.header("allow")) == (405, "GET")


async def test_a_line_feed_at_the_end_of_a_path_is_overlooked_as_patterns_do():
    app = App()
    app.get("/a")(says("a"))
    app.get("/{one}")(_first_of("/{one}"))
    app.get("/{one}/b/")(_first_of("/{one}/b/"))

    async def with_line_feed(asgi_scope, receive, send):
        await app({**asgi_scope, "path": asgi_scope["path"] + "\n"}, receive, send)

    assert (await get(with_line_feed, "/a")).json() == "a"
    assert (await get(with_line_feed, "/c")).json() == "/{one}"
    assert (await get(with_line_feed, "/x/b/")).json() == "/{one}/b/"
    assert (await get(with_line_feed, "/x/c")).status == 404


async def test_an_application_put_around_a_route_is_called_even_late():
    app = App()
    app.get("/items/{one}")(says("inner"))
    assert (await get(app, "/items/1")).json() == "inner"
    route = next(each for each in app.routes if isinstance(each, APIRoute))
    assert route.path == "/items/{one}"
    route.app = _says_plainly("outer")
    assert (await get(app, "/items/1")).text == "outer"


async def test_a_route_class_may_serve_in_its_own_way():
    class Closed(APIRoute):
        async def handle(self, scope, receive, send):
            await PlainTextResponse("closed")(scope, receive, send)

    app = App()
    app.router.route_class = Closed
    app.get("/items/{one}")(says("open"))
    assert (await get(app, "/items/1")).text == "closed"


async def test_a_request_knows_its_route_endpoint_router_and_path_parameters():
    app = App()
    app.root_path = "/api"

    @app.get("/items/{one}/{two}")
    async def endpoint(request: Request):
        asgi_scope = request.scope
        assert asgi_scope["endpoint"] is endpoint
        assert asgi_scope["route"].path == "/items/{one}/{two}"
        assert asgi_scope["router"] is app.router
        return [asgi_scope["path_params"], str(request.url_for("endpoint", one="3", two="4"))]

    for path in ("/api/items/1/2", "/items/1/2"):
        seen, url = (await get(app, path)).json()
        assert seen == {"one": "1", "two": "2"}
        assert url.endswith("/api/items/3/4")


async def test_an_empty_segment_is_no_parameter():
    app = App()
    app.get("/items/{one}/parts")(says("parts"))
    assert (await get(app, "/items//parts")).status == 404


async def test_two_parameters_may_share_a_segment():
    app = App()

    @app.get("/{name}.{suffix}")
    async def endpoint(name: str, suffix: str):
        return [name, suffix]

    assert (await get(app, "/a.txt")).json() == ["a", "txt"]


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ("", ""),
        ("?a=1", "?a=1"),
        ("?a=%C3%A4&b=ä", "?a=%C3%A4&b=%C3%A4"),
        ("?a=\udcd9", "?a=%D9"),
        ("?a=%25\udcff%", "?a=%25%FF%"),
    ],
)
async def test_a_redirect_keeps_the_query_whatever_it_is(query: str, sent: str):
    app = App()
    app.get("/items/")(says("items"))
    answer = await get(app, "/items" + query)
    assert (answer.error, answer.status) == (None, 307)
    assert answer.header("location") == "http://server/items/" + sent
