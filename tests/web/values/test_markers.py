"""The markers: what they accept, what they show, and where they warn."""

import inspect
import warnings
from typing import Annotated, Any

import fastapi
import fastapi.params
import pytest
from pydantic import BaseModel

from tenure.web import param_functions, params
from tenure.web.bind.fields import field_for
from tenure.web.exceptions import FastAPIDeprecationWarning

KINDS = ("Path", "Query", "Header", "Cookie", "Body", "Form", "File")
EVERY_OPTION: dict[str, Any] = {
    "default_factory": None,
    "alias": "a",
    "alias_priority": 1,
    "validation_alias": "v",
    "serialization_alias": "s",
    "title": "t",
    "description": "d",
    "gt": 1,
    "ge": 2,
    "lt": 9,
    "le": 8,
    "min_length": 1,
    "max_length": 5,
    "pattern": "x",
    "discriminator": "k",
    "strict": True,
    "validate_default": True,
    "union_mode": "smart",
    "fail_fast": True,
    "multiple_of": 2,
    "allow_inf_nan": True,
    "max_digits": 3,
    "decimal_places": 1,
    "examples": [1],
    "openapi_examples": {"one": {"value": 1}},
    "deprecated": True,
    "include_in_schema": False,
    "json_schema_extra": {"x": 1},
}
ATTRIBUTES = (
    "default",
    "default_factory",
    "alias",
    "alias_priority",
    "validation_alias",
    "serialization_alias",
    "title",
    "description",
    "discriminator",
    "validate_default",
    "examples",
    "openapi_examples",
    "deprecated",
    "include_in_schema",
    "json_schema_extra",
    "embed",
    "media_type",
    "convert_underscores",
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "options",
    [{}, {"alias": "a"}, {"alias": None}, {"validation_alias": "v"}, EVERY_OPTION],
    ids=["none", "alias", "alias None", "validation_alias", "all"],
)
def test_a_marker_describes_what_fastapis_does(kind, options):
    theirs = getattr(fastapi, kind)(**options)
    ours = getattr(param_functions, kind)(**options)
    missing = object()
    for name in ATTRIBUTES:
        assert getattr(ours, name, missing) == (
            getattr(theirs, name, missing) if hasattr(theirs, name) else missing
        ), name
    assert sorted(map(described, ours.metadata)) == sorted(map(described, theirs.metadata))
    assert repr(ours) == repr(theirs)


def described(constraint):
    """A constraint as text, for pydantic makes classes of some on the spot."""
    attributes = getattr(constraint, "__dict__", None)
    return str(sorted(attributes.items())) if attributes else str(constraint)


@pytest.mark.parametrize("kind", KINDS)
def test_signatures_have_the_names_of_fastapis(kind):
    for theirs, ours in (
        (getattr(fastapi, kind), getattr(param_functions, kind)),
        (getattr(fastapi.params, kind), getattr(params, kind)),
    ):
        expected = inspect.signature(theirs).parameters
        found = inspect.signature(ours).parameters
        assert set(found) == set(expected) | {"annotation"}
        assert next(iter(found)) == "default"
        assert {each.kind for each in list(found.values())[1:]} == {inspect.Parameter.KEYWORD_ONLY}


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_keyword_is_refused(kind):
    with pytest.raises(TypeError, match=rf"{kind}\(\) got unexpected keyword arguments: 'grt'"):
        getattr(param_functions, kind)(grt=1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("option", ["regex", "example"])
def test_a_deprecated_keyword_warns_where_it_is_written(kind, option):
    given: dict[str, Any] = {option: "x"}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        marker = getattr(param_functions, kind)(**given)
    assert [(each.category, each.filename) for each in caught] == [
        (FastAPIDeprecationWarning, __file__)
    ]
    assert f"`{option}` has been deprecated" in str(caught[0].message)
    if option == "regex":
        _, errors = field_for("x", str, marker).validate("y", ("query", "x"))
        assert errors[0]["type"] == "string_pattern_mismatch"
    else:
        assert marker.example == "x"


def test_security_hands_its_scopes_down_once_each():
    def current_user(): ...

    marker = param_functions.Security(current_user, scopes=["a", "b", "a"])
    assert isinstance(marker, params.Depends)
    assert marker.dependency is current_user
    assert marker.labels == ("a", "b")
    assert param_functions.Security(current_user).labels == ()
    with pytest.raises(TypeError, match=r"scopes=\['items'\]"):
        param_functions.Security(current_user, scopes="items")


def test_depends_takes_the_dependency_by_position_only_first():
    marker = param_functions.Depends(len, use_cache=False, scope="function")
    assert (marker.dependency, marker.use_cache, marker.scope) == (len, False, "function")
    with pytest.raises(TypeError):
        param_functions.Depends(len, False)  # type: ignore[call-arg]


def test_markers_describe_fields_of_models():
    class Model(BaseModel):
        name: Annotated[str, params.Query(min_length=2, alias="n")]
        token: str = param_functions.Header(convert_underscores=False)

    assert Model.model_validate({"n": "ab", "token": "t"}).name == "ab"
    assert Model.model_fields["token"].convert_underscores is False  # type: ignore[attr-defined]
