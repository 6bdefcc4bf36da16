"""The entries of a 422 and the values that are read, as written expectations."""

from typing import Annotated

import pytest
from pydantic import AliasChoices, BaseModel, ConfigDict, Field
from starlette.datastructures import Headers, QueryParams

from tenure.web import Body, Cookie, Header, Path, Query
from tenure.web.bind.fields import field_for


def read(declaration, values, name="x", default=...):
    field = (
        field_for(name, declaration) if default is ... else field_for(name, declaration, default)
    )
    value, errors = field.read(values)
    return list(errors) or value


QUERY_OF_INT = {
    "x=3": 3,
    "x=1&x=2": 2,
    "": [{"type": "missing", "loc": ("query", "x"), "msg": "Field required", "input": None}],
    "x=": [
        {
            "type": "int_parsing",
            "loc": ("query", "x"),
            "msg": "Input should be a valid integer, unable to parse string as an integer",
            "input": "",
        }
    ],
}


@pytest.mark.parametrize("query", QUERY_OF_INT)
def test_an_int_in_the_query(query):
    assert read(int, QueryParams(query)) == QUERY_OF_INT[query]


def test_a_constraint_adds_its_context_and_no_url():
    entries = read(Annotated[int, Query(gt=3)], QueryParams("x=1"))
    assert entries == [
        {
            "type": "greater_than",
            "loc": ("query", "x"),
            "msg": "Input should be greater than 3",
            "input": "1",
            "ctx": {"gt": 3},
        }
    ]
    assert list(entries[0]) == ["type", "loc", "msg", "input", "ctx"]


def test_a_list_reads_every_occurrence_and_none_is_missing():
    assert read(Annotated[list[int], Query()], QueryParams("x=1&x=2")) == [1, 2]
    assert read(Annotated[list[int], Query()], QueryParams("")) == [
        {"type": "missing", "loc": ("query", "x"), "msg": "Field required", "input": None}
    ]
    errors = read(Annotated[list[int], Query()], QueryParams("x=1&x=no"))
    assert [each["loc"] for each in errors] == [("query", "x", 1)]


def test_headers_are_found_by_their_hyphens():
    values = Headers({"user-agent": "curl"})
    assert read(Annotated[str, Header()], values, "user_agent") == "curl"
    as_written = Annotated[str, Header(convert_underscores=False)]
    assert read(as_written, values, "user_agent")[0]["loc"] == ("header", "user_agent")


def test_a_list_of_headers():
    values = Headers(raw=[(b"x-token", b"a"), (b"x-token", b"b")])
    assert read(Annotated[list[str], Header()], values, "x_token") == ["a", "b"]
    assert read(Annotated[str, Header()], values, "x_token") == "a"


def test_of_alias_choices_the_first_that_is_sent_counts():
    declaration = Annotated[int, Query(validation_alias=AliasChoices("new", "old"))]
    assert read(declaration, QueryParams("old=1")) == 1
    assert read(declaration, QueryParams("old=1&new=2")) == 2
    assert read(declaration, QueryParams("old=no"))[0]["loc"] == ("query", "old")
    assert read(declaration, QueryParams(""))[0]["loc"] == ("query", "new")


def test_of_alias_choices_a_path_has_the_one_that_is_in_it():
    declaration = Annotated[int, Path(validation_alias=AliasChoices("id", "item_id"))]
    field = field_for("x", declaration, path_names=frozenset({"item_id"}))
    assert field.read({"item_id": "4"}) == (4, ())


def test_a_cookie():
    assert read(Annotated[str, Cookie(alias="sid")], {"sid": "1"}) == "1"


def test_a_default_is_copied_for_each_request():
    field = field_for("x", Annotated[list[int], Query()], [1])
    first, _ = field.read(QueryParams(""))
    second, _ = field.read(QueryParams(""))
    assert first == second == [1]
    first.append(2)
    assert field.read(QueryParams("")) == ([1], ())


def test_a_default_factory_is_called_for_each_request():
    made = iter(range(10))
    field = field_for("x", Annotated[int, Query(default_factory=lambda: next(made))])
    assert [field.read(QueryParams(""))[0] for _ in range(3)] == [0, 1, 2]
    assert field.required is False


def test_a_default_is_validated_only_on_request():
    assert read(Annotated[int, Query()], QueryParams(""), default="seven") == "seven"
    entries = read(Annotated[int, Query(validate_default=True)], QueryParams(""), default="seven")
    assert entries[0]["type"] == "int_parsing"


class Page(BaseModel):
    model_config = ConfigDict(extra="forbid")
    limit: int = Field(default=10, gt=0)
    tags: list[str] = []


def test_a_model_in_the_query():
    declaration = Annotated[Page, Query()]
    assert read(declaration, QueryParams("limit=3&tags=a&tags=b")) == Page(limit=3, tags=["a", "b"])
    assert read(declaration, QueryParams("")) == Page()
    assert read(declaration, QueryParams("extra=1&extra=2")) == [
        {
            "type": "extra_forbidden",
            "loc": ("query", "extra"),
            "msg": "Extra inputs are not permitted",
            "input": ["1", "2"],
        }
    ]


class Agent(BaseModel):
    user_agent: int


def test_errors_of_a_model_of_headers_name_the_header():
    declaration = Annotated[Agent, Header()]
    entries = read(declaration, Headers({"user-agent": "x"}))
    assert entries[0]["loc"] == ("header", "user-agent")
    entries = read(declaration, Headers({"user_agent": "1"}))
    assert (entries[0]["type"], entries[0]["loc"]) == ("missing", ("header", "user-agent"))


def test_an_optional_model_is_none_where_nothing_of_it_is_sent():
    declaration = Annotated[Agent | None, Query()]
    assert read(declaration, QueryParams("other=1"), default=None) is None
    assert read(declaration, QueryParams("user_agent=1"), default=None) == Agent(user_agent=1)


def test_a_field_of_the_body_is_not_read_alone():
    with pytest.raises(TypeError, match="BodyPlan"):
        field_for("x", Annotated[int, Body()]).read({})


class Later(BaseModel):
    child: "Child"  # type: ignore[name-defined] # noqa: F821 - defined by the test below


def test_a_forward_reference_may_be_resolved_after_the_declaration():
    field = field_for("x", Later)
    globals()["Child"] = type("Child", (BaseModel,), {"__annotations__": {"n": int}})
    try:
        value, errors = field.validate({"child": {"n": 1}}, ("body",))
        assert (value.child.n, errors) == (1, ())
    finally:
        del globals()["Child"]
