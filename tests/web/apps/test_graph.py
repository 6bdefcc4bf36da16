"""A route's graph as data, and applications that are declared although they are faulty."""

from __future__ import annotations

from typing import Annotated

import pytest

from tenure import GraphError
from tenure.web import APIRouter, Depends, FastAPI
from tenure.web.app.deferral import faults_collected
from tenure.web.app.inclusion import flat_routes
from tenure.web.routing import APIRoute


def get_value() -> str:
    return "value"


def get_other() -> str:
    return "other"


def late(value: Annotated[str, Depends(get_value, scope="nonsense")]) -> None: ...


def test_a_route_hands_out_its_graph() -> None:
    app = FastAPI()

    @app.get("/")
    async def read(value: Annotated[str, Depends(get_value)]) -> str:
        return value

    (route,) = [each for each in flat_routes(app.routes) if isinstance(each, APIRoute)]
    assert [node.call for node in route.graph().nodes] == [get_value, read]
    assert [node.call for node in route.graph({get_value: get_other}).nodes] == [get_other, read]


def test_all_routes_are_declared_while_faults_are_collected() -> None:
    app = FastAPI()
    router = APIRouter()
    with faults_collected() as faults:
        app.get("/one")(late)
        app.get("/two")(late)
        app.include_router(router, dependencies=[Depends(late)])
    assert [fault.kind for fault in faults] == ["scope"] * 3
    with pytest.raises(GraphError) as caught:
        app.router.check()
    assert [fault.message for fault in caught.value.faults] == [
        fault.message for fault in faults[:2]
    ]
    file, _, line = faults[0].place.rpartition(":")
    assert (file, line.isdigit()) == (__file__, True)


def test_otherwise_the_first_fault_is_raised() -> None:
    app = FastAPI()
    with faults_collected():
        pass
    with pytest.raises(GraphError):
        app.get("/one")(late)
    with pytest.raises(GraphError):
        app.include_router(APIRouter(), dependencies=[Depends(late)])
