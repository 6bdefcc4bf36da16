"""Front ends: what is found out when, and how long what they depend on lives."""

import pytest

from tenure.web import APIRouter, App, Depends, HTTPException
from tests.web.apps.client import get, running


@pytest.fixture
def build(tmp_path):
    (tmp_path / "index.html").write_text("index")
    (tmp_path / "app.js").write_text("run()")
    return tmp_path


async def test_a_missing_directory_is_only_warned_of_while_developing(tmp_path, monkeypatch):
    monkeypatch.setenv("FASTAPI_ENV", "development")
    app = App()
    with pytest.warns(UserWarning, match="nowhere"):
        app.frontend("/", directory=tmp_path / "nowhere")
    monkeypatch.delenv("FASTAPI_ENV")
    with pytest.raises(RuntimeError, match="nowhere"):
        app.frontend("/", directory=tmp_path / "nowhere")


async def test_files_that_appear_later_are_served(tmp_path, monkeypatch):
    app = App()
    app.frontend("/", directory=tmp_path)
    assert (await get(app, "/app.js")).status == 404
    (tmp_path / "app.js").write_text("run()")
    assert (await get(app, "/app.js")).text == "run()"


async def test_a_front_end_added_to_an_included_router_later_is_served(build):
    app, router = App(), APIRouter()
    app.include_router(router, prefix="/site")
    assert (await get(app, "/site/app.js")).status == 404
    router.frontend("/", directory=build)
    assert (await get(app, "/site/app.js")).text == "run()"


async def test_what_is_of_scope_app_is_set_up_for_a_front_end(build):
    words: list[str] = []

    async def pool():
        words.append("+pool")
        yield
        words.append("-pool")

    app = App(dependencies=[Depends(pool, scope="app")])
    app.frontend("/", directory=build)
    async with running(app):
        assert words == ["+pool"]
        assert (await get(app, "/app.js")).status == 200
    assert words == ["+pool", "-pool"]


async def test_exceptions_of_dependencies_and_of_the_files_are_answered_after_exits(build):
    words: list[str] = []

    async def seen(allowed: bool = True):
        words.append("+seen")
        try:
            yield
            if not allowed:
                raise HTTPException(403)
        except Exception as error:
            words.append(f"sees {getattr(error, 'status_code', error)}")
            raise
        finally:
            words.append("-seen")

    app = App(dependencies=[Depends(seen, scope="function")])
    app.frontend("/", directory=build, fallback=None)
    assert (await get(app, "/absent")).status == 404
    assert (await get(app, "/app.js?allowed=no")).status == 403
    assert words == ["+seen", "sees 404", "-seen", "+seen", "sees 403", "-seen"]
