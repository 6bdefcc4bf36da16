"""Values of a request on their way in, and returned values on their way out."""

import dataclasses
import datetime as dt
import enum
from typing import Annotated, Any, Generic, Literal, TypeVar

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from tenure.web import (
    App,
    Body,
    Cookie,
    Depends,
    Header,
    HTTPException,
    Query,
    Request,
    Response,
)
from tenure.web.responses import (
    FileResponse,
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    StreamingResponse,
)
from tests.web.apps.client import get, request

Item = TypeVar("Item")


class Size(enum.Enum):
    small = "s"
    large = "l"


class Filter(BaseModel):
    model_config = ConfigDict(extra="forbid")
    limit: int = Field(10, le=100)
    tags: list[str] = []


class Person(BaseModel):
    name: str = Field(min_length=1)
    born: dt.date | None = None
    nick: str | None = Field(None, alias="nickName")


class Page(BaseModel, Generic[Item]):
    items: list[Item]


async def test_every_place_of_a_request_is_read():
    app = App()

    @app.post("/{size}/{path:path}")
    async def endpoint(
        size: Size,
        path: str,
        person: Person,
        flag: bool,
        x_token: Annotated[str, Header()],
        session: Annotated[str, Cookie()],
        numbers: Annotated[set[int], Query(alias="n")],
        kind: Literal["a", "b"] = "a",
    ):
        return [size, path, person.nick, flag, x_token, session, sorted(numbers), kind]

    answer = await request(
        app,
        "POST",
        "/s/to/a/file?flag=yes&n=2&n=1&n=2",
        headers={"x-token": "t", "cookie": "session=c"},
        value={"name": "ann", "nickName": "a"},
    )
    assert answer.json() == ["s", "to/a/file", "a", True, "t", "c", [1, 2], "a"]


async def test_all_that_is_wrong_is_said_at_once_dependencies_first():
    app = App()

    async def paging(limit: int = Query(le=10)):
        return limit

    @app.post("/{number}")
    async def endpoint(number: int, person: Person, paging=Depends(paging)): ...

    answer = await request(app, "POST", "/x?limit=11", value={"name": ""})
    assert answer.status == 422
    assert [entry["loc"] for entry in answer.json()["detail"]] == [
        ["query", "limit"],
        ["path", "number"],
        ["body", "name"],
    ]


async def test_a_model_may_take_the_whole_query():
    app = App()

    @app.get("/")
    async def endpoint(wanted: Annotated[Filter, Query()]):
        return wanted

    assert (await get(app, "/?tags=a&tags=b")).json() == {"limit": 10, "tags": ["a", "b"]}
    (error,) = (await get(app, "/?limti=3")).json()["detail"]
    assert (error["type"], error["loc"]) == ("extra_forbidden", ["query", "limti"])


async def test_several_bodies_are_keys_of_one_object_wherever_they_are_declared():
    app = App()

    async def below(owner: Person):
        return owner.name

    @app.post("/")
    async def endpoint(guest: Person, note: Annotated[str, Body()], owner=Depends(below)):
        return [guest.name, note, owner]

    body = {"guest": {"name": "g"}, "note": "n", "owner": {"name": "o"}}
    assert (await request(app, "POST", "/", value=body)).json() == ["g", "n", "o"]


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b"", 422, "missing"),
        (b"{", 422, "json_invalid"),
        (b"[]", 422, "model_attributes_type"),
        (b"\xff", 400, ""),
    ],
)
async def test_a_broken_body_is_refused_before_anything_is_opened(body, status, kind):
    app = App()
    opened = []

    async def resource():
        opened.append(1)
        yield

    @app.post("/")
    async def endpoint(person: Person, _=Depends(resource)): ...

    json_type = {"content-type": "application/json"}
    answer = await request(app, "POST", "/", body=body, headers=json_type)
    assert answer.status == status
    if kind:
        assert answer.json()["detail"][0]["type"] == kind
    if kind in ("json_invalid", ""):
        assert opened == []


async def test_who_may_not_come_in_does_not_learn_what_is_valid():
    app = App()
    validated = []

    def unused(name):
        validated.append(name)
        if name == "taken":
            raise HTTPException(409)
        return name

    async def guard(token: Annotated[str, Header()] = ""):
        if token != "let me in":
            raise HTTPException(401)

    @app.post("/", dependencies=[Depends(guard)])
    async def endpoint(name: Annotated[str, Body(embed=True), AfterValidator(unused)]): ...

    taken: dict[str, Any] = {"value": {"name": "taken"}}
    assert (await request(app, "POST", "/", **taken)).status == 401
    assert validated == []
    answer = await request(app, "POST", "/", **taken, headers={"token": "let me in"})
    assert answer.status == 409


async def test_a_dependency_sees_what_one_before_it_did_to_the_request():
    app = App()

    async def tenant(request: Request):
        request.scope["path_params"]["name"] = request.scope["path_params"]["name"].upper()

    @app.get("/{name}", dependencies=[Depends(tenant)])
    async def endpoint(name: str):
        return name

    assert (await get(app, "/ann")).json() == "ANN"


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0


class Row:
    """As an object of a database is: attributes, some of them not for everyone."""

    name = "ann"
    born = None
    nick = "a"
    password = "secret"


class FromRow(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str


@pytest.mark.parametrize(
    ("annotation", "options", "returned", "written"),
    [
        (Person, {}, {"name": "ann"}, {"name": "ann", "born": None, "nickName": None}),
        (FromRow, {}, Row(), {"name": "ann"}),
        (list[FromRow], {}, [Row(), {"name": "b", "more": 1}], [{"name": "ann"}, {"name": "b"}]),
        (Page[int], {}, {"items": ["1"]}, {"items": [1]}),
        (Point, {}, Point(1), {"x": 1, "y": 0}),
        (None, {"response_model": FromRow}, Row(), {"name": "ann"}),
        (Person, {"response_model_exclude_unset": True}, {"name": "ann"}, {"name": "ann"}),
        (Person, {"response_model_include": {"name"}}, {"name": "ann"}, {"name": "ann"}),
        (
            Person,
            {"response_model_by_alias": False, "response_model_exclude_none": True},
            {"name": "ann", "nickName": "a"},
            {"name": "ann", "nick": "a"},
        ),
        (Any, {}, {"set": {1}, "date": dt.date(2020, 1, 2)}, {"set": [1], "date": "2020-01-02"}),
    ],
)
async def test_what_is_returned_is_written_as_the_model_says(
    annotation, options, returned, written
):
    app = App()

    async def endpoint():
        return returned

    if annotation is not None:
        endpoint.__annotations__["return"] = annotation
    app.get("/", **options)(endpoint)
    assert (await get(app, "/")).json() == written


async def test_a_union_with_a_response_class_needs_to_say_so():
    app = App()

    @app.get("/{kind}", response_model=None)
    async def endpoint(kind: str) -> Response | dict[str, int]:
        return PlainTextResponse("text") if kind == "text" else {"a": 1}

    assert (await get(app, "/text")).text == "text"
    assert (await get(app, "/dict")).json() == {"a": 1}


async def test_responses_of_every_kind(tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("from a file")
    app = App()

    @app.get("/html", response_class=HTMLResponse)
    async def html():
        return "<p>"

    @app.get("/file", response_class=FileResponse)
    async def from_file():
        return file

    @app.get("/redirect", response_class=RedirectResponse, status_code=303)
    async def redirect():
        return "/html"

    @app.get("/stream")
    def stream() -> StreamingResponse:
        return StreamingResponse(iter(["a", "b"]), media_type="text/csv")

    @app.get("/nothing", status_code=204)
    async def nothing():
        return {"is": "not sent"}

    assert (await get(app, "/html")).header("content-type") == "text/html; charset=utf-8"
    assert (await get(app, "/file")).text == "from a file"
    redirected = await get(app, "/redirect")
    assert (redirected.status, redirected.header("location")) == (303, "/html")
    assert (await get(app, "/stream")).text == "ab"
    empty = await get(app, "/nothing")
    assert (empty.status, empty.body) == (204, b"")
