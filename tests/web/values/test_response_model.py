"""Response models against FastAPI's serialisation: what is written, what is refused."""

import asyncio
import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Optional, Union

import fastapi.exceptions
import pytest
from fastapi.routing import serialize_response
from fastapi.utils import create_model_field
from pydantic import BaseModel, Field, computed_field
from starlette.responses import Response

from tenure.web.exceptions import ResponseModelDeclarationError, ResponseValidationError
from tenure.web.reply.model import ResponseModel


class Item(BaseModel):
    name: str
    price: Decimal = Decimal("1.50")
    note: str | None = None
    when: dt.date | None = Field(default=None, alias="on")

    @computed_field
    def double(self) -> float:
        return float(self.price) * 2


class Wider(Item):
    secret: str = "s"


class Record:
    """Like an object of an ORM: attributes only."""

    name = "r"
    price = "2"
    note = None
    on = None


@dataclass
class Pair:
    a: int
    b: list[float]


ANNOTATIONS: dict[str, Any] = {
    "Item": Item,
    "list[Item]": list[Item],
    "Item | None": Item | None,
    "dict": dict[str, Item],
    "dataclass": Pair,
    "int": int,
    "constrained": Annotated[int, Field(gt=3)],
    "union": Union[Item, int],  # noqa: UP007
    "Optional": Optional[int],  # noqa: UP045
    "Any": Any,
    "float": float,
    "bytes": bytes,
    "None": None,
}
RESULTS: dict[str, Any] = {
    "item": Item(name="n"),
    "item, some set": Item(name="n", note="x", on=dt.date(2020, 1, 1)),
    "wider item": Wider(name="n"),
    "dict": {"name": "n", "price": 1, "more": 2},
    "record": Record(),
    "list": [Item(name="n"), {"name": "m"}, Record()],
    "wrong": {"price": "x"},
    "dict of items": {"k": {"name": "n"}},
    "pair": Pair(1, [1, float("nan")]),
    "int": 4,
    "text": "5",
    "None": None,
    "bytes": b"b",
    "inf": float("inf"),
}
OPTIONS: list[dict[str, Any]] = [
    {},
    {"include": {"name"}},
    {"exclude": {"name", "double"}},
    {"by_alias": False},
    {"exclude_unset": True},
    {"exclude_defaults": True},
    {"exclude_none": True},
]


def by_fastapi(annotation, result, options, *, dump_json):
    field = create_model_field(name="Response", type_=annotation, mode="serialization")
    try:
        return asyncio.run(
            serialize_response(field=field, response_content=result, dump_json=dump_json, **options)
        )
    except fastapi.exceptions.ResponseValidationError as error:
        return [repr(each) for each in error.errors()], error.body
    except Exception as error:
        return type(error), str(error)


def by_tenure(annotation, result, options, *, dump_json):
    try:
        model = ResponseModel(annotation, **options)
        value = model.validate(result)
        return model.to_json(value) if dump_json else model.to_python(value)
    except ResponseValidationError as error:
        return [repr(each) for each in error.errors()], error.body
    except Exception as error:
        return type(error), str(error)


@pytest.mark.parametrize("name", ANNOTATIONS)
@pytest.mark.parametrize("dump_json", [True, False], ids=["bytes", "python"])
def test_results_are_written_as_by_fastapi(name, dump_json):
    annotation = ANNOTATIONS[name]
    for options in OPTIONS if "Item" in name else OPTIONS[:1]:
        for label, result in RESULTS.items():
            theirs = by_fastapi(annotation, result, options, dump_json=dump_json)
            ours = by_tenure(annotation, result, options, dump_json=dump_json)
            assert repr(ours) == repr(theirs), (label, options)


def test_a_result_that_does_not_fit_names_the_endpoint():
    context: Any = {"path": "GET /", "function": "read", "file": "app.py", "line": 3}
    with pytest.raises(ResponseValidationError) as caught:
        ResponseModel(int).validate("x", endpoint_context=context)
    assert caught.value.errors()[0]["loc"] == ("response",)
    assert caught.value.body == "x"
    assert 'File "app.py", line 3, in read\n    GET /' in str(caught.value)


@pytest.mark.parametrize("annotation", [Response | None, Response | dict], ids=str)
def test_an_annotation_without_schema_is_refused(annotation):
    with pytest.raises(ResponseModelDeclarationError, match="response_model=None"):
        ResponseModel(annotation)
