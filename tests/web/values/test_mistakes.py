"""Declarations that no request could fill are refused, and say what to write instead."""

import inspect
import re
import subprocess
import sys
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field
from starlette.background import BackgroundTasks
from starlette.requests import Request
from starlette.responses import Response

from tenure.web import Body, Form, Header, Path, Query
from tenure.web.bind.fields import field_for
from tenure.web.exceptions import FastAPIError, ParameterDeclarationError

EMPTY = inspect.Parameter.empty
needs_data: Any = lambda data: 1  # noqa: E731 - a factory as pydantic allows it in models


class Model(BaseModel):
    a: int


MISTAKES: dict[str, tuple[Any, Any, str, str]] = {
    "a default inside Annotated": (
        Annotated[int, Query(3)],
        EMPTY,
        "default 3 of the parameter 'x' is inside Annotated",
        "x: Annotated[...] = 3",
    ),
    "a marker twice": (
        Annotated[int, Query()],
        Header(),
        "'x' has Query() in its annotation and Header() as its default",
        "keep the one in Annotated",
    ),
    "pydantic's Field as default": (int, Field(gt=3), "pydantic's Field()", "Annotated"),
    "a default and a factory": (
        Annotated[int, Query(default_factory=int)],
        5,
        "'x' has the default 5 and a default_factory",
        "keep one",
    ),
    "a factory with an argument": (
        Annotated[int, Query(default_factory=needs_data)],
        EMPTY,
        "default_factory of the parameter 'x' takes an argument",
        "without arguments",
    ),
    "a dict in the query": (
        Annotated[dict, Query()],
        EMPTY,
        "query parameter 'x' has the type dict",
        "Body()",
    ),
    "an unknown class": (
        re.Match,
        EMPTY,
        "'x' has the type <class 're.Match'>, which pydantic cannot validate",
        "Depends()",
    ),
    "a constraint that does not fit": (
        Annotated[Any, Query(gt=3, strict=True)],
        EMPTY,
        "'x' has the type typing.Any, which pydantic cannot validate: Unable to apply",
        "",
    ),
    "a request with a marker": (
        Annotated[Request, Query()],
        EMPTY,
        "'x' is a Request, which the framework fills, and has Query()",
        "remove Query()",
    ),
    "a response with a marker as default": (Response, Body(), "'x' is a Response", "remove Body()"),
    "tasks that nobody fills": (BackgroundTasks, None, "'x' is a BackgroundTasks", "filled by"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused(mistake):
    annotation, default, message, hint = MISTAKES[mistake]
    with pytest.raises(ParameterDeclarationError, match=re.escape(message)) as caught:
        field_for("x", annotation, default)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert isinstance(caught.value, FastAPIError)


PATH_MISTAKES: dict[str, tuple[Any, Any, str]] = {
    "another marker": (
        Annotated[int, Query()],
        EMPTY,
        "'x' stands in the path of the route and is declared with Query()",
    ),
    "a default": (Annotated[int, Path()], 3, "'x' has the default 3, but is always there"),
    "a list": (list[int], EMPTY, "path parameter 'x' has the type list[int]"),
    "a model": (Model, EMPTY, "path parameter 'x' has the type Model"),
}


@pytest.mark.parametrize("mistake", PATH_MISTAKES)
def test_a_mistake_in_the_path_is_refused(mistake):
    annotation, default, message = PATH_MISTAKES[mistake]
    with pytest.raises(ParameterDeclarationError, match=re.escape(message)):
        field_for("x", annotation, default, frozenset({"x"}))


def test_a_path_marker_takes_no_default():
    with pytest.raises(
        ParameterDeclarationError, match=re.escape("Path() was given the default 3")
    ):
        Path(3)


def test_forms_without_their_parser_are_refused(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ParameterDeclarationError, match="pip install python-multipart"):
        field_for("x", Annotated[str, Form()])


def test_models_of_pydantic_1_are_refused():
    program = """
import warnings
warnings.simplefilter("ignore")
from pydantic.v1 import BaseModel
from tenure.web.bind.fields import field_for
from tenure.web.encoders import jsonable_encoder
from tenure.web.exceptions import PydanticV1NotSupportedError
from tenure.web.reply.model import ResponseModel
class Old(BaseModel):
    a: int = 1
for refused in (
    lambda: field_for("x", Old),
    lambda: field_for("x", list[Old]),
    lambda: field_for("x", Old | None),
    lambda: ResponseModel(Old),
    lambda: jsonable_encoder(Old()),
):
    try:
        refused()
    except PydanticV1NotSupportedError as error:
        assert "Old" in str(error), error
    else:
        raise SystemExit("accepted")
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
