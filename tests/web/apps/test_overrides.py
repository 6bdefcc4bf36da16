"""``dependency_overrides``: what they replace, where they hold, and when they are refused."""

import linecache
from types import SimpleNamespace
from typing import Any
from unittest.mock import create_autospec, patch

import pytest

from tenure import GraphError
from tenure.web import APIRouter, App, Depends, Path, Security
from tenure.web.security import SecurityScopes
from tests.web.apps.client import get


async def setting(name: str = "real"):
    return name


async def uses_setting(value=Depends(setting)):
    return f"uses {value}"


@pytest.fixture
def app():
    app, router = App(), APIRouter()

    @router.get("/items/{item_id}")
    async def read(deep=Depends(uses_setting), value=Depends(setting)):
        return [deep, value]

    app.include_router(router)
    return app


async def answered(app):
    return (await get(app, "/items/3?name=asked")).json()


async def test_an_override_holds_everywhere_below_and_until_it_is_taken_back(app):
    assert await answered(app) == ["uses asked", "asked"]
    app.dependency_overrides[setting] = lambda: "fake"
    assert await answered(app) == ["uses fake", "fake"]
    del app.dependency_overrides[setting]
    assert await answered(app) == ["uses asked", "asked"]
    app.dependency_overrides = {uses_setting: lambda: "short"}
    assert await answered(app) == ["short", "asked"]
    app.dependency_overrides.clear()
    assert await answered(app) == ["uses asked", "asked"]


def fake():
    return "fake"


REAL, FAKE = ["uses asked", "asked"], ["uses fake", "fake"]

SETS = {
    "item": lambda overrides: overrides.__setitem__(setting, fake),
    "update": lambda overrides: overrides.update({setting: fake}),
    "setdefault": lambda overrides: overrides.setdefault(setting, fake),
    "or": lambda overrides: overrides.__ior__({setting: fake}),
}
TAKES_BACK = {
    "del": lambda overrides: overrides.__delitem__(setting),
    "pop": lambda overrides: overrides.pop(setting),
    "popitem": lambda overrides: overrides.popitem(),
    "clear": lambda overrides: overrides.clear(),
}


@pytest.mark.parametrize("sets", SETS.values(), ids=SETS)
@pytest.mark.parametrize("takes_back", TAKES_BACK.values(), ids=TAKES_BACK)
async def test_every_change_holds_for_the_next_request(app, sets, takes_back):
    app.dependency_overrides[fake] = fake  # so that there always are some
    for _ in range(2):
        assert await answered(app) == REAL
        sets(app.dependency_overrides)
        assert await answered(app) == FAKE
        assert await answered(app) == FAKE
        takes_back(app.dependency_overrides)


async def test_overrides_may_be_patched_for_a_while(app):
    with patch.dict(app.dependency_overrides, {setting: fake}):
        assert await answered(app) == FAKE
        with patch.dict(app.dependency_overrides, clear=True):
            assert await answered(app) == REAL
        assert await answered(app) == FAKE
    assert await answered(app) == REAL


async def test_a_provider_of_the_programs_may_hold_a_plain_dictionary():
    overrides: dict[Any, Any] = {}
    provider = SimpleNamespace(dependency_overrides=overrides)
    router = APIRouter(dependency_overrides_provider=provider)

    @router.get("/items/3")
    async def read(value=Depends(setting)):
        return value

    app = App()
    app.mount("/", router)
    for _ in range(2):
        assert await answered(app) == "asked"
        overrides[setting] = fake
        assert await answered(app) == "fake"
        overrides[setting] = lambda: "another"
        assert await answered(app) == "another"
        overrides.clear()


async def test_a_route_without_what_is_overridden_keeps_its_plan(app):
    def plans():
        return [name for name in linecache.cache if name.startswith("<tenure plan ")]

    assert await answered(app) == REAL
    before = plans()
    app.dependency_overrides[fake] = lambda: "nobody asks"
    assert await answered(app) == REAL
    assert plans() == before


async def test_an_override_has_parameters_of_its_own(app):
    async def fake(item_id: int = Path(), name: str = "unsaid"):
        return f"{item_id} {name}"

    app.dependency_overrides[setting] = fake
    assert await answered(app) == ["uses 3 asked", "3 asked"]


async def test_an_override_may_open_something(app):
    words: list[str] = []

    def opens():
        words.append("+")
        yield "opened"
        words.append("-")

    app.dependency_overrides[setting] = opens
    assert await answered(app) == ["uses opened", "opened"]
    assert words == ["+", "-"]


async def test_overrides_hold_inside_overrides(app):
    async def other(value=Depends(setting)):
        return f"other {value}"

    app.dependency_overrides.update({uses_setting: other, setting: lambda: "fake"})
    assert await answered(app) == ["other fake", "fake"]


@pytest.mark.parametrize("original", [setting, uses_setting])
async def test_a_mock_with_the_signature_may_override(app, original):
    app.dependency_overrides[original] = create_autospec(original, return_value="mocked")
    expected = ["uses mocked", "mocked"] if original is setting else ["mocked", "asked"]
    assert await answered(app) == expected


async def test_an_override_set_before_the_routes_holds_for_them():
    app = App()
    app.dependency_overrides[setting] = lambda: "fake"

    @app.get("/items/3")
    async def read(value=Depends(setting)):
        return value

    assert await answered(app) == "fake"


async def test_an_override_keeps_the_oauth_scopes_of_the_declaration():
    app = App()

    async def user(asked: SecurityScopes): ...

    @app.get("/items/3")
    async def read(value=Security(user, scopes=["me", "items"])):
        return value

    async def fake(asked: SecurityScopes):
        return asked.scopes

    app.dependency_overrides[user] = fake
    assert await answered(app) == ["me", "items"]


async def test_a_mounted_application_has_its_own_or_those_of_its_parent(app):
    parent = App()
    parent.mount("/below", app)
    parent.dependency_overrides[setting] = lambda: "parent's"
    assert (await get(parent, "/below/items/3")).json() == ["uses parent's", "parent's"]
    app.dependency_overrides[setting] = lambda: "own"
    assert (await get(parent, "/below/items/3")).json() == ["uses own", "own"]


def test_an_override_that_needs_itself_is_refused_when_it_is_set(app):
    with pytest.raises(GraphError, match="cycle"):
        app.dependency_overrides[setting] = uses_setting
    assert app.dependency_overrides == {}


def test_an_override_that_cannot_be_called_is_refused_when_it_is_set(app):
    with pytest.raises(GraphError):
        app.dependency_overrides[setting] = None  # type: ignore[assignment]
    assert app.dependency_overrides == {}


def test_none_of_several_overrides_is_set_if_one_is_wrong(app):
    with pytest.raises(GraphError):
        app.dependency_overrides.update({uses_setting: lambda: 1, setting: lambda x, /: x})
    assert app.dependency_overrides == {}
