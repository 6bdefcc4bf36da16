"""The pages: what they are made of, and where they have their files from."""

import pytest
from fastapi.openapi import docs as of_fastapi

from tenure.web import App
from tenure.web.exceptions import FastAPIError
from tenure.web.openapi import docs, pages
from tests.web.apps.client import get
from tests.web.openapi.pages import Page

SWAGGER_UI = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/"
REDOC = "https://cdn.jsdelivr.net/npm/redoc@2/bundles/redoc.standalone.js"


def swagger_ui(**options):
    given = {"openapi_url": "/openapi.json", "title": "T", **options}
    return Page(bytes(docs.get_swagger_ui_html(**given).body).decode())


def redoc(**options):
    given = {"openapi_url": "/openapi.json", "title": "T", **options}
    return Page(bytes(docs.get_redoc_html(**given).body).decode())


def test_swagger_ui_is_loaded_from_the_internet_unless_told_otherwise():
    page = swagger_ui()
    assert page.title == "T"
    assert {SWAGGER_UI + "swagger-ui-bundle.js", SWAGGER_UI + "swagger-ui.css"} < set(page.loaded)
    own = swagger_ui(swagger_js_url="/a.js", swagger_css_url="/b.css", swagger_favicon_url="/c")
    assert sorted(own.loaded) == ["/a.js", "/b.css", "/c"]


def test_redoc_is_loaded_from_the_internet_unless_told_otherwise():
    page = redoc()
    assert (page.title, page.document) == ("T", "/openapi.json")
    assert REDOC in page.loaded
    assert any("fonts.googleapis.com" in each for each in page.loaded)
    own = redoc(redoc_js_url="/a.js", redoc_favicon_url="/c", with_google_fonts=False)
    assert sorted(own.loaded) == ["/a.js", "/c"]


def test_the_configuration_of_swagger_ui():
    (script,) = swagger_ui(
        oauth2_redirect_url="/docs/oauth2-redirect",
        init_oauth={"clientId": "me", "usePkce": True},
        swagger_ui_parameters={"deepLinking": False, "syntaxHighlight": {"theme": "obsidian"}},
    ).scripts
    for line in (
        "url: '/openapi.json',",
        '"dom_id": "#swagger-ui",',
        '"deepLinking": false,',
        '"syntaxHighlight": {"theme": "obsidian"},',
        "oauth2RedirectUrl: window.location.origin + '/docs/oauth2-redirect',",
        'ui.initOAuth({"clientId": "me", "usePkce": true})',
    ):
        assert line in script
    assert docs.swagger_ui_default_parameters == of_fastapi.swagger_ui_default_parameters


def test_a_plain_page_says_nothing_of_oauth():
    (script,) = swagger_ui().scripts
    assert "oauth" not in script.lower()


EVIL = "'\"></title></script><script>alert(1)</script><!--&\\"


def test_what_a_page_is_given_cannot_leave_its_place():
    page = swagger_ui(
        openapi_url=EVIL,
        title=EVIL,
        swagger_js_url=EVIL,
        swagger_css_url=EVIL,
        swagger_favicon_url=EVIL,
        oauth2_redirect_url=EVIL,
        init_oauth={EVIL: EVIL},
        swagger_ui_parameters={EVIL: EVIL},
    )
    assert page.title == EVIL
    assert page.loaded == [EVIL] * 3
    (script,) = page.scripts
    assert "<" not in script
    # In single quotes neither a quote nor a backslash is left that is not escaped.
    assert r"url: '\'" in script
    assert r"\\'," in script
    page = redoc(openapi_url=EVIL, title=EVIL, redoc_js_url=EVIL, redoc_favicon_url=EVIL)
    assert (page.title, page.document) == (EVIL, EVIL)
    assert page.loaded.count(EVIL) == 2
    assert page.scripts == []


def test_the_page_that_takes_an_authorization_back():
    page = Page(bytes(docs.get_swagger_ui_oauth2_redirect_html().body).decode())
    (script,) = page.scripts
    # The names by which Swagger UI and its page know each other.
    for name in ("swaggerUIRedirectOauth2", "errCb", "callback", "redirectUrl", "isValid"):
        assert name in script
    assert page.loaded == []


async def test_an_application_serves_its_pages():
    app = App(title="Things", docs_assets="cdn", swagger_ui_init_oauth={"clientId": "me"})
    answer = await get(app, "/docs")
    assert answer.header("content-type") == "text/html; charset=utf-8"
    page = Page(answer.text)
    assert page.title == "Things - Swagger UI"
    assert SWAGGER_UI + "swagger-ui-bundle.js" in page.loaded
    assert "url: '/openapi.json'" in page.scripts[0]
    assert "'/docs/oauth2-redirect'" in page.scripts[0]
    assert '{"clientId": "me"}' in page.scripts[0]
    page = Page((await get(app, "/redoc")).text)
    assert (page.title, page.document) == ("Things - ReDoc", "/openapi.json")
    assert REDOC in page.loaded
    assert "swaggerUIRedirectOauth2" in (await get(app, "/docs/oauth2-redirect")).text


async def test_pages_are_where_the_application_says():
    app = App(
        openapi_url="/a.json",
        docs_url="/b",
        redoc_url="/c",
        swagger_ui_oauth2_redirect_url="/d",
        docs_assets="cdn",
    )
    assert (await get(app, "/a.json")).json()["openapi"] == "3.1.0"
    script = Page((await get(app, "/b")).text).scripts[0]
    assert "url: '/a.json'" in script
    assert "'/d'" in script
    assert Page((await get(app, "/c")).text).document == "/a.json"
    assert (await get(app, "/d")).status == 200
    without = App(swagger_ui_oauth2_redirect_url=None, docs_assets="cdn")
    assert (await get(without, "/docs/oauth2-redirect")).status == 404
    assert "oauth2RedirectUrl" not in (await get(without, "/docs")).text


async def test_pages_behind_a_proxy_point_behind_the_proxy():
    inner, outer = App(), App()
    outer.mount("/sub", inner)
    page = Page((await get(outer, "/sub/docs")).text)
    assert "url: '/sub/openapi.json'" in page.scripts[0]
    assert "'/sub/docs/oauth2-redirect'" in page.scripts[0]
    assert all(each.startswith("/sub/docs?asset=") for each in page.loaded)
    for each in page.loaded:
        assert (await get(outer, each)).status == 200
    page = Page((await get(outer, "/sub/redoc")).text)
    assert page.document == "/sub/openapi.json"
    assert all(each.startswith("/sub/redoc?asset=") for each in page.loaded)


async def test_installed_files_are_served_by_the_application():
    app = App()
    kinds = {}
    for path in ("/docs", "/redoc"):
        page = Page((await get(app, path)).text)
        assert "//" not in "".join(page.loaded)
        for url in page.loaded:
            answer = await get(app, url)
            assert answer.status == 200, url
            assert len(answer.body) > 500, url
            kinds[url] = (answer.header("content-type") or "").partition(";")[0]
    assert kinds == {
        "/docs?asset=swagger-ui-dist/swagger-ui-bundle.js": "text/javascript",
        "/docs?asset=swagger-ui-dist/swagger-ui.css": "text/css",
        "/docs?asset=favicon.png": "image/png",
        "/redoc?asset=redoc@2/redoc.standalone.js": "text/javascript",
        "/redoc?asset=favicon.png": "image/png",
    }


@pytest.mark.parametrize("name", ["", "x", "../__init__.py", "swagger-ui-bundle.js", "/etc/passwd"])
@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_no_other_file_is_served(path, name):
    assert (await get(App(), f"{path}?asset={name}")).status == 404


async def test_without_the_package_files_come_from_the_internet(monkeypatch):
    monkeypatch.setattr(pages, "asset_folder", lambda: None)
    app = App()
    assert SWAGGER_UI + "swagger-ui-bundle.js" in Page((await get(app, "/docs")).text).loaded
    assert REDOC in Page((await get(app, "/redoc?asset=favicon.png")).text).loaded


def test_where_files_come_from_is_one_of_two_words():
    with pytest.raises(FastAPIError, match=r"neither 'auto' .* nor 'cdn'"):
        App(docs_assets="local")  # type: ignore[arg-type]


async def test_setup_can_be_overridden():
    class Quiet(App):
        def setup(self):
            pass

    app = Quiet()
    assert app.routes == []
    assert app.openapi()["paths"] == {}
    assert (await get(app, "/openapi.json")).status == 404
