"""Values read from path, query, headers and cookies, against FastAPI: values and 422 entries."""

import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from . import grid
from .sides import EMPTY, Build, FastAPIParameter, Reading, TenureParameter, declared

OUTSIDE_THE_BODY = [name for name in grid.MARKERS if not name.startswith(("Body", "Form", "File"))]


def readings(build: Build, name: str = "x", queries=grid.QUERIES):
    """For each query, what FastAPI and Tenure make of it; nothing for what both refuse."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = declared(FastAPIParameter, build, name)
        ours = declared(TenureParameter, build, name)
        if isinstance(theirs, Exception) or isinstance(ours, Exception):
            return
        for query in queries:
            values = grid.values_at(theirs.location, query)
            yield query, outcome(theirs, values), outcome(ours, values)


def outcome(parameter, values):
    try:
        return parameter.read(values)
    except Exception as error:
        # A default factory that does not fit, say: an error of the server on both sides.
        return type(error)


@pytest.mark.parametrize("type_", grid.ANNOTATIONS)
def test_values_and_errors_are_those_of_fastapi(type_):
    annotation = grid.ANNOTATIONS[type_]
    differences = {}
    for marker in OUTSIDE_THE_BODY:
        make = grid.MARKERS[marker]
        variants: dict[str, Any] = {"required": EMPTY}
        if marker in ("Query", "Header", "Query validate_default", "Query choices"):
            variants |= {"None": None, "'7'": "7", "[1]": [1]}
        for default, value in variants.items():
            build = grid.annotated(annotation, make, value)
            for query, theirs, ours in readings(build):
                if theirs != ours:
                    differences[marker, default, query] = (theirs, ours)
    assert differences == {}


MODELS = ("model", "model | None", "strict model", "open model | None", "model by name")
KEYS = st.sampled_from(["a", "b", "bee", "b2", "alpha", "c", "x", "user_agent", "user-agent"])
VALUES = st.sampled_from(["", "1", "2", "no", "ä".encode().decode("latin-1")])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(KEYS, VALUES), max_size=6), st.sampled_from(MODELS))
def test_models_take_the_same_of_any_request(sent, type_):
    query = "&".join(f"{key}={value}" for key, value in sent)
    for marker in ("Query", "Header", "Header as written", "Cookie"):
        build = PREPARED[marker, type_]
        for _, theirs, ours in readings(build, queries=[query]):
            assert theirs == ours


PREPARED = {
    (marker, type_): grid.annotated(grid.ANNOTATIONS[type_], grid.MARKERS[marker], default)
    for marker in ("Query", "Header", "Header as written", "Cookie")
    for type_, default in ((each, None if "None" in each else EMPTY) for each in MODELS)
}


def test_a_reading_that_differs_would_be_noticed():
    assert Reading(1, []) != Reading(True, [])
    assert Reading(None, [{"type": "missing"}]) != Reading(None, [{"type": "int_type"}])
