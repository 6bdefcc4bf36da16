"""What parameters of one type share, and what they keep for themselves."""

from datetime import date
from typing import Any, Optional
from uuid import UUID

import pytest
from annotated_types import Gt
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from tenure.web.bind.fields import field_for
from tenure.web.bind.validation import Validation
from tenure.web.params import Query


class Item(BaseModel):
    size: int


COMMON = (int, str, bool, float, bytes, date, UUID, int | None, Optional[str])  # noqa: UP045
OWN = (list[int], int | str, int | str | None, Item, dict, Any)


@pytest.mark.parametrize("annotation", COMMON, ids=str)
def test_a_common_type_is_given_to_pydantic_once(
    annotation: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    field_for("first", annotation)
    monkeypatch.setattr(TypeAdapter, "__init__", None)
    second = field_for("second", annotation, Query(None, title="Second"))
    assert second.validation.run is field_for("third", annotation).validation.run
    assert second.validation.absent(("query", "second")) == (None, ())


@pytest.mark.parametrize("annotation", OWN, ids=str)
def test_other_types_have_a_validator_of_their_own(annotation: Any) -> None:
    first, second = (Validation(FieldInfo(annotation=annotation)) for _ in range(2))
    assert first.run is not second.run


def test_what_is_asked_of_a_value_holds_for_it_alone() -> None:
    free, bound = field_for("free", int), field_for("bound", int, Query(gt=3))
    assert free.read({"free": "1"}) == (1, ())
    _, errors = bound.read({"bound": "1"})
    assert [each["type"] for each in errors] == ["greater_than"]
    assert FieldInfo(annotation=int, gt=3).metadata == [Gt(3)]


def test_a_default_that_is_validated_is_validated() -> None:
    wrong: Any = "no number"
    field = field_for("size", int, Query(wrong, validate_default=True))
    _, errors = field.validation.absent(("query", "size"))
    assert [each["type"] for each in errors] == ["int_parsing"]


def test_each_parameter_keeps_what_it_says_of_itself() -> None:
    first = field_for("first", int, Query(1, title="First"))
    second = field_for("second", int, Query(2, description="the second"))
    assert first.validation.adapter.json_schema() == {
        "default": 1,
        "title": "First",
        "type": "integer",
    }
    assert second.validation.adapter.json_schema() == {
        "default": 2,
        "description": "the second",
        "type": "integer",
    }
