"""What a declaration means, against FastAPI: its place, whether it is required, or refused."""

import warnings
from typing import Any

import pytest

from tenure.web import Query
from tenure.web.bind.fields import field_for

from . import grid
from .sides import EMPTY, Build, FastAPIParameter, TenureParameter, declared

DEFAULTS: dict[str, Any] = {"no default": EMPTY, "None": None, "5": 5, "[]": []}


def builds() -> dict[str, tuple[Build, tuple[str, ...]]]:
    """Every declaration of the grid, with the names in the path of its route."""
    found: dict[str, tuple[Build, tuple[str, ...]]] = {}
    for type_, annotation in grid.ANNOTATIONS.items():
        for default, value in DEFAULTS.items():
            found[f"{type_}, {default}"] = grid.bare(annotation, value), ()
        found[f"{type_} in the path"] = grid.bare(annotation), ("x",)
        found[f"{type_} in the path, 5"] = grid.bare(annotation, 5), ("x",)
        for marker, make in grid.MARKERS.items():
            found[f"{type_}, {marker}"] = grid.annotated(annotation, make), ()
            if marker in ("Query", "Path", "Body", "File"):
                found[f"{type_}, {marker}, 5"] = grid.annotated(annotation, make, 5), ()
                found[f"{type_} = {marker}"] = grid.assigned(annotation, make), ()
                found[f"{type_}, {marker} in the path"] = grid.annotated(annotation, make), ("x",)
    return found


BUILDS = builds()


@pytest.mark.parametrize("type_", grid.ANNOTATIONS)
def test_a_declaration_means_what_it_means_to_fastapi(type_):
    differences = {}
    own = [
        label for label in BUILDS if label.startswith((f"{type_},", f"{type_} =", f"{type_} in"))
    ]
    assert len(own) >= 30
    for label in own:
        build, path_names = BUILDS[label]
        with warnings.catch_warnings():
            # Pydantic warns of constraints that a type ignores; both sides alike.
            warnings.simplefilter("ignore")
            theirs = meaning(declared(FastAPIParameter, build, path_names=path_names))
            ours = meaning(declared(TenureParameter, build, path_names=path_names))
        if theirs != ours:
            differences[label] = (theirs, ours)
    assert differences == {}


def meaning(parameter):
    if isinstance(parameter, Exception):
        return "refused"
    return parameter.location, parameter.is_form, parameter.required


def test_an_ellipsis_as_default_in_annotated_means_required():
    # FastAPI takes it for the default value, and would hand an Ellipsis to the endpoint.
    build = grid.annotated(int, grid.MARKERS["Query"], ...)
    assert declared(FastAPIParameter, build).required is False
    assert declared(TenureParameter, build).required is True
    assert declared(TenureParameter, grid.bare(int, ...)).required is True


def test_an_alias_of_a_list_is_that_list():
    # Inside Annotated FastAPI does not look through it, and reads one text, which is no list.
    bare = grid.bare(grid.Numbers)
    marked = grid.annotated(grid.Numbers, grid.MARKERS["Query"])
    assert declared(FastAPIParameter, bare).location == "body"
    assert declared(TenureParameter, bare).location == "body"
    values = grid.values_at("query", "x=1&x=2")
    assert declared(FastAPIParameter, marked).read(values).errors[0]["type"] == "list_type"
    assert declared(TenureParameter, marked).read(values).value == [1, 2]


def test_a_marker_may_be_the_default_of_several_parameters():
    shared = Query(None)
    first, second = field_for("first", int, shared), field_for("second", str, shared)
    assert (first.alias, second.alias) == ("first", "second")
    assert (first.info.annotation, second.info.annotation) == (int, str)
