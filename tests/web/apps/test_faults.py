"""Mistakes of a program: found where it is declared, named with their place and a way out."""

from __future__ import annotations

import re
from typing import Annotated

import pytest

from tenure import GraphError, ScopeError
from tenure.web import (
    APIRouter,
    App,
    Body,
    Depends,
    Form,
    Path,
    Query,
    Request,
    WebSocket,
)
from tenure.web.exceptions import DependencyScopeError, FastAPIError
from tests.web.apps.client import get, request, running


def refusal(declare):
    with pytest.raises(FastAPIError) as caught:
        declare(App())
    return str(caught.value)


def line_of(function):
    return f"{__file__}:{function.__code__.co_firstlineno}"


def test_all_faults_of_a_graph_are_told_at_once():
    async def needs(x, /): ...

    async def takes(*args): ...

    async def endpoint(
        a=Depends(needs),
        b=Depends(takes),
        c=Depends(3),  # type: ignore[arg-type]
        d: Annotated[int, Query(4)] = 5,
    ): ...

    with pytest.raises(GraphError) as caught:
        App().get("/")(endpoint)
    faults = caught.value.faults
    assert {fault.kind for fault in faults} == {"positional", "variadic", "uncallable", "parameter"}
    assert all(fault.hint for fault in faults)
    assert all(line_of(endpoint) in fault.chain.splitlines()[0] for fault in faults)
    assert any(line_of(needs) in fault.chain for fault in faults)


def test_a_cycle_is_drawn():
    async def one(x: Annotated[int, Depends(lambda y=Depends(lambda: 1): y)] = 0): ...

    async def two(): ...

    two.__signature__ = _signature(x=Depends(one))  # type: ignore[attr-defined]
    one.__signature__ = _signature(x=Depends(two))  # type: ignore[attr-defined]

    async def endpoint(x=Depends(one)): ...

    text = refusal(lambda app: app.get("/")(endpoint))
    assert re.search(r"cycle: .*one → .*two → .*one", text)
    assert line_of(endpoint) in text


def _signature(**defaults):
    import inspect

    return inspect.Signature(
        [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)
            for name, default in defaults.items()
        ]
    )


def test_what_is_open_longer_must_not_hold_what_is_closed_before():
    async def short():
        yield

    async def passes_on(held=Depends(short, scope="function")):
        return held

    async def long(held=Depends(passes_on)):
        yield

    async def endpoint(held=Depends(long)): ...

    assert DependencyScopeError is ScopeError
    with pytest.raises(DependencyScopeError, match="long") as caught:
        App().get("/")(endpoint)
    (fault,) = caught.value.faults
    assert line_of(short) in fault.chain
    assert 'scope="function"' in fault.hint


def test_a_websocket_endpoint_that_yields_or_is_not_async_is_refused():
    async def yields(socket: WebSocket):
        yield

    def blocks(socket: WebSocket): ...

    assert line_of(yields) in refusal(lambda app: app.websocket("/")(yields))
    assert line_of(blocks) in refusal(lambda app: app.websocket("/")(blocks))


@pytest.mark.parametrize(
    ("annotation", "default", "says"),
    [
        (list[int], Path(), "list"),
        (int, Query(), "stands in the path"),
        (Request, Query(), "injected|fills"),
        (object(), ..., "value"),
    ],
)
def test_a_value_that_no_request_could_fill_is_refused(annotation, default, says):
    async def endpoint(value): ...

    endpoint.__annotations__["value"] = annotation
    if default is not ...:
        endpoint.__defaults__ = (default,)
    text = refusal(lambda app: app.get("/{value}")(endpoint))
    assert re.search(says, text)
    assert "'value'" in text
    assert line_of(endpoint) in text


def test_a_response_that_no_status_204_can_have_is_refused():
    def endpoint() -> int:
        return 1

    text = refusal(lambda app: app.get("/", status_code=204)(endpoint))
    assert line_of(endpoint) in text
    assert "response_model=None" in text


def test_a_prefix_without_its_slash_is_refused():
    with pytest.raises(FastAPIError, match="'items' must start with '/'"):
        APIRouter(prefix="items")
    with pytest.raises(FastAPIError, match=r"'/items/' must .* not end with '/'"):
        App().include_router(APIRouter(), prefix="/items/")


def test_an_unknown_option_is_refused():
    with pytest.raises(TypeError, match="respnse_model"):
        App().get("/", respnse_model=int)(lambda: 1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="titel"):
        App(titel="x")  # type: ignore[call-arg]


async def test_names_that_are_defined_later_are_found():
    app = App()

    async def endpoint(name, body, given): ...

    texts = {"name": "Later", "body": "Later2", "given": "Annotated[str, Depends(later)]"}
    endpoint.__annotations__.update(texts)
    app.post("/{name}")(endpoint)
    globals().update(Later=str, Later2=dict[str, int], later=lambda: "later")
    try:
        assert (await request(app, "POST", "/a", value={"a": 1})).status == 200
        assert (await request(app, "POST", "/a", value={"a": "b"})).status == 422
    finally:
        for name in ("Later", "Later2", "later"):
            del globals()[name]


async def test_a_return_annotation_that_is_defined_later_still_filters():
    app, router = App(), APIRouter()

    async def endpoint():
        return {"name": "ann", "secret": 1}

    endpoint.__annotations__["return"] = "LaterModel"
    app.get("/app")(endpoint)
    router.get("/router")(endpoint)
    app.include_router(router)

    from pydantic import create_model

    globals()["LaterModel"] = create_model("LaterModel", name=str)
    try:
        for path in ("/app", "/router"):
            assert b"secret" not in (await get(app, path)).body
    finally:
        del globals()["LaterModel"]


async def test_names_of_the_factory_are_known_while_it_runs():
    def make():
        from pydantic import BaseModel

        class Order(BaseModel):
            amount: int

        class Receipt(BaseModel):
            amount: int

        def double(order: Order):
            return 2 * order.amount

        router = APIRouter()

        @router.post("/")
        async def endpoint(doubled: Annotated[int, Depends(double)]) -> Receipt:
            return {"amount": doubled, "secret": 1}  # type: ignore[return-value]

        return router

    app = App()
    app.include_router(make(), prefix="/orders")
    answer = await request(app, "POST", "/orders/", value={"amount": 2})
    assert answer.json() == {"amount": 4}


async def test_a_loop_in_a_factory_may_declare_one_endpoint_after_the_other():
    def make():
        from pydantic import BaseModel

        class Order(BaseModel):
            amount: int

        app = App()
        for name in ("one", "two"):

            @app.post(f"/{name}")
            async def endpoint(order: Order):
                return order.amount

        return app

    app = make()
    for name in ("one", "two"):
        assert (await request(app, "POST", f"/{name}", value={"amount": 2})).json() == 2


async def test_a_name_is_not_taken_from_another_call_of_the_factory():
    def make(kind, inner=None, app=None):
        def take(value: kind):  # type: ignore[valid-type]
            return value

        if app:

            @app.get("/")
            async def endpoint(value=Depends(inner)):
                return value

        return take

    app = App()
    of_text = make(str)
    with pytest.raises(GraphError, match="'kind'"):
        make(int, of_text, app)
        await get(app, "/?value=3")
        async with running(app):
            pass


async def test_a_decorator_without_wraps_is_refused_and_named():
    def careless(function):
        def wrapper(*args, **kwargs):
            return function(*args, **kwargs)

        return wrapper

    @careless
    def session(name: str): ...

    text = refusal(lambda app: app.get("/")(lambda held=Depends(session): held))
    assert "wrapper" in text
    assert "functools.wraps" in text


def test_two_sources_for_one_value_are_refused():
    async def endpoint(value: Annotated[int, Query()] = Body()): ...

    assert "'value'" in refusal(lambda app: app.post("/")(endpoint))

    async def other(value: Annotated[int, Depends(refusal)] = Depends(line_of)): ...

    assert "'value'" in refusal(lambda app: app.post("/")(other))


def test_a_form_below_a_websocket_is_refused():
    async def endpoint(socket: WebSocket, value: str = Form()): ...

    assert "'value'" in refusal(lambda app: app.websocket("/")(endpoint))


def test_a_bare_function_in_a_list_of_dependencies_is_refused():
    async def session(): ...

    text = refusal(lambda app: app.get("/", dependencies=[session])(lambda: 1))
    assert "Depends(" in text
