"""Telemetry of whole processes: what they import, the process's own providers, the environment."""

import http.server
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[3]

_BEGIN = """
import sys
from tenure.web import App, Depends
from tenure.web.testclient import TestClient

def get_value():
    return 1

def make(**options):
    app = App(**options)

    @app.get("/")
    def endpoint(value: int = Depends(get_value)) -> int:
        return value

    return app

def names(exporter):
    found = [span.name for span in exporter.get_finished_spans()]
    exporter.clear()
    return found
"""

_PROVIDERS = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter = InMemorySpanExporter()

def provide():
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
"""

_BLOCK = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {package!r} or name.startswith({package!r} + "."):
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
"""

SPANS = [
    "tenure.dependency",
    "fastapi.dependencies",
    "fastapi.endpoint",
    "fastapi.serialization",
    "GET /",
]


def run(*parts: str, **environment: str) -> list[str]:
    """What a process prints that runs *parts*, as lines."""
    source = "\n".join(textwrap.dedent(part) for part in parts)
    done = subprocess.run(
        [sys.executable, "-c", source],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("OTEL")},
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
            "NO_PROXY": "*",
            **environment,
        },
    )
    assert not done.returncode, done.stderr
    return done.stdout.splitlines()


def test_without_opentelemetry_nothing_is_there() -> None:
    program = """
    app = make()
    client = TestClient(app)
    print(client.get("/").json(), "opentelemetry" in sys.modules, app.companion)
    print(type(app.middleware_stack).__name__, app.container.observers.is_active)
    """
    assert run(_BEGIN, program) == ["1 False None", "Core False"]


def test_plans_are_the_same_before_anything_is_told() -> None:
    program = """
    app, plain = make(telemetry={}), make()
    client = TestClient(app)
    print(client.get("/").json(), "opentelemetry" in sys.modules, app.companion)
    print(app.router.routes[-1].explain() == plain.router.routes[-1].explain())
    provide()
    client.get("/")
    print(names(exporter), app.companion is not None)
    """
    assert run(_BEGIN, _PROVIDERS, program) == ["1 True None", "True", f"{SPANS} True"]


def test_what_is_missing_is_named_where_the_option_is_used() -> None:
    program = """
    print(TestClient(make()).get("/").json())
    for use in (lambda: make(telemetry={}), lambda: __import__("tenure.web.telemetry")):
        try:
            use()
        except ModuleNotFoundError as error:
            print(error)
    """
    said = (
        "Telemetry needs the package opentelemetry-api: install tenure[telemetry], or leave the "
        "option telemetry of the application out"
    )
    assert run(_BLOCK.format(package="opentelemetry"), _BEGIN, program) == ["1", said, said]


@pytest.mark.parametrize("options", ["", "telemetry={}"])
def test_the_providers_of_the_process_are_used(options: str) -> None:
    program = f"""
    provide()
    client = TestClient(make({options}))
    client.get("/")
    print(names(exporter))
    """
    assert run(_BEGIN, _PROVIDERS, program) == [f"{SPANS}"]


def test_they_may_be_set_when_the_application_starts() -> None:
    begin = _BEGIN + "providers = " + repr(_PROVIDERS)
    program = """
    import contextlib

    @contextlib.asynccontextmanager
    async def lifespan(app):
        exec(providers, globals())
        provide()
        yield

    print("opentelemetry" in sys.modules)
    with TestClient(make(lifespan=lifespan)) as client:
        client.get("/")
    print(names(exporter))
    """
    assert run(begin, program) == ["False", f"{SPANS}"]


def test_they_may_be_set_while_requests_are_served() -> None:
    program = """
    client = TestClient(make())
    client.get("/")
    provide()
    client.get("/")
    print(names(exporter))
    off = TestClient(make(telemetry={"tracing": False}))
    off.get("/")
    print(names(exporter))
    """
    assert run(_BEGIN, _PROVIDERS, program) == [f"{SPANS}", "[]"]


class Collector(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.server.paths.append(self.path)  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def collector() -> Iterator[http.server.ThreadingHTTPServer]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    server.paths = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


_SERVE = """
import logging, sys
logging.basicConfig(format="%(levelname)s", stream=sys.stdout)
logging.getLogger("httpx2").setLevel(logging.ERROR)
from importlib import import_module
from starlette.testclient import TestClient
from opentelemetry import _logs, metrics, trace
from opentelemetry.sdk.trace import TracerProvider

def kinds():
    found = (trace.get_tracer_provider(), metrics.get_meter_provider(), _logs.get_logger_provider())
    return [type(each).__name__.lstrip("_") for each in found]

def exporters(provider):
    return [type(each).__name__ for each in provider._active_span_processor._span_processors]

def serve(**options):
    app = import_module(framework).FastAPI(telemetry=options or None)

    @app.get("/")
    def endpoint() -> int:
        return 1

    @app.get("/fails")
    def fail():
        raise KeyError

    for _ in range(2):
        with TestClient(app, raise_server_exceptions=False) as client:
            client.get("/")
            client.get("/fails")
            print(kinds())
"""


@pytest.mark.parametrize(
    ("program", "environment"),
    [
        ("serve(auto_configure=True)", {"OTEL_EXPORTER_OTLP_ENDPOINT": "URL"}),
        ("serve(auto_configure=True)", {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "URL/mine"}),
        (
            "serve(auto_configure=True)",
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "URL", "OTEL_TRACES_EXPORTER": "none"},
        ),
        (
            "serve(auto_configure=True)",
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "URL", "OTEL_TRACES_EXPORTER": "console"},
        ),
        (
            "serve(auto_configure=True)",
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "URL", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
        ),
        (
            "serve(auto_configure=True)",
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "URL", "OTEL_SDK_DISABLED": "true"},
        ),
        ("serve(auto_configure=True, metrics=False)", {"OTEL_EXPORTER_OTLP_ENDPOINT": "URL"}),
        (
            """
            own = TracerProvider()
            serve(auto_configure=True, tracer_provider=own)
            print(exporters(own))
            """,
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "URL"},
        ),
        (
            """
            trace.set_tracer_provider(TracerProvider())
            serve(auto_configure=True)
            print(exporters(trace.get_tracer_provider()))
            """,
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "URL"},
        ),
        (
            "serve()",
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "URL", "FASTAPI_OTEL_AUTO_CONFIGURE": "true"},
        ),
        (
            "serve(auto_configure=False)",
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "URL", "FASTAPI_OTEL_AUTO_CONFIGURE": "true"},
        ),
    ],
)
def test_exporters_are_made_as_fastapi_makes_them(
    collector: http.server.ThreadingHTTPServer, program: str, environment: dict[str, str]
) -> None:
    def serve(framework: str) -> tuple[list[str], set[str]]:
        url = f"http://127.0.0.1:{collector.server_port}/{framework}"
        variables = {name: value.replace("URL", url) for name, value in environment.items()}
        printed = run(f"framework = {framework!r}", _SERVE, program, **variables)
        paths: list[str] = collector.paths  # type: ignore[attr-defined]
        mine = [path.partition(f"/{framework}/") for path in paths]
        return printed, {after for before, _, after in mine if after and not before}

    with ThreadPoolExecutor(2) as both:
        by_fastapi, by_tenure = both.map(serve, ("fastapi", "tenure.web"))
    assert by_tenure == by_fastapi


def test_a_missing_exporter_is_named() -> None:
    program = """
    import logging
    logging.basicConfig(format="%(message)s", stream=sys.stdout)
    logging.getLogger("httpx2").setLevel(logging.ERROR)
    with TestClient(make(telemetry={"auto_configure": True})) as client:
        print(client.get("/").json())
    """
    printed = run(
        _BLOCK.format(package="opentelemetry.exporter"),
        _BEGIN,
        program,
        OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9",
    )
    said = (
        "Telemetry is not configured automatically: the package 'opentelemetry.exporter.otlp' is "
        "missing: install tenure[otlp]. Set providers of your own, and say "
        "telemetry={'auto_configure': False} where this is not meant"
    )
    assert printed == [said, "1"]
