"""What `tenure check` finds: one program for each kind of fault, and programs without any."""

import re
from pathlib import Path

import pytest

from tenure.ext.cli.check.findings import RULES
from tests.ext.cli.conftest import Outcome


def found(report):
    return [(each.rule, each.level) for each in report.findings if each.level != "note"]


def test_a_cycle(checked) -> None:
    report = checked("""
        def left(other): ...
        def right(other: Annotated[Any, Depends(left)]): ...
        left.__annotations__["other"] = Annotated[Any, Depends(right)]

        @app.get("/")
        async def read(value: Annotated[Any, Depends(left)]): ...
    """)
    assert found(report) == [("cycle", "error")]
    (finding,) = report.findings
    assert finding.message == "Dependencies form a cycle: left → right → left."
    assert finding.routes == ("GET /",)
    assert finding.line == 9


def test_a_captive(checked) -> None:
    report = checked("""
        async def short() -> AsyncIterator[str]: yield ""
        def between(value: Annotated[str, Depends(short, scope="function")]) -> str: ...
        async def long(value: Annotated[str, Depends(between)]) -> AsyncIterator[str]: yield ""

        @app.get("/")
        async def read(value: Annotated[str, Depends(long)]): ...
    """)
    assert found(report) == [("scope", "error")]
    assert report.findings[0].line == 11


def test_an_unresolved_name(checked) -> None:
    report = checked("""
        @app.get("/")
        async def read(value: Annotated[Nowhere, Depends()]): ...
    """)
    assert found(report) == [("unresolved", "error")]
    assert "'Nowhere'" in report.findings[0].message


def test_faults_of_all_routes_at_once_included_and_mounted(checked) -> None:
    report = checked("""
        def bad(value: Annotated[str, Depends(1)]): ...
        def worse(*args): ...
        router = APIRouter()
        never = APIRouter()
        inner = FastAPI()

        @app.get("/direct")
        async def direct(value: Annotated[str, Depends(bad)]): ...
        @router.get("/included")
        async def included(value: Annotated[str, Depends(bad)]): ...
        @inner.websocket("/ws")
        async def mounted(value: Annotated[str, Depends(worse)], socket: WebSocket): ...
        @never.get("/never")
        async def never_included(value: Annotated[str, Depends("text")]): ...
        app.include_router(router, prefix="/api")
        app.mount("/inner", inner)
    """)
    assert [(each.rule, each.routes) for each in report.findings] == [
        ("uncallable", ("GET /direct", "GET /api/included")),
        ("variadic", ("WEBSOCKET /inner/ws",)),
        ("uncallable", ()),
    ]
    assert report.routes == 3


def test_the_faults_before_an_import_breaks_are_reported_too(checked) -> None:
    report = checked("""
        @app.get("/")
        async def read(value: Annotated[str, Depends(1)]): ...
        raise ValueError("no settings\\nmore")
    """)
    assert found(report) == [("uncallable", "error"), ("import", "error")]
    assert re.search(
        r"program_\d+ cannot be imported: ValueError: no settings \(.*program_\d+.py:11\)",
        report.findings[1].message,
    )
    assert report.findings[1].line == 11


@pytest.mark.parametrize(
    ("declarations", "reason"),
    [
        (
            (
                "one: Annotated[str, Depends(session)], "
                "two: Annotated[str, Depends(session, use_cache=False)]"
            ),
            "a declaration says use_cache=False",
        ),
        (
            (
                "one: Annotated[str, Depends(session)], "
                "two: Annotated[str, Depends(session, scope='function')]"
            ),
            'the declarations differ in scope, "function" and "request"',
        ),
        (
            (
                "one: Annotated[str, Depends(partial(named, name='a'))], "
                "two: Annotated[str, Depends(partial(named, name='a'))]"
            ),
            "they are different partials, which are never equal",
        ),
    ],
)
def test_a_resource_opened_twice(checked, declarations: str, reason: str) -> None:
    report = checked(f"""
        async def session() -> AsyncIterator[str]: yield ""
        async def named(name: str) -> AsyncIterator[str]: yield ""

        @app.get("/")
        async def read({declarations}): ...
    """)
    assert found(report) == [("opened-twice", "warning")]
    (finding,) = report.findings
    assert "is opened twice in one request: for parameter 'one' of read and" in finding.message
    assert finding.message.endswith(f"{reason}.")


def test_a_resource_opened_twice_for_its_oauth_scopes(checked) -> None:
    report = checked("""
        from tenure.web.security import SecurityScopes
        async def session(scopes: SecurityScopes) -> AsyncIterator[str]: yield ""

        @app.get("/")
        async def read(
            one: Annotated[str, Security(session, scopes=["a"])],
            two: Annotated[str, Security(session, scopes=["b"])],
        ): ...
    """)
    assert found(report) == [("opened-twice", "warning")]
    assert "OAuth" in report.findings[0].message


def test_what_is_opened_once_or_is_another_resource_is_fine(checked) -> None:
    report = checked("""
        async def session() -> AsyncIterator[str]: yield ""
        async def named(name: str) -> AsyncIterator[str]: yield ""
        async def plain() -> str: ...
        async def repo(session: Annotated[str, Depends(session)]) -> str: ...

        @app.get("/")
        async def read(
            one: Annotated[str, Depends(session)],
            two: Annotated[str, Depends(repo)],
            three: Annotated[str, Depends(partial(named, name="a"))],
            four: Annotated[str, Depends(partial(named, name="b"))],
            five: Annotated[str, Depends(plain)],
            six: Annotated[str, Depends(plain, use_cache=False)],
        ): ...
    """)
    assert report.findings == []


STREAMS = {
    "annotated": "@app.get('/')\nasync def read(value: Value) -> StreamingResponse: ...",
    "declared": "@app.get('/', response_class=StreamingResponse)\n"
    "async def read(value: Value): ...",
    "returned": "@app.get('/')\nasync def read(value: Value):\n    return StreamingResponse(value)",
}


@pytest.mark.parametrize("name", STREAMS)
def test_a_function_scoped_resource_under_a_stream(checked, name: str) -> None:
    report = checked(
        "async def rows() -> AsyncIterator[str]: yield ''\n"
        "def table(rows: Annotated[str, Depends(rows, scope='function')]) -> str: ...\n"
        "Value = Annotated[str, Depends(table)]\n" + STREAMS[name]
    )
    assert found(report) == [("closed-early", "warning")]
    assert "so it is closed before the body of read is streamed" in report.findings[0].message


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_may_use_the_request_scope_and_what_it_takes_no_value_of(
    checked, name: str
) -> None:
    report = checked(
        "async def rows() -> AsyncIterator[str]: yield ''\n"
        "Value = Annotated[str, Depends(rows)]\n"
        "async def counted() -> AsyncIterator[None]: yield\n"
        "app.router.dependencies.append(Depends(counted, scope='function'))\n" + STREAMS[name]
    )
    assert report.findings == []


def test_thread_hops_are_counted(checked) -> None:
    report = checked("""
        def settings() -> int: ...
        def session() -> Iterator[str]: yield ""
        async def light() -> str: ...

        @app.get("/")
        def read(
            zero: Annotated[int, Depends(settings)],
            one: Annotated[str, Depends(session)],
            two: Annotated[str, Depends(light)],
        ): ...
        @app.get("/none")
        async def none(
            one: Annotated[int, Depends(settings, in_thread=False)],
            two: Annotated[str, Depends(light)],
        ): ...
    """)
    assert report.thread_hops == {"GET /": 3, "GET /none": 0}
    assert [each.message for each in report.findings] == [
        "GET / goes to a worker thread 3 times: settings, session (open); read; session (close)."
    ]


def test_an_endpoint_that_yields_needs_the_request_scope(checked) -> None:
    report = checked("""
        async def rows() -> AsyncIterator[str]: yield ""

        @app.get("/")
        async def read(
            rows: Annotated[str, Depends(rows, scope="function")],
            kept: Annotated[str, Depends(rows)],
        ) -> AsyncIterator[str]:
            yield rows
    """)
    assert found(report) == [("closed-early", "error"), ("opened-twice", "warning")]
    assert "(it yields its body)" in report.findings[0].message


def test_a_resource_of_the_application_and_of_a_request(checked) -> None:
    report = checked("""
        async def pool() -> AsyncIterator[str]: yield ""

        @app.get("/")
        async def read(
            one: Annotated[str, Depends(pool, scope="app")], two: Annotated[str, Depends(pool)]
        ): ...
    """)
    assert found(report) == [("opened-twice", "warning")]
    (finding,) = report.findings
    assert "is opened twice for the application and for each request: for" in finding.message
    assert finding.message.endswith('the declarations differ in scope, "app" and "request".')


def test_a_route_that_is_never_reached(checked) -> None:
    report = checked("""
        async def read(): ...
        @app.get("/users/{user_id}")
        async def user(user_id: str): ...
        app.get("/users/me")(read)
        app.post("/users/me")(read)
        app.api_route("/users/{name}", methods=["GET", "PUT"])(read)
        app.get("/items/{item_id:int}")(read)
        app.get("/items/latest")(read)
        app.get("/items/{item_id}")(read)
        app.get("/items/{item_id:int}/parts")(read)
        app.get("/{rest:path}")(read)
        app.get("/items/{item_id}/parts/{part}")(read)

        inner = FastAPI()
        inner.get("/users/me")(read)
        app.mount("/inner", inner)
    """)
    late = [each for each in report.findings if each.rule == "unreachable"]
    assert [each.routes for each in late] == [
        ("GET /users/me",),
        ("GET /items/{item_id}/parts/{part}",),
    ]
    assert "GET /users/{user_id} (" in late[0].message


def test_a_document_that_cannot_be_made(checked) -> None:
    report = checked("""
        @app.get("/one", operation_id="same")
        async def one(): ...
        @app.get("/two", operation_id="same")
        async def two(): ...

        inner = FastAPI()
        @inner.get("/broken")
        async def broken(): ...
        def failing(): raise KeyError("schema")
        inner.openapi = failing
        app.mount("/inner", inner)
    """)
    assert found(report) == [("openapi", "error"), ("openapi", "warning")]
    error, warning = report.findings
    assert error.routes == ("GET /inner/openapi.json",)
    assert "KeyError" in error.message
    assert "same" in warning.message


def test_a_response_model_that_cannot_be_made(checked) -> None:
    report = checked("""
        class Opaque: ...

        @app.get("/", response_model=Opaque)
        async def read(): ...
    """)
    assert found(report) == [("import", "error")]
    assert "Opaque" in report.findings[0].message


def test_the_ledger_is_fine(tenure) -> None:
    outcome = tenure("check", "examples.ledger.app:create_app", "--factory", "--strict")
    assert outcome == Outcome(0, outcome.out, "")
    assert re.match(r"✓ \d+ routes checked, nothing is wrong", outcome.out)


def test_the_exit_status(write, tenure) -> None:
    warned = write("""
        async def session() -> AsyncIterator[str]: yield ""
        @app.get("/")
        async def read(
            one: Annotated[str, Depends(session)],
            two: Annotated[str, Depends(session, use_cache=False)],
        ): ...
    """)
    faulty = write("@app.get('/')\nasync def read(value: Annotated[str, Depends(1)]): ...")
    assert tenure("check", warned).status == 0
    assert tenure("check", warned, "--strict").status == 1
    assert tenure("check", warned, "--strict", "--ignore", "opened-twice").status == 0
    assert tenure("check", faulty).status == 1
    assert tenure("check", faulty, "--ignore", "uncallable").status == 0


def test_the_text(write, tenure) -> None:
    file = write("""
        async def session() -> AsyncIterator[str]: yield ""

        @app.get("/")
        def read(one: Annotated[str, Depends(1)]): ...
        @app.get("/two")
        def two(
            one: Annotated[str, Depends(session)],
            two: Annotated[str, Depends(session, use_cache=False)],
        ): ...
    """)
    outcome = tenure("check", file, "--notes")
    assert outcome.out.replace(file.name, "program.py") == (
        "error uncallable  program.py:11\n"
        "  1 in parameter 'one' of read (program.py:11) cannot be called.\n"
        "    read  (program.py:11)\n"
        "  Hint: pass a function or class itself to Depends, not the result of a call\n"
        "  Routes: GET /\n"
        "\n"
        "warning opened-twice  program.py:9\n"
        "  session is opened twice in one request: for parameter 'one' of two and for parameter "
        "'two' of two; a declaration says use_cache=False.\n"
        "    two  (program.py:13)\n"
        "       └─ session  (program.py:9)\n"
        "    two  (program.py:13)\n"
        "       └─ session  (program.py:9)\n"
        "  Hint: leave use_cache=False out, unless two of them are what is meant\n"
        "  Routes: GET /two\n"
        "\n"
        "note threads  program.py:13\n"
        "  GET /two goes to a worker thread once: two.\n"
        "  Hint: what does not block is cheaper as async def, or declared with in_thread=False\n"
        "\n"
        "2 routes checked: 1 error, 1 warning; at most 1 thread hop in a request, GET /two\n"
    )


def test_rules_are_sentences() -> None:
    for rule, about in RULES.items():
        assert re.fullmatch(r"[a-z-]+", rule)
        assert about.endswith(".")


@pytest.mark.once
def test_every_rule_is_documented() -> None:
    page = Path(__file__).parents[3] / "docs" / "command_line.md"
    table = page.read_text(encoding="utf-8").partition("| rule | level |")[2]
    assert set(re.findall(r"`([a-z-]+)`(?=[^|]*\|)", table)) >= set(RULES)


@pytest.mark.once
def test_what_the_readme_shows(write, tenure) -> None:
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    program, shown = re.findall(r"```(?:python|console)\n(.*?)```", readme, re.DOTALL)[1:4:2]
    assert "tenure graph main.py" in shown
    file = write(program, head="")
    tree = tenure("graph", file, "GET /items/{item_id}").out.replace(file.name, "main.py")
    assert tree in shown
    assert tenure("check", file).out in shown
