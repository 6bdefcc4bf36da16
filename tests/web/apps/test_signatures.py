"""What `help()` and editors show at run time."""

import inspect

import fastapi
import fastapi.params
import fastapi.routing
import pytest

from tenure.web import APIRouter, App, params
from tenure.web.routing import APIRoute

VERBS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@pytest.mark.parametrize("method", [*VERBS, "api_route", "add_api_route"])
@pytest.mark.parametrize(
    ("ours", "theirs"), [(App, fastapi.FastAPI), (APIRouter, fastapi.APIRouter)]
)
def test_all_keywords_of_fastapi_are_in_the_signature(ours, theirs, method):
    found = inspect.signature(getattr(ours(), method)).parameters
    stated = inspect.signature(getattr(theirs(), method)).parameters
    assert set(stated) <= set(found)
    for name, parameter in stated.items():
        if not isinstance(parameter.default, fastapi.datastructures.DefaultPlaceholder):
            assert found[name].default == parameter.default, name
            assert found[name].kind == parameter.kind, name


def test_so_are_those_of_the_route_class():
    found = inspect.signature(APIRoute).parameters
    assert set(inspect.signature(fastapi.routing.APIRoute).parameters) <= set(found)


def test_an_annotation_in_the_signature_is_a_type():
    found = inspect.signature(App().get).parameters
    assert found["status_code"].annotation == int | None


@pytest.mark.parametrize(
    "name", ["Param", "Path", "Query", "Header", "Cookie", "Body", "Form", "File"]
)
def test_markers_show_their_options(name):
    found = inspect.signature(getattr(params, name)).parameters
    assert set(inspect.signature(getattr(fastapi.params, name)).parameters) <= set(found)
