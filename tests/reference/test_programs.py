"""What the programs print, in which order, and what their clients get.

Each runs as it stands, and once more as the FastAPI program that it is when its imports say
`fastapi`.
"""

import importlib
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = Path(__file__).parent / "programs"
FRAMEWORKS = ("tenure.web", "fastapi")

# Starlette says so when its test client is imported, whichever client library it then uses.
pytestmark = pytest.mark.filterwarnings("ignore:Using `httpx` with `starlette.testclient`")


@pytest.fixture(params=FRAMEWORKS)
def framework(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def load(framework: str) -> Iterator[Callable[[str], Any]]:
    """Run a program's module with its imports pointing at the framework."""
    loaded: list[str] = []

    def run(name: str) -> Any:
        path = PROGRAMS / f"{name}.py"
        module = types.ModuleType(f"{framework}:{name}")
        source = path.read_text().replace("tenure.web", framework)
        sys.modules[module.__name__] = module
        loaded.append(module.__name__)
        exec(compile(source, path, "exec"), module.__dict__)
        return module

    yield run
    for name in loaded:
        del sys.modules[name]


class Visitor:
    """A client that keeps apart what is printed for each request."""

    def __init__(self, framework: str, app: Any, capsys: pytest.CaptureFixture[str]) -> None:
        testclient = importlib.import_module(f"{framework}.testclient")
        self.client = testclient.TestClient(app, raise_server_exceptions=False)
        self._capsys = capsys

    def printed(self) -> list[str]:
        return self._capsys.readouterr().out.splitlines()

    def get(self, path: str, **more: Any) -> tuple[int, Any, list[str]]:
        return self.send("GET", path, **more)

    def send(self, method: str, path: str, **more: Any) -> tuple[int, Any, list[str]]:
        answer = self.client.request(method, path, **more)
        is_json = answer.headers["content-type"] == "application/json"
        return answer.status_code, answer.json() if is_json else answer.text, self.printed()


@pytest.fixture
def visit(
    framework: str, load: Callable[[str], Any], capsys: pytest.CaptureFixture[str]
) -> Callable[[str], Visitor]:
    return lambda name: Visitor(framework, load(name).app, capsys)


def test_a_printed_resource(visit: Callable[[str], Visitor]) -> None:
    visitor = visit("printed_resource")
    assert visitor.get("/") == (
        200,
        {"written in": "black ink"},
        ["Filling the inkwell", "Writing", "Emptying the inkwell"],
    )


def test_cleanup_needs_finally_to_run_after_a_failure(visit: Callable[[str], Visitor]) -> None:
    status, text, printed = visit("printed_resource").get("/spill")
    assert (status, text) == (500, "Internal Server Error")
    assert printed == ["Opening the desk", "Filling the inkwell", "Spilling", "Closing the desk"]


def test_the_states_of_a_session(visit: Callable[[str], Visitor]) -> None:
    assert visit("session_states").get("/books") == (
        200,
        {"session": "in use"},
        [
            "state: created",
            "state in the endpoint: yielded",
            "state in the background: in use",
            "state before cleanup: in use",
            "state: closing",
            "state: closed",
        ],
    )


def test_the_states_of_a_session_when_the_endpoint_fails(
    visit: Callable[[str], Visitor],
) -> None:
    assert visit("session_states").get("/missing") == (
        404,
        {"detail": "no such book"},
        ["state: created", "state before cleanup: in use", "state: closing", "state: closed"],
    )


YIELD_CHAPTER: dict[str, tuple[int, Any, list[str]]] = {
    "/one": (200, {"open": True}, ["session: opened", "session: closed"]),
    "/chain": (
        200,
        {"top": "third", "returned": "third"},
        [
            "first: opened",
            "second: opened",
            "third: opened",
            "third: closed",
            "second: closed",
            "first: closed",
        ],
    ),
    "/gone": (
        410,
        {"gone": "the atlas"},
        ["transaction: opened", "transaction: rolled back", "transaction: closed"],
    ),
    "/guarded": (403, {"detail": "closed shelf"}, ["session: opened", "session: closed"]),
    "/late": (200, "answered", []),
    "/translated": (404, {"detail": "no atlas"}, []),
    "/background": (
        200,
        "sent",
        ["session: opened", "background: session is open", "session: closed"],
    ),
    "/managed": (200, "shelf", ["shelf: opened", "shelf: closed"]),
}


@pytest.mark.parametrize("path", YIELD_CHAPTER)
def test_the_chapter_on_yield(path: str, visit: Callable[[str], Visitor]) -> None:
    assert visit("yield_chapter").get(path) == YIELD_CHAPTER[path]


ADVANCED: dict[str, tuple[tuple[str, str, dict[str, str]], tuple[int, Any, list[str]]]] = {
    "asynchronous_client": (
        ("GET", "/shops/7", {}),
        (200, {"path": "/shops/7"}, ["client opened", "client closed"]),
    ),
    "mixed": (("GET", "/me", {"key": "k1"}), (200, {"reader": "Ada"}, [])),
    "asynchronous_below_a_def_endpoint": (
        ("GET", "/sync-me", {"key": "k1"}),
        (200, {"reader": "Ada"}, []),
    ),
    "cached": (("GET", "/cached", {}), (200, {"calls": 1}, [])),
    "not_cached": (("GET", "/tickets", {}), (200, {"different": True}, [])),
    "generator": (
        ("GET", "/readers", {}),
        (200, ["Ada", "Grace"], ["database opened", "database closed"]),
    ),
    "committed": (
        ("POST", "/readers/Ada", {}),
        (200, "Ada", ["database opened", "database committed", "database closed"]),
    ),
    "refused": (
        ("POST", "/readers/nobody", {}),
        (
            409,
            {"detail": "not a reader"},
            ["database opened", "refused", "database rolled back", "database closed"],
        ),
    ),
    "broken": (
        ("POST", "/readers/crash", {}),
        (
            500,
            "Internal Server Error",
            ["database opened", "broken", "database rolled back", "database closed"],
        ),
    ),
    # A resource of scope "request" lasts while a response streams; one of scope "function" is
    # closed before the first byte.
    "stream": (
        ("GET", "/stream", {}),
        (
            200,
            (
                "request tape 0 running\nrequest tape 1 running\n"
                "function tape 0 stopped\nfunction tape 1 stopped\n"
            ),
            ["function tape stopped", "request tape stopped"],
        ),
    ),
    "callable_instance": (
        ("GET", "/archive", {}),
        (200, "memory://archive", ["connected to memory://archive", "left memory://archive"]),
    ),
    "factories": (("GET", "/resources", {}), (200, ["a cache", "a queue"], [])),
}


@pytest.mark.parametrize("name", ADVANCED)
def test_advanced_patterns(name: str, visit: Callable[[str], Visitor]) -> None:
    (method, path, headers), expected = ADVANCED[name]
    assert visit("advanced_patterns").send(method, path, headers=headers) == expected


def test_a_context_variable_set_in_a_def_dependency(
    framework: str, visit: Callable[[str], Visitor]
) -> None:
    status, body, printed = visit("advanced_patterns").get(
        "/process", headers={"x-request-id": "r7"}
    )
    assert printed == ["[r7] working"]
    if framework == "fastapi":
        # Each thread hop of FastAPI's has a context of its own: the endpoint finds nothing.
        assert status == 500
    else:
        assert (status, body) == (200, {"request_id": "r7"})


def test_the_lifecycle_of_connections(visit: Callable[[str], Visitor]) -> None:
    visitor = visit("connection_lifecycle")
    with visitor.client:
        assert visitor.printed() == ["Starting the library"]
        for _ in range(2):
            assert visitor.get("/") == (
                200,
                {"message": "greetings from the library"},
                ["connected", "disconnected"],
            )
    assert visitor.printed() == ["Stopping the library"]


def test_a_def_lifespan_under_asynccontextmanager(
    framework: str, load: Callable[[str], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    if framework == "fastapi":
        visitor = Visitor(framework, load("plain_lifespan").app, capsys)
        with pytest.raises(TypeError), visitor.client:
            pass
        return
    with pytest.warns(UserWarning, match="async def") as warned:
        app = load("plain_lifespan").app
    visitor = Visitor(framework, app, capsys)
    with visitor.client:
        assert visitor.printed() == ["Starting the library"]
        assert visitor.get("/") == (200, {"message": "greetings"}, [])
    assert visitor.printed() == ["Stopping the library"]
    # It names the function to change.
    assert "lifespan" in str(warned[0].message)
