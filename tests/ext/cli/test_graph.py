"""`tenure graph` and `tenure explain`: which routes they find, and what they write."""

import json
from xml.etree import ElementTree as ET

import pytest

PROGRAM = """
    async def session() -> AsyncIterator[str]: yield ""
    async def fake() -> AsyncIterator[str]: yield "fake"
    Session = Annotated[str, Depends(session, scope="function")]

    router = APIRouter()
    inner = FastAPI()

    @app.get("/items/{item_id}")
    async def read_item(item_id: int, session: Session, q: str = ""): ...
    @app.post("/items/{item_id}")
    def write_item(item_id: int, data: dict[str, int]): ...
    @router.get("/included")
    async def included(session: Session): ...
    @inner.get("/deep/{name:path}")
    async def deep(name: str, session: Session): ...
    @inner.websocket("/ws")
    async def chat(socket: WebSocket): ...
    app.include_router(router, prefix="/api")
    app.mount("/inner", inner)
"""
ALL = [
    "GET /items/{item_id}",
    "POST /items/{item_id}",
    "GET /api/included",
    "GET /inner/deep/{name:path}",
    "WEBSOCKET /inner/ws",
]


def titles(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.split(" ")[0].isupper()]


def test_the_tree_of_all_routes(write, tenure) -> None:
    file = write(PROGRAM)
    outcome = tenure("graph", file)
    assert outcome.status == 0
    assert titles(outcome.out) == ALL
    assert outcome.out.replace(file.name, "program.py").startswith(
        "GET /items/{item_id}\n"
        "read_item(item_id: path, q: query) · async function · program.py:16\n"
        '└─ session: session · async generator · scope "function" · program.py:9\n'
        "\n"
        "POST /items/{item_id}\n"
        "write_item(item_id: path, data: body) · function in a thread · program.py:18\n"
        "\n"
    )


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("GET /items/{item_id}", ALL[:1]),
        ("get /items/7", ALL[:1]),
        ("/items/{item_id}", ALL[:2]),
        ("write_item", ALL[1:2]),
        ("/api/included", ALL[2:3]),
        ("/inner/deep/a/b/c", ALL[3:4]),
        ("WS /inner/ws", ALL[4:]),
        ("websocket chat", ALL[4:]),
    ],
)
def test_one_route(write, tenure, wanted: str, expected: list[str]) -> None:
    assert titles(tenure("graph", write(PROGRAM), wanted).out) == expected


def test_a_route_that_is_not_there(write, tenure) -> None:
    for command in ("graph", "explain"):
        outcome = tenure(command, write(PROGRAM), "raed_item")
        assert outcome.status == 2
        assert outcome.out == ""
        assert outcome.err == (
            "tenure: no route is called 'raed_item'; did you mean 'read_item'?\n"
        )


def test_json_has_each_route_for_itself(write, tenure) -> None:
    found = json.loads(tenure("graph", write(PROGRAM), "--format", "json").out)["routes"]
    assert [f"{'|'.join(each['methods'])} {each['path']}" for each in found] == ALL
    assert [each["name"] for each in found] == [
        "read_item", "write_item", "included", "deep", "chat",
    ]  # fmt: skip
    nodes = {node["id"]: node for node in found[0]["graph"]["nodes"]}
    root = nodes[found[0]["graph"]["roots"][0]]
    assert root["inputs"] == [
        {"name": "item_id", "source": "path"},
        {"name": "q", "source": "query"},
    ]
    assert nodes[root["dependencies"][0]["id"]]["scope"] == "function"


@pytest.mark.parametrize("name", ["g.svg", "g.mmd", "g.json", "g.txt"])
def test_the_name_of_the_output_says_the_format(write, tenure, name: str) -> None:
    file = write(PROGRAM)
    assert tenure("graph", file, "-o", name) == (0, "", "")
    text = file.with_name(name).read_text()
    if name == "g.svg":
        assert ET.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"
    elif name == "g.mmd":
        assert text.startswith("flowchart LR\n")
        assert text.count("]:::of_function") == 1  # shared by three routes
    elif name == "g.json":
        assert json.loads(text)
    else:
        assert text == tenure("graph", file).out


def test_an_output_that_cannot_be_written(write, tenure) -> None:
    outcome = tenure("graph", write(PROGRAM), "-o", "nowhere/g.svg")
    assert outcome == (
        2,
        "",
        "tenure: nowhere/g.svg cannot be written: No such file or directory\n",
    )


def test_overrides_are_drawn_where_they_are_set(write, tenure) -> None:
    file = write(PROGRAM + "\n    app.dependency_overrides[session] = fake\n")
    out = tenure("graph", file).out
    assert out.count("session: fake · async generator") == 3  # the mounted application, too
    assert out.count("overrides session") == 3
    explained = tenure("explain", file, "read_item").out
    assert "# session: fake at " in explained
    assert "# session: session at " not in explained
    own = write(PROGRAM + "\n    inner.dependency_overrides[session] = fake\n")
    assert tenure("graph", own).out.count("overrides session") == 1


def test_a_faulty_route_does_not_hide_the_others(write, tenure) -> None:
    file = write(PROGRAM + "\n    app.get('/bad')(lambda x=Depends(1): x)\n")
    assert titles(tenure("graph", file, "read_item").out) == ALL[:1]
    outcome = tenure("graph", file, "/bad")
    assert (outcome.status, outcome.out) == (1, "")
    assert "cannot be called" in outcome.err


def test_explain_shows_the_source(write, tenure) -> None:
    file = write(PROGRAM)
    outcome = tenure("explain", file, "/items/{item_id}")
    assert outcome.status == 0
    assert titles(outcome.out.replace("# ", "")) == ALL[:2]
    compile(outcome.out, "explained", "exec")
    assert "async def solve_read_item(scope, source):\n" in outcome.out
    assert "async def solve_write_item(scope, source):\n" in outcome.out


def test_an_application_mounted_in_itself_ends(write, tenure) -> None:
    file = write(PROGRAM + "\n    inner.mount('/again', app)\n")
    assert titles(tenure("graph", file).out) == ALL


def test_an_application_behind_middleware_is_looked_into(write, tenure) -> None:
    file = write(
        PROGRAM
        + """
    from starlette.middleware.gzip import GZipMiddleware
    wrapped = GZipMiddleware(app)
    """
    )
    assert titles(tenure("graph", f"{file}:wrapped").out) == ALL


def test_something_without_routes(write, tenure) -> None:
    file = write("async def bare(scope, receive, send): ...")
    outcome = tenure("graph", f"{file}:bare")
    assert outcome == (2, "", "tenure: the application is of type function, which has no routes\n")
