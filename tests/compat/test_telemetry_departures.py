"""Where Tenure tells OpenTelemetry something else than FastAPI does, on purpose."""

from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry import trace
from starlette.testclient import TestClient

from tests.telling import Listener

from .framework import FASTAPI, TENURE

Build = Callable[[Any, Listener], Any]


def told_by(web: Any, build: Build, *targets: str) -> Listener:
    listener = Listener()
    client = TestClient(build(web, listener), raise_server_exceptions=False)
    for target in targets:
        client.get(target)
    return listener


def build_one(web: Any, listener: Listener) -> Any:
    app = web.FastAPI(telemetry=listener.config())

    @app.get("/{number}", response_model=int)
    def endpoint(number: int) -> str:
        return "no number"

    return app


def test_the_instrumentation_scope_is_named_after_who_tells() -> None:
    for web, name in ((FASTAPI, "fastapi"), (TENURE, "tenure")):
        scopes = {
            span.instrumentation_scope.name
            for span in told_by(web, build_one, "/1").spans()
            if span.instrumentation_scope is not None
        }
        assert scopes == {name}


def test_exceptions_have_the_names_of_their_own_classes() -> None:
    for web, module in ((FASTAPI, "fastapi"), (TENURE, "tenure.web")):
        server = told_by(web, build_one, "/1").spans()[-1]
        kind = (server.attributes or {})["error.type"]
        assert kind == f"{module}.exceptions.ResponseValidationError"


def test_a_dependency_runs_in_a_span_of_its_own() -> None:
    seen: list[str] = []

    def build(web: Any, listener: Listener) -> Any:
        app = web.FastAPI(telemetry=listener.config())

        async def get_value() -> Any:
            seen.append(getattr(trace.get_current_span(), "name", ""))
            yield 1
            seen.append(getattr(trace.get_current_span(), "name", ""))

        @app.get("/")
        def endpoint(value: int = web.Depends(get_value)) -> None: ...

        return app

    told_by(FASTAPI, build, "/")
    assert seen == ["fastapi.dependencies", "GET /"]
    seen.clear()
    told_by(TENURE, build, "/")
    assert seen == ["tenure.dependency", "tenure.exit"]


@pytest.mark.parametrize(("web", "values"), [(FASTAPI, {"limit": 1}), (TENURE, None)])
def test_there_are_no_values_where_inputs_are_rejected(web: Any, values: Any) -> None:
    seen: list[Any] = []

    def build(web: Any, listener: Listener) -> Any:
        app = web.FastAPI(telemetry=listener.config())

        @app.get("/{number}")
        def endpoint(number: int, limit: int = 1) -> None: ...

        @app.middleware("http")
        async def middleware(request: Any, call_next: Any) -> Any:
            response = await call_next(request)
            data = web.telemetry.get_telemetry_data()
            seen.append((data.values, len(data.errors)))
            return response

        return app

    told_by(web, build, "/x")
    assert seen == [(values, 1)]


@pytest.mark.parametrize(("web", "has_operations"), [(FASTAPI, True), (TENURE, False)])
def test_a_router_mounted_alone_has_its_server_span(web: Any, has_operations: bool) -> None:
    def build(web: Any, listener: Listener) -> Any:
        app, router = web.FastAPI(telemetry=listener.config()), web.APIRouter()
        router.get("/item")(lambda: 1)
        app.mount("/router", router)
        return app

    tree = told_by(web, build, "/router/item").tree()
    assert tree[-1] == "GET /router/item < nothing"
    assert (len(tree) > 1) is has_operations
